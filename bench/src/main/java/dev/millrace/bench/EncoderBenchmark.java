package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Pictures a second through an encoder in use, decoding and scaling included: 640×480 JPEGs to what
 * the network sees.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
public class EncoderBenchmark {
  private static final int LIST = 256;

  /** Architecture, width, stem and side of the view. */
  @Param({"resnet18-16-SMALL-32", "resnet18-64-IMAGENET-224"})
  public String encoder;

  /** Of the network. */
  @Param({"FP32", "BF16"})
  public Precision precision;

  private Encoder loaded;
  private byte[] jpeg;
  private BufferedImage decoded;
  private List<byte[]> list;

  /** An untrained encoder: weights change no time. */
  @Setup
  public void setUp() throws Exception {
    Compute.begin(Runtime.getRuntime().availableProcessors(), "cpu");
    String[] words = encoder.split("-", -1);
    int size = Integer.parseInt(words[3]);
    ResNetShape shape =
        new ResNetShape(words[0], Integer.parseInt(words[1]), ResNetShape.Stem.valueOf(words[2]));
    Path file = Files.createTempFile("encoder", ".safetensors");
    try (EncoderFile net = EncoderFile.untrained(shape, size, Map.of(), new Device("cpu"))) {
      net.net().initialise(Draw.of(0, "encoder"));
      EncoderFile.write(file, net.net(), size, Normalisation.imagenet(), Map.of());
    }
    loaded = Encoder.load(file, Encoder.Options.standard().with(precision));
    Files.delete(file);
    Path photograph = JpegFolder.made(1).resolve("000.jpg");
    jpeg = Files.readAllBytes(photograph);
    decoded = ImageIO.read(photograph.toFile());
    list = Collections.nCopies(LIST, jpeg);
  }

  /** Frees the encoder. */
  @TearDown
  public void tearDown() {
    loaded.close();
  }

  /** One encoded picture at a time. */
  @Benchmark
  public float[] single() throws Exception {
    return loaded.embed(jpeg);
  }

  /** One picture in memory at a time. */
  @Benchmark
  public float[] inMemory() throws Exception {
    return loaded.embed(decoded);
  }

  /** Four callers at once, each with one encoded picture at a time. */
  @Benchmark
  @Threads(4)
  public float[] fourCallers() throws Exception {
    return loaded.embed(jpeg);
  }

  /** A list of encoded pictures. */
  @Benchmark
  @OperationsPerInvocation(LIST)
  public float[][] list() throws Exception {
    return loaded.embedEncoded(list);
  }
}
