/**
 * Drift without labels: whether the newest pictures of a stream look, to the serving encoder, like
 * those before them. A two-sample test ({@link dev.millrace.live.drift.Mmd}) at a fixed sample
 * size, asked once per window, with an alarm threshold that follows from how many pictures shall
 * lie between two false alarms. The detector takes features and gives alarms; {@link
 * dev.millrace.live.drift.DriftRule} looks at the open chunk with it, and writes down what it
 * found. Depends on {@code live}'s rules and folder, {@code live.encoder}, {@code live.account}
 * (what a chunk is), {@code inference}, {@code vision.decode}, {@code draw}, {@code file} and
 * {@code refusal}; knows nothing of learning and judging.
 */
package dev.millrace.live.drift;
