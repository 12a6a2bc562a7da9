/**
 * How weights change: stochastic gradient descent, LARS and AdamW over flat storage, and the
 * learning rate over the steps of a chunk. The rate of a stream that ends may fall to 0 once
 * ({@link dev.millrace.learn.optim.StreamCosine}) or in every chunk ({@link
 * dev.millrace.learn.optim.CosineSchedule}); by default it is constant, and falls on branches that
 * are published, if any ({@link dev.millrace.learn.optim.Wsd}). Knows nothing of methods, pictures
 * or runs; depends on {@code engine} and {@code refusal}.
 */
package dev.millrace.learn.optim;
