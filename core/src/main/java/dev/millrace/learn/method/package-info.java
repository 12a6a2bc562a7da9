/**
 * What is learned from a batch of views: one paper per file, each with its settings, its heads,
 * what outputs are compared with and one {@code loss}. Losses themselves are stateless and live in
 * {@code objective}; what keeps an encoder from forgetting lives in {@code remedy}, and neither
 * knows the other. Depends on {@code learn.network}, {@code learn.objective}, {@code engine},
 * {@code draw}, {@code setting}, {@code refusal} and, where patches are hidden, {@code
 * vision.encoder}.
 */
package dev.millrace.learn.method;
