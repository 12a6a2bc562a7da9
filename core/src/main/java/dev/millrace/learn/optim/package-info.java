/**
 * How weights change: stochastic gradient descent and LARS over flat storage, and the schedule of
 * the learning rate. Knows nothing of methods, pictures or runs; depends on {@code engine} and
 * {@code refusal}.
 */
package dev.millrace.learn.optim;
