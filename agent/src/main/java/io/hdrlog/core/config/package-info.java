/**
 * The options: {@link io.hdrlog.core.config.Options} declares each once, {@link
 * io.hdrlog.core.config.ConfigLoader} reads the four sources, {@link io.hdrlog.core.config.Config}
 * is what the agent runs with. The README's table is printed from the declarations.
 */
package io.hdrlog.core.config;
