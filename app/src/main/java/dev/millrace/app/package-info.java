/**
 * The command: {@link dev.millrace.app.Main} and one class a sub-command. It parses flags, shows
 * progress on stderr, prints results on stdout and turns failures into exit codes. What a run does
 * lives in {@code dev.millrace.recipe} and below; nothing in core knows this package.
 */
package dev.millrace.app;
