package dev.millrace.live.gate;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.insight.Cka;
import dev.millrace.insight.Collapse;
import dev.millrace.insight.Representation;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.refusal.Require;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.FixedViews;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Judges without labels, by pictures of the stream: whether the features are alive ({@link
 * Collapse}), and instance retrieval ({@link Retrieval}): of how many pictures a random view finds
 * its own picture's other view among those of others, compared picture by picture by {@link
 * NonInferiority}. Both encoders see the same views. What it cannot see is a loss that leaves
 * single pictures apart and mixes classes: for that, judge by labels. Computes on the calling
 * thread.
 */
public final class SelfJudge implements Judge {
  private static final int BLOCK = 64;

  /** The fewest pictures by which it judges. */
  static final int LEAST = 2;

  private static final int AS_TOLD = 0;

  private final ImageSet pictures;
  private final int most;
  private final double margin;
  private final double confidence;
  private final long seed;
  private final boolean fair;
  private final boolean labels;

  /** {@link #AS_TOLD} for as many as the process was told. */
  private final int threads;

  /**
   * A judge.
   *
   * @param pictures neither encoder should have learned them, or both; at least 2
   * @param most how many are drawn of them, at least 2
   * @param margin loss of retrieval that is still not worse, in (0, 1)
   * @param confidence of that, in (0.5, 1)
   * @param seed of pictures and views
   */
  public SelfJudge(ImageSet pictures, int most, double margin, double confidence, long seed) {
    this(pictures, most, margin, confidence, seed, true, false, AS_TOLD);
  }

  /**
   * By pictures that one of the two has just learned, which are not fair, it judges health only.
   * Features of a method with labels need no more dimensions than separate the classes.
   */
  SelfJudge(
      ImageSet pictures,
      int most,
      double margin,
      double confidence,
      long seed,
      boolean fair,
      boolean labels,
      int threads) {
    NonInferiority.requireMargin(margin);
    NonInferiority.requireConfidence(confidence);
    Require.that(
        pictures.size() >= LEAST && most >= LEAST,
        "found %d pictures, of which %d are used; expected at least %d to judge by"
            .formatted(pictures.size(), most, LEAST));
    this.pictures = pictures;
    this.most = most;
    this.margin = margin;
    this.confidence = confidence;
    this.seed = seed;
    this.fair = fair;
    this.labels = labels;
    this.threads = threads;
  }

  /**
   * The one that settings describe.
   *
   * @param name of all sets together
   * @param sets to draw pictures of, at least one
   * @param threads that compute, at least 1
   */
  static SelfJudge of(
      GateSettings settings,
      String name,
      List<ImageSet> sets,
      long seed,
      boolean fair,
      boolean labels,
      int threads) {
    return new SelfJudge(
        sets.size() == 1 ? sets.get(0) : new Union(name, sets),
        settings.images(),
        settings.margin(),
        settings.confidence(),
        seed,
        fair,
        labels,
        threads);
  }

  /** How an encoder sees the pictures. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Seen(
      FeatureMatrix features, Retrieval retrieval, double rank, double variance, int reach) {}

  @Override
  public Judgement of(Path champion, Path candidate) throws IOException {
    Seen now = look(candidate);
    Seen before = champion == null ? null : look(champion);
    List<String> reasons = new ArrayList<>();
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("pictures", (double) now.features().n());
    numbers.put("rank_candidate", now.rank());
    numbers.put("variance_candidate", now.variance());
    Optional<Collapse> collapse =
        Collapse.of(now.variance(), now.rank(), now.reach(), before == null ? 0 : before.rank());
    collapse.ifPresent(found -> reasons.add("the features have collapsed " + found.words()));
    Verdict verdict = before == null ? Verdict.PASS : Verdict.UNDECIDED;
    if (before != null) {
      numbers.put("rank_champion", before.rank());
      if (fair) {
        verdict = retrieval(before, now, reasons, numbers);
      } else {
        reasons.add(
            "nothing is compared: the only pictures left are those that one of the two has just learned");
      }
      if (now.features().n() >= Cka.LEAST_BATCH) {
        VectorChange.of(before.features(), now.features()).addTo(reasons, numbers);
      }
    } else if (collapse.isEmpty()) {
      reasons.add(
          String.format(Locale.ROOT, "the first encoder: alive, effective rank %.1f", now.rank()));
    }
    boolean already =
        before != null
            && Collapse.of(before.variance(), before.rank(), before.reach(), 0).isPresent();
    if (already) {
      reasons.add("those of the encoder before have collapsed as well");
    }
    return new Judgement(collapse.isEmpty() || already ? verdict : Verdict.FAIL, reasons, numbers);
  }

  private Verdict retrieval(
      Seen before, Seen now, List<String> reasons, Map<String, Double> numbers) {
    int others = Retrieval.others(before.retrieval(), now.retrieval());
    boolean[] then = before.retrieval().among(others);
    boolean[] found = now.retrieval().among(others);
    NonInferiority test = NonInferiority.of(then, found, margin, confidence);
    numbers.put("others", (double) others);
    numbers.put("retrieval_candidate", LabelledJudge.share(found));
    numbers.put("retrieval_champion", LabelledJudge.share(then));
    numbers.put("retrieval_difference", test.difference());
    numbers.put("retrieval_bound", test.bound());
    numbers.put("margin", margin);
    numbers.put("confidence", confidence);
    String sentence =
        String.format(
            Locale.ROOT,
            "%.1f %% of %d pictures find their other view among %d others, after %.1f %%; the change is %+.1f points, with %.0f %% confidence not below %+.1f; %s",
            100 * LabelledJudge.share(found),
            found.length,
            others,
            100 * LabelledJudge.share(then),
            100 * test.difference(),
            100 * confidence,
            100 * test.bound(),
            test.words());
    double byChance = 1.0 / (others + 1);
    if (test.verdict() == Verdict.PASS && LabelledJudge.share(then) <= byChance + margin) {
      reasons.add(
          sentence + ", but hardly more than by chance, so only the health of features is judged");
      return Verdict.UNDECIDED;
    }
    reasons.add(sentence);
    return test.verdict();
  }

  private Seen look(Path file) throws IOException {
    Device device = new Device("cpu");
    if (threads == AS_TOLD) {
      Compute.begin(device);
    } else {
      Compute.begin(threads, device);
    }
    try (EncoderFile encoder = EncoderFile.read(file, EncoderFile.STANDARD_SIZE, device);
        FrozenEncoder frozen = encoder.net().freeze(Precision.FP32);
        FixedViews views =
            FixedViews.random(
                pictures,
                most,
                2,
                new ViewMaker(Augmentation.mocoV2(encoder.size()), encoder.normalisation()),
                Draw.of(seed, "gate"),
                seed,
                0,
                device);
        PointerScope scope = new PointerScope()) {
      Tensor one = features(frozen, views.view(0));
      Tensor other = features(frozen, views.view(1));
      FeatureMatrix rows = matrix(one);
      return new Seen(
          rows,
          Retrieval.of(rows, matrix(other)),
          Representation.effectiveRank(one),
          Representation.variance(one),
          Collapse.reach(views.count(), one.size(1), labels ? views.classes() : 0));
    }
  }

  private static Tensor features(FrozenEncoder frozen, Tensor views) {
    Tensor all = null;
    for (long from = 0; from < views.size(0); from += BLOCK) {
      long rows = Math.min(BLOCK, views.size(0) - from);
      Tensor some = frozen.forward(views.narrow(0, from, rows)).clone();
      all = all == null ? some : torch.cat(new org.bytedeco.pytorch.TensorVector(all, some), 0);
    }
    return all;
  }

  private static FeatureMatrix matrix(Tensor features) {
    return FeatureMatrix.of(features, new int[Math.toIntExact(features.size(0))]).normalised();
  }
}
