package dev.millrace.bench;

import dev.millrace.draw.Draw;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Randomness: a draw by its place, and an epoch's order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DrawBenchmark {
  private int n;

  /** One number of one place. */
  @Benchmark
  public double draw() {
    return Draw.of(0, "crop", 1, 2, n++, 0).uniform(0.2, 1);
  }

  /** The order of 20 000 pictures. */
  @Benchmark
  public int[] permutation() {
    return Draw.of(0, "epoch", n++).permutation(20_000);
  }
}
