package dev.millrace.live.gate;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.Knn;
import dev.millrace.probe.SplitParts;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Judges by a labelled set: kNN on frozen features (as {@code millrace probe --task knn}), picture
 * by picture, and {@link NonInferiority} over the test pictures. Computes on the calling thread.
 */
public final class LabelledJudge implements Judge {
  private final SplitParts parts;
  private final double margin;
  private final double confidence;
  private final int threads;

  /**
   * A judge.
   *
   * @param set with labels; a fifth of each class is held out where it brings no test part
   * @param images training pictures at most; 0 for all
   * @param margin loss of accuracy that is still not worse, in (0, 1)
   * @param confidence of that, in (0.5, 1)
   * @param threads that compute and decode
   * @throws UsageException if the set has too few test pictures for the margin
   */
  public LabelledJudge(DataSet set, int images, double margin, double confidence, int threads) {
    NonInferiority.requireMargin(margin);
    NonInferiority.requireConfidence(confidence);
    parts = SplitParts.whole(set.name(), set, images);
    parts.requireParts();
    this.margin = margin;
    this.confidence = confidence;
    this.threads = threads;
    int test = parts.test().stream().mapToInt(ImageSet::size).sum();
    int least = NonInferiority.least(margin, confidence);
    if (test < least) {
      throw UsageException.ofWord(
          String.format(
              Locale.ROOT,
              "%s has %d pictures to judge by; to exclude a loss of %.1f %% with %.0f %% confidence takes %d or more: give a larger set or a larger margin",
              set.name(),
              test,
              100 * margin,
              100 * confidence,
              least));
    }
  }

  /**
   * The one that settings name.
   *
   * @param catalogue opens its set
   * @param threads that compute and decode
   * @throws IOException if the set cannot be read
   * @throws IllegalArgumentException if there is no such set, or it has too few test pictures
   */
  static LabelledJudge of(GateSettings settings, Catalogue catalogue, int threads)
      throws IOException {
    return new LabelledJudge(
        catalogue.open(settings.judge()),
        settings.images(),
        settings.margin(),
        settings.confidence(),
        threads);
  }

  @Override
  public Judgement of(Path champion, Path candidate) throws IOException {
    Answers answers = right(candidate);
    boolean[] now = answers.right();
    if (champion == null) {
      return new Judgement(
          Verdict.PASS,
          List.of(
              String.format(
                  Locale.ROOT,
                  "the first encoder: kNN %.1f %% on %s",
                  100 * share(now),
                  parts.data())),
          Map.of("knn_candidate", share(now), "pictures", (double) now.length));
    }
    Answers earlier = right(champion);
    boolean[] before = earlier.right();
    NonInferiority test = NonInferiority.of(before, now, margin, confidence);
    List<String> reasons = new ArrayList<>();
    reasons.add(
        String.format(
            Locale.ROOT,
            "kNN on %s: %.1f %% after %.1f %%; the change is %+.1f points, with %.0f %% confidence not below %+.1f; %s",
            parts.data(),
            100 * share(now),
            100 * share(before),
            100 * test.difference(),
            100 * confidence,
            100 * test.bound(),
            test.words()));
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("knn_candidate", share(now));
    numbers.put("knn_champion", share(before));
    numbers.put("knn_difference", test.difference());
    numbers.put("knn_bound", test.bound());
    numbers.put("margin", margin);
    numbers.put("confidence", confidence);
    numbers.put("pictures", (double) now.length);
    VectorChange.of(earlier.features(), answers.features()).addTo(reasons, numbers);
    return new Judgement(test.verdict(), reasons, numbers);
  }

  /** Which pictures an encoder is right about, and its features of them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Answers(boolean[] right, FeatureMatrix features) {}

  static double share(boolean[] right) {
    int count = 0;
    for (boolean one : right) {
      count += one ? 1 : 0;
    }
    return count / (double) right.length;
  }

  private Answers right(Path file) throws IOException {
    Device device = new Device("cpu");
    Compute.begin(threads, device);
    try (EncoderFile encoder = EncoderFile.read(file, EncoderFile.STANDARD_SIZE, device)) {
      int size = encoder.size();
      Features features =
          new Features(
              size, new ViewMaker(Augmentation.mocoV2(size), encoder.normalisation()), threads);
      List<ImageSet> known = new ArrayList<>(parts.train());
      known.addAll(parts.validation());
      FeatureMatrix train = all(features, encoder, known, device);
      FeatureMatrix test = all(features, encoder, parts.test(), device);
      Knn.Settings knn = Knn.Neighbours.paper().of(train.n(), parts.classes().size());
      int[] predicted = Knn.predict(train, test, knn);
      boolean[] right = new boolean[test.n()];
      for (int i = 0; i < right.length; i++) {
        right[i] = predicted[i] == test.labels()[i];
      }
      return new Answers(right, test);
    }
  }

  private static FeatureMatrix all(
      Features features, EncoderFile encoder, List<ImageSet> pieces, Device device) {
    FeatureMatrix all = null;
    for (ImageSet piece : pieces) {
      FeatureMatrix some = features.of(encoder.net(), piece, device, Precision.FP32);
      all = all == null ? some : all.and(some);
    }
    return all;
  }
}
