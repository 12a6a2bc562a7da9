package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.Arenas;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.vision.encoder.RunningStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A residual network in training mode through {@link FusedResNet}. To autograd the features are a
 * leaf whose hook runs the backward steps, so {@code backward} on a loss reaches the weights as it
 * does through libtorch's operators; second derivatives and the pictures' gradients do not exist
 * here. Not thread-safe.
 */
final class FusedPass implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FusedPass.class);

  private record Made(FusedResNet net, Tensor factors) implements AutoCloseable {
    @Override
    public void close() {
      net.close();
      factors.releaseReference();
    }
  }

  private static final int FORMS = 8;

  private final ResNetShape shape;
  private final Parameters weights;
  private final Parameters statistics;
  private final Map<String, Parameters.Entry> weightEntries;
  private final Map<String, Parameters.Entry> statisticsEntries;
  private final Map<FusedResNet.Form, Made> made =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FusedResNet.Form, Made> eldest) {
          // A step uses a few forms, the latest; small chunks of many sizes must not fill memory.
          boolean full = size() > FORMS;
          if (full) {
            eldest.getValue().close();
          }
          return full;
        }
      };
  private final Arenas arenas = new Arenas();
  private boolean unsupported;

  FusedPass(
      ResNetShape shape,
      Parameters weights,
      String prefix,
      Parameters statistics,
      String statisticsPrefix) {
    this.shape = shape;
    this.weights = weights;
    this.statistics = statistics;
    weightEntries = entries(weights, prefix);
    statisticsEntries = entries(statistics, statisticsPrefix);
    unsupported = weights.device().cuda();
  }

  private static Map<String, Parameters.Entry> entries(Parameters parameters, String prefix) {
    Map<String, Parameters.Entry> entries = new LinkedHashMap<>();
    for (Parameters.Entry entry : parameters.layout().entries()) {
      if (entry.name().startsWith(prefix)) {
        entries.put(entry.name().substring(prefix.length()), entry);
      }
    }
    return entries;
  }

  /** A net's part of a flat storage. */
  private static Tensor part(Tensor flat, Map<String, Parameters.Entry> entries) {
    long from = entries.values().iterator().next().offset();
    long size = entries.values().stream().mapToLong(Parameters.Entry::size).sum();
    return flat.narrow(0, from, size);
  }

  /**
   * The features of a batch; normalisations use its statistics and update the running ones.
   *
   * @param x {@code [N, 3, H, W]}
   * @return {@code [N, D] float32}, the caller's scope owns it and what its backward pass needs;
   *     null where libtorch's operators are the better way
   */
  Tensor forward(Tensor x) {
    if (unsupported || x.size(0) < 2 || !FusedSteps.fits(shape)) {
      return null;
    }
    FusedResNet.Form form =
        new FusedResNet.Form(
            x.size(0),
            x.size(2),
            x.size(3),
            torch.is_autocast_enabled(DeviceType.CPU) ? Precision.BF16 : Precision.FP32,
            GradMode.is_enabled() && weights.gradient() != null,
            torch.get_num_threads());
    Made steps = made.get(form);
    if (steps == null) {
      try {
        steps = make(form);
      } catch (RuntimeException e) {
        unsupported = OneDnn.lacks(e);
        if (!unsupported) {
          throw e; // by circumstance, such as memory: the other way would compute other bits
        }
        LOG.info("libtorch's operators train this encoder: {}", e.getMessage());
        return null;
      }
      made.put(form, steps);
    }
    return forward(steps, form, x);
  }

  private Made make(FusedResNet.Form form) {
    FusedResNet net = new FusedResNet(shape, form, weightEntries, statisticsEntries);
    // Running variances take the unbiased estimate.
    Tensor factors =
        statistics.flat().new_empty(part(statistics.flat(), statisticsEntries).sizes());
    long first = statisticsEntries.values().iterator().next().offset();
    statisticsEntries.forEach(
        (name, entry) -> {
          double n = net.counts().get(name.substring(0, name.lastIndexOf('.')));
          double factor = name.endsWith("var") ? n / (n - 1) : 1;
          factors
              .narrow(0, entry.offset() - first, entry.size())
              .fill_(new Scalar(RunningStatistics.MOMENTUM * factor));
        });
    factors.retainReference();
    return new Made(net, factors);
  }

  private Tensor forward(Made steps, FusedResNet.Form form, Tensor x) {
    FusedResNet net = steps.net();
    Tensor pictures = x.to(ScalarType.Float).contiguous();
    Arenas.Lease arena = arenas.lend(net.program.arenaSize());
    Tensor running = part(statistics.flat(), statisticsEntries);
    Tensor batch = running.new_empty(running.sizes());
    Tensor features = running.new_empty(new long[] {x.size(0), shape.dim()});
    bind(net, pictures, arena, batch);
    net.program.bind(net.output, features.data_ptr());
    net.program.run(0, net.forwardSteps);
    try (NoGradGuard guard = new NoGradGuard()) {
      running.mul_(new Scalar(1 - RunningStatistics.MOMENTUM)).addcmul_(batch, steps.factors());
    }
    if (form.gradient()) {
      features.set_requires_grad(true);
      features.register_hook(
          new VoidTensorHook() {
            @Override
            public void call(TensorBase gradient) {
              backward(net, pictures, arena, batch, new Tensor(gradient));
            }
          });
    }
    if (!form.gradient()) {
      arena.close();
    }
    return features;
  }

  private void bind(FusedResNet net, Tensor pictures, Arenas.Lease arena, Tensor batch) {
    net.program.bindArena(arena);
    net.program.bind(net.input, pictures.data_ptr());
    net.program.bind(net.parameters, part(weights.flat(), weightEntries).data_ptr());
    net.program.bind(net.batchStatistics, batch.data_ptr());
  }

  private void backward(
      FusedResNet net, Tensor pictures, Arenas.Lease arena, Tensor batch, Tensor gradient) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor rows = gradient.contiguous();
      Tensor sum = part(weights.gradient(), weightEntries);
      Tensor mine = sum.new_empty(sum.sizes());
      bind(net, pictures, arena, batch);
      net.program.bind(net.outputGradient, rows.data_ptr());
      net.program.bind(net.gradients, mine.data_ptr());
      net.program.run(net.forwardSteps, net.allSteps);
      sum.add_(mine);
    }
  }

  @Override
  public void close() {
    arenas.close();
    made.values().forEach(Made::close);
    made.clear();
  }
}
