/**
 * The composition root: {@link dev.millrace.recipe.Settings} become a wired run. {@link
 * dev.millrace.recipe.Millrace} is the entry point for Java. Methods and remedies are listed here,
 * one line each ({@code Methods}, {@code RemedyParts}); reports have their own words for them. It
 * sees {@code learn}, {@code probe}, {@code insight}, {@code metric} and what they stand on, and
 * nothing of these sees it; {@code evaluation}, {@code analysis} and {@code ranks} stand above it.
 */
package dev.millrace.recipe;
