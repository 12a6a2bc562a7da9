package dev.millrace.bench;

import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Decoder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A JPEG from memory to pixels at its own scale, a half, a quarter and an eighth of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class ReducedDecodeBenchmark {
  /** Columns and rows. */
  @Param({"640x480", "4000x3000"})
  public String picture;

  /** What the scale is divided by. */
  @Param({"1", "2", "4", "8"})
  public int reduction;

  private byte[] jpeg;

  /** One made-up photograph. */
  @Setup
  public void setUp() throws Exception {
    String[] sides = picture.split("x");
    jpeg = JpegFolder.bytes(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
  }

  /** The decoding of training. */
  @Benchmark
  public Decoded decode() throws Exception {
    return Decoder.trusted(jpeg, (width, height) -> reduction);
  }
}
