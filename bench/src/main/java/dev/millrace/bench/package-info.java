/**
 * Speed: JMH benchmarks of single parts ({@code *Benchmark}), and {@link
 * dev.millrace.bench.SideBySide}, which runs {@link dev.millrace.bench.Ours} and the Python peer in
 * {@code bench/peer} in turns and prints ratios. No test and no product code; depends on core's
 * public parts, as a user's program would.
 */
package dev.millrace.bench;
