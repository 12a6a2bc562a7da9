/**
 * What commands and studies alike show on a terminal: its window, a line drawn over itself, and
 * numbers as a person says them; and the streams that lines go to, in which no name of another can
 * forge one. Knows neither of them.
 */
package dev.millrace.terminal;
