package dev.millrace.evaluation;

import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.LinearModel;
import dev.millrace.probe.LinearProbe;
import dev.millrace.probe.SplitParts;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logistic regression on frozen features, its regulariser chosen on a validation part. */
public final class LinearTask implements Task {
  private static final Logger LOG = LoggerFactory.getLogger(LinearTask.class);

  LinearTask() {}

  @Override
  public String name() {
    return ProbeTasks.LINEAR;
  }

  @Override
  public String describe(TaskSettings settings, SplitParts parts, int threads) {
    return settings.linear(parts.byClass()).toString();
  }

  @Override
  public List<ProbeResult> judge(Judge judge, SplitParts parts) throws IOException {
    FeatureMatrix test = judge.features(parts.test());
    Known known = known(judge, parts);
    LinearModel model =
        LinearProbe.fit(
            known.parts().train(),
            known.parts().validation(),
            judge.tasks().linear(parts.byClass()),
            judge::stop);
    Map<String, Object> by =
        judge.learned(parts, known.parts().train().n() + known.parts().validation().n());
    if (parts.validation().isEmpty()) {
      by.put("seed", judge.tasks().seed()); // it draws the validation part
    }
    Accuracy accuracy = judged(model, known.present(), test);
    return List.of(judge.result(parts, name(), accuracy, model.lambda(), by));
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
  static Known known(Judge judge, SplitParts parts) throws IOException {
    FeatureMatrix train = judge.features(parts.train());
    int[] present = present(train, parts);
    int[] numbers = numbers(present, parts);
    FeatureMatrix dense = train.relabelled(numbers);
    return new Known(
        parts.validation().isEmpty()
            ? LinearProbe.parts(dense, judge.tasks().linear(parts.byClass()))
            : new LinearProbe.Parts(dense, judge.features(parts.validation()).relabelled(numbers)),
        present);
  }

  /** The classes with training pictures; the others cannot be learned, and are reported. */
  public static int[] present(FeatureMatrix train, SplitParts parts) {
    int[] counts = train.counts(parts.classes().size());
    int[] present = IntStream.range(0, counts.length).filter(c -> counts[c] > 0).toArray();
    if (present.length < 2) {
      throw new IllegalArgumentException(
          "%s has training pictures of %d class, expected 2 or more: give more --images"
              .formatted(parts.data(), present.length));
    }
    if (present.length < counts.length) {
      LOG.warn(
          "{}: {} of {} classes have no training picture and count as wrong: {}",
          parts.data(),
          counts.length - present.length,
          counts.length,
          parts.named(IntStream.range(0, counts.length).filter(c -> counts[c] == 0).toArray()));
    }
    return present;
  }

  /** The place of each class among the present ones, -1 for others. */
  public static int[] numbers(int[] present, SplitParts parts) {
    int[] numbers = new int[parts.classes().size()];
    Arrays.fill(numbers, -1);
    IntStream.range(0, present.length).forEach(i -> numbers[present[i]] = i);
    return numbers;
  }

  /** What a model of the present classes makes of a division's test part. */
  public static Accuracy judged(LinearModel model, int[] present, FeatureMatrix test) {
    int[] told = Arrays.stream(model.predict(test)).map(c -> present[c]).toArray();
    return Accuracy.of(told, test.labels());
  }
}
