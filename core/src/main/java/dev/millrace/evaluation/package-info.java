/**
 * What an encoder is worth: the probes of {@code dev.millrace.probe} applied to the encoders of a
 * run ({@link dev.millrace.evaluation.Probing}), one set or a suite of them, with every answer kept
 * in the run beside the conditions it was given under. Three protocols stand for three claims. kNN
 * asks whether pictures of one class already lie together, and trains nothing. A linear probe asks
 * whether a plane separates them: the number by which papers compare encoders. Few-shot episodes
 * and fine-tuning (classification, detection) ask what the encoder is worth as a start.
 *
 * <p>May use {@code recipe}'s settings and files, {@code probe} and below; never trains an encoder
 * on a stream, and knows nothing of reports.
 */
package dev.millrace.evaluation;
