package io.hdrlog.core.instrument;

/**
 * One advice for the methods of a class that match.
 *
 * @param advice name of the advice class
 * @param methods where it goes; an abstract or native method is never changed
 * @param required whether a class without such a method is one that the recipe does not fit
 */
public record Step(String advice, MethodMatcher methods, boolean required) {}
