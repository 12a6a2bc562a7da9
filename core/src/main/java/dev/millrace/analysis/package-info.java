/**
 * Why a run ended as it did: the mathematics of {@code dev.millrace.insight} applied to a run's
 * encoders and its pre-training loss ({@link dev.millrace.analysis.Insights}): forgetting per part
 * of the stream, health of features, sharpness of minima, loss landscapes, likeness of encoders
 * (CKA). Answers are kept in the run, each with checksums of what it is about.
 *
 * <p>May use {@code evaluation}, {@code recipe} and below. How a number is computed belongs to
 * {@code insight}, how it is drawn to the report.
 */
package dev.millrace.analysis;
