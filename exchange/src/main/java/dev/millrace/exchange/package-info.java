/**
 * An encoder's way to other programs: vectors as files, models in other formats, and search. What
 * needs libraries that pre-training does not need lives here, so that {@code core} stays small;
 * pre-training and judging do not. Depends on {@code core}; the command and {@code serve} depend on
 * it.
 */
package dev.millrace.exchange;
