package dev.millrace.evaluation;

import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.SplitParts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Few-shot episodes on frozen features: N ways, K shots; one answer for each number of shots. */
final class FewShotTask implements Task {
  private static final Logger LOG = LoggerFactory.getLogger(FewShotTask.class);

  @Override
  public String name() {
    return ProbeTasks.FEW_SHOT;
  }

  @Override
  public boolean answers(SplitParts parts) {
    return !parts.episodes().isEmpty();
  }

  @Override
  public boolean judgedOnAPart() {
    return false;
  }

  /** Every episode draws its own pictures to learn from, so no part is needed. */
  @Override
  public void require(SplitParts parts) {}

  @Override
  public String describe(TaskSettings settings, SplitParts parts, int threads) {
    return settings.fewShot().toString();
  }

  @Override
  public List<ProbeResult> judge(Judge judge, SplitParts parts) throws IOException {
    FeatureMatrix features = judge.features(parts.episodes());
    List<ProbeResult> results = new ArrayList<>();
    for (FewShot.Settings settings : judge.tasks().fewShot()) {
      int[] counts = features.counts(parts.classes().size());
      int[] few =
          IntStream.range(0, counts.length).filter(c -> counts[c] < settings.needed()).toArray();
      String left =
          "%d of %d classes with fewer than %d + %d pictures: %s"
              .formatted(
                  few.length,
                  counts.length,
                  settings.shots(),
                  settings.queries(),
                  parts.named(few));
      if (counts.length - few.length < settings.ways()) {
        throw new IllegalArgumentException(
            "%s has %d classes for few-shot episodes of --ways %d, after leaving out %s; lower --ways, --shots or --queries"
                .formatted(parts.data(), counts.length - few.length, settings.ways(), left));
      }
      if (few.length > 0) {
        LOG.warn("{}, few-shot: left out {}", parts.data(), left);
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
          new ProbeResult(
              name(),
              parts.data(),
              parts.episodeSplit(),
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
}
