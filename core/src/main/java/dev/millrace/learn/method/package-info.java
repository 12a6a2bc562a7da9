/**
 * What is learned from a batch of views: one file a paper, each with its settings, nets and one
 * {@code loss}. Losses themselves are stateless and live in {@code objective}; what keeps an
 * encoder from forgetting lives in {@code retention}, and neither knows the other. Depends on
 * {@code engine}, {@code vision.encoder}, {@code learn.objective}, {@code learn.optim} and {@code
 * draw}.
 */
package dev.millrace.learn.method;
