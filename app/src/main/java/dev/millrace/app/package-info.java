/**
 * The command: {@link dev.millrace.app.Main} puts the sub-commands together and turns failures into
 * words and exit codes. Each room below it holds the sub-commands of one concern; they share {@code
 * app.shared} and do not see each other. What a run does lives in {@code dev.millrace.recipe} and
 * below; nothing in the libraries knows this package.
 */
package dev.millrace.app;
