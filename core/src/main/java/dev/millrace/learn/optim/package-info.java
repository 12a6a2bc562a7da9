/**
 * How weights change: stochastic gradient descent, LARS and AdamW over flat storage, and the
 * schedule of the learning rate. Knows nothing of methods, pictures or runs; depends on {@code
 * engine} and {@code refusal}.
 */
package dev.millrace.learn.optim;
