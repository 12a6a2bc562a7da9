/**
 * The composition root: {@link dev.millrace.recipe.Settings} become a wired run. {@link
 * dev.millrace.recipe.Millrace} is the entry point for Java. Methods and remedies are listed here,
 * one line each ({@code Methods}, {@code RemedyParts}); reports have their own words for them. It
 * sees everything, and nothing below sees it.
 */
package dev.millrace.recipe;
