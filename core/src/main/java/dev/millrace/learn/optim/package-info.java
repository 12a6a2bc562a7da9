/**
 * How weights change: stochastic gradient descent over flat storage, the learning-rate schedule and
 * the momentum twin. Knows nothing of methods, pictures or runs; depends on {@code
 * dev.millrace.engine}.
 */
package dev.millrace.learn.optim;
