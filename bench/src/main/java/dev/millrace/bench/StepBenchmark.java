package dev.millrace.bench;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Batch;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The parts of one MoCo v2 step on views that are ready. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class StepBenchmark {
  /** Channels of the first stage. */
  @Param({"16", "64"})
  public int width;

  /** Pictures a step. */
  @Param({"128"})
  public int batch;

  private MoCoV2 method;
  private Sgd sgd;
  private Tensor views;

  /** A net and two batches of noise. */
  @Setup(Level.Trial)
  public void setUp() {
    Natives.load();
    Natives.threads(Runtime.getRuntime().availableProcessors());
    Device cpu = new Device("cpu");
    method =
        new MoCoV2(
            new MoCoV2.Settings(4096, 0.99, 0.1, 128, 1),
            new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL),
            cpu,
            Precision.BF16,
            0);
    sgd = new Sgd(new Sgd.Settings(0.9, 5e-4), method.weights());
    try (PointerScope scope = new PointerScope()) {
      views = torch.randn(batch, 3, 32, 32).contiguous(MemoryFormat.ChannelsLast);
      views.retainReference();
    }
  }

  /** Frees the nets. */
  @TearDown(Level.Trial)
  public void tearDown() {
    views.releaseReference();
    sgd.close();
    method.close();
  }

  /** All of a step. */
  @Benchmark
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      method.weights().zeroGradient();
      method.loss(new Batch(List.of(views, views), null)).backward();
      sgd.step(0.01);
    }
  }

  /** Both encoders and the loss, with the graph. */
  @Benchmark
  public void loss() {
    try (PointerScope scope = new PointerScope()) {
      method.loss(new Batch(List.of(views, views), null));
    }
  }

  /** The encoder in training mode, without a graph: the key encoder's part. */
  @Benchmark
  public void keyForward() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard none = new NoGradGuard();
        Precision.Autocast cast = Precision.BF16.autocast(new Device("cpu"))) {
      method.encoder().forward(views, true);
    }
  }

  /** The encoder in evaluation mode: features. */
  @Benchmark
  public void features() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard none = new NoGradGuard();
        Precision.Autocast cast = Precision.BF16.autocast(new Device("cpu"))) {
      method.encoder().forward(views, false);
    }
  }

  /** The optimiser's update. */
  @Benchmark
  public void update() {
    sgd.step(0.01);
  }
}
