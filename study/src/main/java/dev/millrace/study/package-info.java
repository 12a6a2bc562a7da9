/**
 * Studies: a product of settings as many runs, each an ordinary run directory and a process of its
 * own, and the ledger that keeps their numbers. Flags and words on stdout belong to {@code
 * dev.millrace.app}, what a run does to {@code dev.millrace.recipe}, tables and plots to the
 * report. May use {@code evaluation}, {@code analysis}, {@code recipe} and below; only the process
 * of a single run loads natives.
 */
package dev.millrace.study;
