/**
 * How weights change: stochastic gradient descent over flat storage, and the schedule of its
 * learning rate. Knows nothing of methods, pictures or runs; depends on {@code
 * dev.millrace.engine}.
 */
package dev.millrace.learn.optim;
