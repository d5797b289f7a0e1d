/**
 * What the agent calls of the JDK's inside, as far as the compiler has to know it. Not in the jar:
 * calls are led to the JDK's own classes by their names (shade/pom.xml).
 */
package io.hdrlog.premain.jdk;
