/**
 * The composition root: {@link dev.millrace.recipe.Settings} become a wired run. {@link
 * dev.millrace.recipe.Millrace} is the entry point for Java. The only place that switches on names
 * of methods, streams and remedies; it sees everything, and nothing below sees it.
 */
package dev.millrace.recipe;
