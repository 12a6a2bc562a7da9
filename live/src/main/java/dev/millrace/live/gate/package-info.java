/**
 * The gate between a candidate and the encoder that is served: {@link dev.millrace.live.gate.Judge}
 * compares the two, by labelled pictures or by held-out ones alone, and {@link
 * dev.millrace.live.gate.Gate} keeps the candidate, notes the verdict with its numbers, and serves
 * it or leaves the champion. Knows nothing of arrivals. Sees {@code live.encoder}, the run's
 * snapshots in {@code live.learn}, the folder and settings of {@code live}, and, to judge, {@code
 * probe}, {@code insight}, {@code recipe} and below.
 */
package dev.millrace.live.gate;
