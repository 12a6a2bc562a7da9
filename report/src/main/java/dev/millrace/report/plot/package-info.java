/**
 * Plots as SVG: lines over an axis, intervals beside a zero line, heat maps. They know numbers and
 * names and nothing of studies. Colours are classes that {@code plot.css} binds to a light and a
 * dark theme, so that one picture serves both; the sizes of letters are estimated, not measured, so
 * that no font need be installed where a report is written. Depends on the JDK, without AWT, and
 * {@code file}.
 */
package dev.millrace.report.plot;
