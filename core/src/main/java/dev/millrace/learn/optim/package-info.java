/**
 * How weights change: stochastic gradient descent, LARS and AdamW over flat storage, and the
 * learning rate over the steps of a chunk. A stream that ends may fall to 0 once ({@link
 * dev.millrace.learn.optim.StreamCosine}) or in every chunk ({@link
 * dev.millrace.learn.optim.CosineSchedule}); one that does not end keeps a constant rate, which
 * falls on branches that are published and nowhere else ({@link dev.millrace.learn.optim.Wsd}).
 * Knows nothing of methods, pictures or runs; depends on {@code engine} and {@code refusal}.
 */
package dev.millrace.learn.optim;
