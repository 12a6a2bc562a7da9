package dev.millrace.bench;

import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Limits;
import dev.millrace.vision.decode.Pixels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A 640×480 JPEG from memory to pixels. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DecodeBenchmark {
  private byte[] jpeg;

  /** One made-up photograph. */
  @Setup
  public void setUp() throws Exception {
    Path folder = JpegFolder.made(1);
    jpeg = Files.readAllBytes(folder.resolve("000.jpg"));
  }

  /** As the check decodes: a look through the scans, then an eighth of the scale. */
  @Benchmark
  public Decoded check() throws Exception {
    return Decoder.decode(jpeg, Limits.STANDARD, (width, height) -> 8);
  }

  /** Decoding of a picture that nobody checked. */
  @Benchmark
  public Pixels unchecked() throws Exception {
    return Decoder.decode(jpeg);
  }

  /** The decoding of training. */
  @Benchmark
  public Pixels decode() throws Exception {
    return Decoder.trusted(jpeg, Decoded.Reduction.NONE).pixels();
  }
}
