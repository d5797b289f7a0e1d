/**
 * The command line: {@link io.hdrlog.core.cli.Cli} knows the commands, each has a class of its own.
 * Output is for a person; what a program wants is in the log files as it is.
 */
package io.hdrlog.core.cli;
