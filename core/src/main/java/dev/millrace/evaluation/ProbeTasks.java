package dev.millrace.evaluation;

import dev.millrace.probe.Accuracy;
import dev.millrace.probe.Division;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearModel;
import dev.millrace.probe.LinearProbe;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downstream tasks by name: what each makes of one division of a set. */
public final class ProbeTasks {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeTasks.class);

  public static final String KNN = "knn";
  public static final String LINEAR = "linear";
  public static final String FEW_SHOT = "few-shot";
  static final String FINETUNE = "finetune";

  /** The tasks that labels answer. */
  static final List<String> ALL = List.of(KNN, LINEAR, FEW_SHOT, FINETUNE);

  private static final int NAMED = 5;

  /** Those of some tasks that are done on frozen features, in seconds; no net is trained. */
  static List<String> frozen(List<String> tasks) {
    return tasks.stream().filter(List.of(KNN, LINEAR, FEW_SHOT)::contains).toList();
  }

  private ProbeTasks() {}

  /** The settings of a task as one line: equal lines, equal answers. */
  static String describe(String task, TaskSettings settings, Division division, int threads) {
    return switch (task) {
      case KNN -> neighbours(settings, division).toString();
      case LINEAR -> settings.linear(division.byClass()).toString();
      case FEW_SHOT -> settings.fewShot().toString();
      // The sums of a step depend on the number of threads, and training carries them on.
      case FINETUNE -> settings.fineTuning() + " threads " + threads;
      default -> throw UsageException.of("--task", task + " is unknown");
    };
  }

  /** Does a task; one answer, or one for each number of shots. */
  static List<Probing.Result> judge(Judge judge, Division division, String task)
      throws IOException {
    division.requireParts(task);
    return switch (task) {
      case KNN -> List.of(knn(judge, division));
      case LINEAR -> List.of(linear(judge, division));
      case FEW_SHOT -> fewShot(judge, division);
      case FINETUNE -> List.of(fineTune(judge, division));
      default -> throw UsageException.of("--task", task + " is unknown");
    };
  }

  /** The neighbours that vote in a division. */
  public static Knn.Settings neighbours(TaskSettings settings, Division division) {
    return settings.knn().of(division.learned(), division.classes().size());
  }

  /** Reports in a line that fewer neighbours vote than the paper's 200. */
  static void reportNeighbours(TaskSettings settings, Division division) {
    Knn.Settings cut = neighbours(settings, division);
    if (settings.knn().k() == Knn.Neighbours.AUTO && cut.k() < Knn.Settings.paper().k()) {
      LOG.info(
          "{}: the nearest {} vote, as many as each of its {} classes has training pictures; --knn-k 200 for the usual number",
          division.data(),
          cut.k(),
          division.classes().size());
    }
  }

  private static Probing.Result knn(Judge judge, Division division) throws IOException {
    List<ImageSet> known = new ArrayList<>(division.train());
    known.addAll(division.validation());
    FeatureMatrix train = judge.features(known);
    Knn.Settings settings = neighbours(judge.tasks(), division);
    Accuracy accuracy = Knn.accuracy(train, judge.features(division.test()), settings);
    Map<String, Object> by = learned(division, train.n());
    by.put("k", settings.k());
    by.put("temperature", settings.temperature());
    return result(judge, division, KNN, accuracy, null, by);
  }

  /** What every task that learns from a division's training pictures says of them. */
  private static Map<String, Object> learned(Division division, int pictures) {
    Map<String, Object> by = new LinkedHashMap<>();
    by.put("trained_on", pictures);
    by.put("subset_of", division.subsetOf());
    return by;
  }

  private static Probing.Result linear(Judge judge, Division division) throws IOException {
    FeatureMatrix test = judge.features(division.test());
    Known known = known(judge, division);
    LinearModel model =
        LinearProbe.fit(
            known.parts().train(),
            known.parts().validation(),
            judge.tasks().linear(division.byClass()),
            judge::stop);
    Map<String, Object> by =
        learned(division, known.parts().train().n() + known.parts().validation().n());
    if (division.validation().isEmpty()) {
      by.put("seed", judge.tasks().seed()); // it draws the validation part
    }
    Accuracy accuracy = judged(model, known.present(), test);
    return result(judge, division, LINEAR, accuracy, model.lambda(), by);
  }

  /**
   * What the linear probe learns from and chooses by.
   *
   * @param parts labelled 0 … by the place of the class in present
   * @param present the classes with training pictures
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once; compared by nobody
  record Known(LinearProbe.Parts parts, int[] present) {}

  /** The set's own validation part, or one held out of its training part. */
  static Known known(Judge judge, Division division) throws IOException {
    FeatureMatrix train = judge.features(division.train());
    int[] present = present(train, division);
    int[] numbers = numbers(present, division);
    FeatureMatrix dense = train.relabelled(numbers);
    return new Known(
        division.validation().isEmpty()
            ? LinearProbe.parts(dense, judge.tasks().linear(division.byClass()))
            : new LinearProbe.Parts(
                dense, judge.features(division.validation()).relabelled(numbers)),
        present);
  }

  /** The classes with training pictures; the others cannot be learned, and are told. */
  public static int[] present(FeatureMatrix train, Division division) {
    int[] counts = train.counts(division.classes().size());
    int[] present = IntStream.range(0, counts.length).filter(c -> counts[c] > 0).toArray();
    if (present.length < 2) {
      throw new IllegalArgumentException(
          "%s has training pictures of %d class, expected 2 or more: give more --images"
              .formatted(division.data(), present.length));
    }
    if (present.length < counts.length) {
      LOG.warn(
          "{}: {} of {} classes have no training picture and count as wrong: {}",
          division.data(),
          counts.length - present.length,
          counts.length,
          names(division, IntStream.range(0, counts.length).filter(c -> counts[c] == 0).toArray()));
    }
    return present;
  }

  /** The place of each class among the present ones, -1 for others. */
  public static int[] numbers(int[] present, Division division) {
    int[] numbers = new int[division.classes().size()];
    Arrays.fill(numbers, -1);
    IntStream.range(0, present.length).forEach(i -> numbers[present[i]] = i);
    return numbers;
  }

  /** What a model of the present classes makes of a division's test part. */
  public static Accuracy judged(LinearModel model, int[] present, FeatureMatrix test) {
    int[] told = Arrays.stream(model.predict(test)).map(c -> present[c]).toArray();
    return Accuracy.of(told, test.labels());
  }

  private static List<Probing.Result> fewShot(Judge judge, Division division) throws IOException {
    FeatureMatrix features = judge.features(division.episodes());
    List<Probing.Result> results = new ArrayList<>();
    for (FewShot.Settings settings : judge.tasks().fewShot()) {
      int[] counts = features.counts(division.classes().size());
      int[] few =
          IntStream.range(0, counts.length).filter(c -> counts[c] < settings.needed()).toArray();
      String left =
          "%d of %d classes with fewer than %d + %d pictures: %s"
              .formatted(
                  few.length,
                  counts.length,
                  settings.shots(),
                  settings.queries(),
                  names(division, few));
      if (counts.length - few.length < settings.ways()) {
        throw new IllegalArgumentException(
            "%s has %d classes for few-shot episodes of --ways %d, after leaving out %s; lower --ways, --shots or --queries"
                .formatted(division.data(), counts.length - few.length, settings.ways(), left));
      }
      if (few.length > 0) {
        LOG.warn("{}, few-shot: left out {}", division.data(), left);
      }
      FewShot.Score score = FewShot.score(features, settings);
      Map<String, Object> by = new LinkedHashMap<>();
      by.put("judged_on", features.n());
      by.put("chance", 100.0 / settings.ways());
      by.put("size", judge.size());
      by.put("ways", settings.ways());
      by.put("queries", settings.queries());
      by.put("episodes", settings.episodes());
      by.put("head", settings.head().name().toLowerCase(Locale.ROOT));
      by.put("seed", settings.seed());
      by.put("precision", judge.shownPrecision());
      results.add(
          new Probing.Result(
              FEW_SHOT,
              division.data(),
              division.episodeSplit(),
              judge.encoder().chunk(),
              settings.shots(),
              "top1",
              score.mean(),
              score.ci95(),
              judge.encoder().label(),
              null,
              Conditions.of(by)));
    }
    return results;
  }

  private static Probing.Result fineTune(Judge judge, Division division) throws IOException {
    List<ImageSet> pieces = new ArrayList<>(division.train());
    pieces.addAll(division.validation());
    ImageSet train = good(new Union(division.data(), pieces), judge.threads());
    try (FineTuning tuning =
        new FineTuning(
            judge.tasks().fineTuning(),
            judge.net(),
            division.classes().size(),
            judge.size(),
            judge.device(),
            judge.precision())) {
      double loss = tuning.train(train, judge.threads(), judge::stop);
      LOG.debug("fine-tuning on {}: mean loss of the last epoch {}", division.data(), loss);
      FeatureMatrix test = judge.features(tuning.encoder(), division.test());
      FineTuning.Settings settings = judge.tasks().fineTuning();
      Map<String, Object> by = learned(division, train.size());
      by.put("epochs", settings.epochs());
      by.put("batch", settings.batch());
      by.put("lr", settings.lr());
      by.put("seed", settings.seed());
      return result(judge, division, FINETUNE, tuning.head().accuracy(test), null, by);
    }
  }

  /** The pictures that decode; the frozen tasks' extractor leaves out the same. */
  private static ImageSet good(ImageSet set, int threads) {
    PictureCheck.Result check = PictureCheck.check(set, threads);
    if (!check.bad().isEmpty()) {
      String found =
          "%d of %d training pictures cannot be decoded, the first is %s (%s)"
              .formatted(
                  check.bad().size(),
                  set.size(),
                  check.bad().get(0).id(),
                  check.bad().get(0).reason());
      if (check.bad().size() > Features.MAX_BAD * set.size()) {
        throw new IllegalArgumentException(
            set.name() + ": " + found + "; more than 1 %: mend them or take them out of the set");
      }
      LOG.warn("{}, fine-tuning: left out what is bad: {}", set.name(), found);
    }
    return set.subset(set.name(), check.good());
  }

  private static Probing.Result result(
      Judge judge,
      Division division,
      String task,
      Accuracy accuracy,
      Double lambda,
      Map<String, Object> by) {
    boolean byClass = division.byClass();
    by.put("judged_on", accuracy.judged());
    by.put("held_out", division.heldOut() ? accuracy.judged() : null);
    by.put("chance", byClass ? accuracy.meanPerClassChance() : accuracy.top1Chance());
    by.put("size", judge.size());
    by.put("precision", judge.shownPrecision());
    return new Probing.Result(
        task,
        division.data(),
        division.split(),
        judge.encoder().chunk(),
        null,
        byClass ? "mean_per_class" : "top1",
        byClass ? accuracy.meanPerClass() : accuracy.top1(),
        byClass ? accuracy.meanPerClassError() : accuracy.top1Error(),
        judge.encoder().label(),
        lambda,
        Conditions.of(by));
  }

  private static String names(Division division, int[] classes) {
    return Some.of(Arrays.stream(classes).mapToObj(division.classes()::get).toList(), NAMED);
  }
}
