package io.hdrlog.core.instrument;

import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * One advice for the methods of a class that match.
 *
 * @param advice name of the advice class
 * @param methods where it goes
 * @param required whether a class without such a method is one that the recipe does not fit
 */
public record Step(
    String advice, ElementMatcher<? super MethodDescription> methods, boolean required) {}
