/**
 * The report of a study: one HTML page that opens offline, and its plots as SVG files. {@link
 * dev.millrace.report.StudyReport} reads the study's folder; each section turns numbers ({@code
 * report.numbers}) into tables and plots ({@code report.plot}) and computes nothing itself. All
 * text from data goes through {@code Html.escape}. It trains nothing and loads no natives.
 */
package dev.millrace.report;
