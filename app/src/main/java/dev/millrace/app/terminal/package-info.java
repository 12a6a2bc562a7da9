/**
 * What commands and studies alike show on a terminal: its window, a line drawn over itself, and
 * numbers as a person says them. Knows neither of them.
 */
package dev.millrace.app.terminal;
