/**
 * Counter-based randomness: a draw is a pure function of a seed, a purpose and a place, never a
 * state. Nothing here carries a generator on, so order, the number of workers and a restart cannot
 * change a result. Depends only on the JDK.
 */
package dev.millrace.draw;
