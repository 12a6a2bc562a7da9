package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import java.nio.FloatBuffer;
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

/** One view, by kind: random with everything, random without colour, plain. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ViewBenchmark {
  /** Side of the view and of the picture. */
  @Param({"32,32", "224,256"})
  public String sides;

  private int size;
  private Pixels picture;
  private ViewMaker maker;
  private ViewMaker cropOnly;
  private FloatBuffer out;
  private int n;

  /** A picture of noise: what is in it changes no time. */
  @Setup
  public void setUp() {
    size = Integer.parseInt(sides.split(",")[0]);
    int source = Integer.parseInt(sides.split(",")[1]);
    byte[] rgb = new byte[3 * source * source];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Draw.of(0, "noise", i).below(256);
    }
    picture = new Pixels(source, source, rgb);
    maker = new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet());
    cropOnly =
        new ViewMaker(
            new Augmentation(size, 0.2, 1, 0, 0, 0, 0, 0, 0, 0, 0.1, 2, 0.5),
            Normalisation.imagenet());
    out = FloatBuffer.allocate(3 * size * size);
  }

  /** MoCo v2's view. */
  @Benchmark
  public void random() {
    maker.augment(picture, new Place(0, 0, 0, n++, 0), out, 0);
  }

  /** Crop, resize, flip and normalise alone. */
  @Benchmark
  public void cropAndFlip() {
    cropOnly.augment(picture, new Place(0, 0, 0, n++, 0), out, 0);
  }

  /** A probe's view. */
  @Benchmark
  public void plain() {
    maker.plain(picture, size, out, 0);
  }
}
