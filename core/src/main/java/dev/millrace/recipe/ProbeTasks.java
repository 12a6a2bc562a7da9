package dev.millrace.recipe;

import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearModel;
import dev.millrace.probe.LinearProbe;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downstream tasks by name: what each makes of one division of a set. */
final class ProbeTasks {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeTasks.class);

  static final String KNN = "knn";
  static final String LINEAR = "linear";
  static final String FEW_SHOT = "few-shot";
  static final String FINETUNE = "finetune";

  /** The tasks that labels answer. */
  static final List<String> ALL = List.of(KNN, LINEAR, FEW_SHOT, FINETUNE);

  private static final int NAMED = 5;

  private ProbeTasks() {}

  /** The settings of a task as one line: equal lines, equal answers. */
  static String describe(String task, TaskSettings settings, boolean byClass, int threads) {
    return switch (task) {
      case KNN -> settings.knn().toString();
      case LINEAR -> settings.linear(byClass).toString();
      case FEW_SHOT -> settings.fewShot().toString();
      // The sums of a step depend on the number of threads, and training carries them on.
      case FINETUNE -> settings.fineTuning() + " threads " + threads;
      default -> throw new IllegalArgumentException("--task " + task + " is unknown");
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
      default -> throw new IllegalArgumentException("--task " + task + " is unknown");
    };
  }

  private static Probing.Result knn(Judge judge, Division division) throws IOException {
    List<ImageSet> known = new ArrayList<>(division.train());
    known.addAll(division.validation());
    Accuracy accuracy =
        Knn.accuracy(judge.features(known), judge.features(division.test()), judge.tasks().knn());
    return result(judge, division, KNN, accuracy, null);
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
    return result(judge, division, LINEAR, judged(model, known.present(), test), model.lambda());
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
  static int[] present(FeatureMatrix train, Division division) {
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
  static int[] numbers(int[] present, Division division) {
    int[] numbers = new int[division.classes().size()];
    Arrays.fill(numbers, -1);
    IntStream.range(0, present.length).forEach(i -> numbers[present[i]] = i);
    return numbers;
  }

  /** What a model of the present classes makes of a division's test part. */
  static Accuracy judged(LinearModel model, int[] present, FeatureMatrix test) {
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
              null));
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
      return result(judge, division, FINETUNE, tuning.head().accuracy(test), null);
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
      Judge judge, Division division, String task, Accuracy accuracy, Double lambda) {
    return new Probing.Result(
        task,
        division.data(),
        division.split(),
        judge.encoder().chunk(),
        null,
        division.byClass() ? "mean_per_class" : "top1",
        division.byClass() ? accuracy.meanPerClass() : accuracy.top1(),
        null,
        judge.encoder().label(),
        lambda);
  }

  private static String names(Division division, int[] classes) {
    return Arrays.stream(classes)
            .limit(NAMED)
            .mapToObj(c -> division.classes().get(c))
            .collect(Collectors.joining(", "))
        + (classes.length > NAMED ? " and " + (classes.length - NAMED) + " more" : "");
  }
}
