package dev.millrace.app.evaluate;

import dev.millrace.evaluation.TaskSettings;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.Knn;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of single downstream tasks. */
@Command(sortOptions = false)
final class TaskFlags {
  @Option(
      names = "--knn-k",
      paramLabel = "K",
      description =
          "knn: neighbours that vote (default: as many as a class has training pictures, up to 200)")
  private Integer neighbours;

  @Option(
      names = "--knn-temperature",
      paramLabel = "X",
      description = "knn: a vote weighs exp(similarity / X) (default: 0.1)")
  private Double temperature;

  @Option(
      names = "--ways",
      paramLabel = "N",
      description = "few-shot: classes an episode (default: 5)")
  private Integer ways;

  @Option(
      names = "--shots",
      split = ",",
      paramLabel = "K",
      description = "few-shot: examples a class; with commas between (default: 1,5)")
  private List<Integer> shots;

  @Option(
      names = "--queries",
      paramLabel = "N",
      description = "few-shot: pictures a class to tell apart (default: 15)")
  private Integer queries;

  @Option(names = "--episodes", paramLabel = "N", description = "few-shot: episodes (default: 600)")
  private Integer episodes;

  @Option(
      names = "--few-shot-head",
      paramLabel = "HEAD",
      description = "few-shot: prototype (nearest class mean) or logistic (default: prototype)")
  private String head;

  @Option(names = "--epochs", paramLabel = "N", description = "finetune: epochs (default: 20)")
  private Integer epochs;

  @Option(names = "--batch", paramLabel = "N", description = "finetune: batch size (default: 64)")
  private Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "finetune: peak learning rate, cosine to 0 (default: 0.03)")
  private Double lr;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "finetune: weight decay (default: 0.0005)")
  private Double weightDecay;

  @Option(
      names = "--crop-min",
      paramLabel = "X",
      description = "finetune: smallest area share of a random crop (default: 0.5)")
  private Double cropMin;

  @Mixin private final DetectionFlags detection = new DetectionFlags();

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "seed of episodes, of the linear probe's validation part, of fine-tuning and detection (default: 0)")
  private long seed;

  /** The paper's protocols with what was given over them. */
  TaskSettings settings() {
    String name = or(head, "prototype");
    Choice.check("--few-shot-head", name, "prototype", "logistic");
    FewShot.Settings paper = FewShot.Settings.paper(1);
    FineTuning.Settings tuning = FineTuning.Settings.defaults();
    return new TaskSettings(
        or(shots, List.of(1, 5)).stream()
            .distinct()
            .map(
                k ->
                    new FewShot.Settings(
                        or(ways, paper.ways()),
                        k,
                        or(queries, paper.queries()),
                        or(episodes, paper.episodes()),
                        FewShot.Head.valueOf(name.toUpperCase(Locale.ROOT)),
                        seed))
            .toList(),
        new FineTuning.Settings(
            or(epochs, tuning.epochs()),
            or(batch, tuning.batch()),
            or(lr, tuning.lr()),
            or(weightDecay, tuning.weightDecay()),
            or(cropMin, tuning.cropMin()),
            seed),
        detection.settings(seed),
        knn(),
        seed);
  }

  private Knn.Neighbours knn() {
    if (neighbours != null && neighbours < 1) {
      throw UsageException.of("--knn-k", neighbours + " is below 1");
    }
    if (temperature != null && !(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw UsageException.of("--knn-temperature", temperature + " is not above 0");
    }
    Knn.Neighbours paper = Knn.Neighbours.paper();
    return new Knn.Neighbours(or(neighbours, paper.k()), or(temperature, paper.temperature()));
  }

  private static <T> T or(T given, T standard) {
    return given == null ? standard : given;
  }
}
