package dev.millrace.bench;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.Targets;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.resnet.ResNetShape;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The parts of one MoCo v2 step on views that are ready. */
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
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

  private static final Moment AT = new Moment(0, 0, 0, 1, 0);

  private Learner learner;
  private Sgd sgd;
  private Tensor views;

  /** A net and two batches of noise. */
  @Setup(Level.Trial)
  public void setUp() {
    Compute.begin(Runtime.getRuntime().availableProcessors(), "cpu");
    Device cpu = new Device("cpu");
    MoCoV2.Settings settings = new MoCoV2.Settings(4096, 0.99, 0.1, 128, 1);
    ResNetShape shape = new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL);
    Network network =
        Network.of(shape, MoCoV2.heads(settings, shape.dim()), cpu, Precision.BF16, 0);
    learner = new Learner(network, new MoCoV2(settings, network, 0));
    sgd = new Sgd(new Sgd.Settings(0.9, 5e-4), learner.network().weights());
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
    learner.close();
  }

  /** All of a step. */
  @Benchmark
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      learner.network().weights().zeroGradient();
      step(learner.method(), true);
    }
  }

  /** Both encoders and the loss, with the graph. */
  @Benchmark
  public void loss() {
    try (PointerScope scope = new PointerScope()) {
      step(learner.method(), false);
    }
  }

  private <T extends Targets> void step(Method<T> method, boolean update) {
    Views both = new Views(List.of(views, views), null);
    method.beforeStep(AT);
    Outputs made = method.outputs(both, Mode.TRAINING);
    T targets = method.targets(both, made, Mode.TRAINING);
    Tensor loss = method.loss(made, targets);
    if (update) {
      loss.backward();
      sgd.step(0.01);
      method.afterStep(made, targets, AT);
    }
  }

  /** The encoder in training mode, without a graph: the key encoder's part. */
  @Benchmark
  public void keyForward() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard none = new NoGradGuard();
        Precision.Autocast cast = Precision.BF16.autocast(new Device("cpu"))) {
      learner.network().encoder().forward(views, true);
    }
  }

  /** The encoder in evaluation mode: features. */
  @Benchmark
  public void features() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard none = new NoGradGuard();
        Precision.Autocast cast = Precision.BF16.autocast(new Device("cpu"))) {
      learner.network().encoder().forward(views, false);
    }
  }

  /** The optimiser's update. */
  @Benchmark
  public void update() {
    sgd.step(0.01);
  }
}
