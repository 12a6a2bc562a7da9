/**
 * Processes that share a run's steps out among them: their collectives by libtorch's c10d (Gloo),
 * and those of one machine, started, watched and ended. Depends on {@code recipe}, {@code learn},
 * {@code stream.source}, {@code launch}, {@code engine} and {@code file}; nothing in {@code core}
 * knows it.
 */
package dev.millrace.ranks;
