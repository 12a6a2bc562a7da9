package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.Targets;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.SwappedPrediction;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A method's known way to collapse raises the alarm, which names what to change of it. */
class CollapseAlarmTest {
  @TempDir Path folder;

  private int runs;

  private static Settings settings(String words) {
    Map<String, Object> all =
        new HashMap<>(
            Map.of(
                "width",
                8,
                "size",
                16,
                "epochs",
                8,
                "batch",
                32,
                "queue",
                64,
                "threads",
                1,
                "dim",
                32,
                "projector-hidden",
                64,
                "lr",
                0.05,
                "precision",
                "fp32"));
    all.put("prototypes", 32);
    for (String word : words.strip().split(" ", -1)) {
      String[] pair = word.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    return Settings.defaults("generated:images=256;test=8;classes=4;size=16").with(all);
  }

  /** What the looks of a run told. */
  private List<RunEvent.HealthChecked> looks(Settings settings, Function<Learner, Method<?>> made)
      throws IOException {
    List<RunEvent.HealthChecked> looks = new ArrayList<>();
    Path run = folder.resolve("run" + runs++);
    Device device = Compute.begin(1, "cpu");
    RunChunks chunks = RunChunks.plan(settings);
    try (PointerScope scope = new PointerScope();
        Learner learner =
            Wiring.learner(settings, chunks, device, PartSettings.precision(settings));
        Optimiser optimiser = PartSettings.optimiser(settings, learner.network().weights());
        HealthCheck health =
            new HealthCheck(
                settings,
                learner.network(),
                step -> 0,
                event -> looks.add((RunEvent.HealthChecked) event))) {
      new Pretraining(
              index -> PartSettings.plan(settings, index),
              new Pretraining.Parts(
                  new Learner(learner.network(), made.apply(learner)),
                  new Remedies(List.of()),
                  optimiser,
                  PartSettings.views(settings),
                  new Alone()),
              chunks,
              chunks.classes(),
              run,
              new Checkpoints(run.resolve("checkpoints"), 2, "x", () -> null),
              (encoder, file) ->
                  EncoderFile.write(file, encoder, 16, Normalisation.imagenet(), Map.of()),
              health::on,
              () -> false)
          .run(1);
    }
    return looks;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "moco-v2 symmetric-loss=true | | without negatives | --warmup",
        "simclr | | without negatives | --temperature",
        "moco-v3 | lr=0.2 | without negatives | --warmup",
        "dcl | | without negatives | --temperature",
        "nnclr | lr=0.2 | without negatives | --queue",
        "supcon | | without negatives | --temperature",
        "barlow-twins | off-diagonal=10000 | | --off-diagonal nearer to 0.005",
        "byol momentum=0.9 epochs=16 | | without a predictor | --momentum nearer to 1",
        "simsiam | | with a gradient through both | --predictor-hidden",
        "swav | | without balanced assignments | more --sinkhorn-iterations",
        "dino | centre-momentum=0.99999 momentum=0.9 | | a smaller --centre-momentum where one",
        "dino epochs=16 teacher-warmup=1 | teacher-temperature=0.07 teacher-start=0.04 | | a lower --teacher-temperature",
        "vicreg | variance=0 covariance=0 | | --variance as large as --invariance",
        "lejepa | sigreg=0.0005 lr=0.3 | | a larger --sigreg",
        "mae encoder=vit-tiny patch=8 decoder-dim=16 decoder-depth=1 epochs=4 lr=0.0005 | lr=0.3 | | an --lr of at most",
      })
  void aKnownWayToCollapseRaisesTheAlarmThatSaysWhatToChangeAndTheMethodAsItIsDoesNot(
      String method, String wrong, String broken, String advice) throws IOException {
    Settings settings = settings("method=" + method);
    Settings changed = wrong == null ? settings : settings("method=" + method + " " + wrong);
    List<RunEvent.HealthChecked> alarms =
        looks(changed, learner -> broken(learner.method(), broken, changed.method().temperature()))
            .stream()
            .filter(RunEvent.HealthChecked::collapsed)
            .toList();
    assertThat(alarms).isNotEmpty();
    assertThat(alarms.get(0).advice()).contains(advice);
    assertThat(looks(settings, Learner::method)).hasSize(4).noneMatch(look -> look.collapsed());
  }

  /** The method without that which keeps it from its collapse; as it is where nothing is named. */
  private static Method<?> broken(Method<?> method, String how, double temperature) {
    if (how == null) {
      return method;
    }
    return switch (how) {
      case "without a predictor" ->
          new Broken<>(
              method,
              (made, against) ->
                  alike(made.embeddings().get(0), against.tensors().get(1))
                      .add(alike(made.embeddings().get(1), against.tensors().get(0)))
                      .mul(new Scalar(2.0)));
      case "without negatives" -> // views alike, as sharply, and nothing that keeps pictures apart
          new Broken<>(
              method,
              (made, against) ->
                  alike(made.embeddings().get(0), made.embeddings().get(1))
                      .div(new Scalar(temperature)));
      case "with a gradient through both" ->
          new Broken<>(
              method,
              (made, against) ->
                  alike(made.predictions().get(0), made.embeddings().get(1))
                      .add(alike(made.predictions().get(1), made.embeddings().get(0))));
      case "without balanced assignments" -> // each picture to where it scores most
          new Broken<>(
              method,
              (made, against) ->
                  SwappedPrediction.loss(
                      made.predictions(),
                      made.predictions().stream()
                          .<Tensor>map(s -> s.detach().div(new Scalar(0.05)).softmax(1))
                          .toList(),
                      0.1));
      default -> throw new IllegalArgumentException(how);
    };
  }

  /** The mean of −cos, with a gradient into both. */
  private static Tensor alike(Tensor one, Tensor two) {
    return unit(one).mul(unit(two)).sum(1).mean().neg();
  }

  private static Tensor unit(Tensor x) {
    Tensor length = x.square().sum(new long[] {1}, true, new ScalarTypeOptional()).sqrt();
    return x.div(length.clamp_min(new Scalar(1e-12)));
  }

  /** A method with another loss. */
  private static final class Broken<T extends Targets> implements Method<T> {
    private final Method<T> method;
    private final BiFunction<Outputs, Targets, Tensor> loss;

    Broken(Method<T> method, BiFunction<Outputs, Targets, Tensor> loss) {
      this.method = method;
      this.loss = loss;
    }

    @Override
    public int views() {
      return method.views();
    }

    @Override
    public void beforeStep(Moment at) {
      method.beforeStep(at);
    }

    @Override
    public Outputs outputs(Views views, Mode mode) {
      return method.outputs(views, mode);
    }

    @Override
    public T targets(Views views, Outputs made, Mode mode) {
      return method.targets(views, made, mode);
    }

    @Override
    public Tensor loss(Outputs made, T targets) {
      return loss.apply(made, targets);
    }

    @Override
    public T gathered(T own, Ranks ranks) {
      return method.gathered(own, ranks);
    }

    @Override
    public void afterStep(Outputs made, T targets, Moment at) {
      method.afterStep(made, targets, at);
    }

    @Override
    public Optional<Network> twin() {
      return method.twin();
    }

    @Override
    public Map<String, Tensor> state() {
      return method.state();
    }

    @Override
    public void close() {}
  }
}
