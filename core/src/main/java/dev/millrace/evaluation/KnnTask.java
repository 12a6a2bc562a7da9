package dev.millrace.evaluation;

import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Knn;
import dev.millrace.probe.SplitParts;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weighted kNN on frozen features (Wu et al., "Unsupervised Feature Learning via Non-Parametric
 * Instance Discrimination", CVPR 2018): nothing is trained.
 */
public final class KnnTask implements Task {
  private static final Logger LOG = LoggerFactory.getLogger(KnnTask.class);

  KnnTask() {}

  @Override
  public String name() {
    return ProbeTasks.KNN;
  }

  @Override
  public String describe(TaskSettings settings, SplitParts parts, int threads) {
    return neighbours(settings, parts).toString();
  }

  /** The neighbours that vote in a division. */
  public static Knn.Settings neighbours(TaskSettings settings, SplitParts parts) {
    return settings.knn().of(parts.learned(), parts.classes().size());
  }

  /** Reports in a line that fewer neighbours vote than the paper's 200. */
  @Override
  public void report(TaskSettings settings, SplitParts parts) {
    Knn.Settings cut = neighbours(settings, parts);
    if (settings.knn().k() == Knn.Neighbours.AUTO && cut.k() < Knn.Settings.paper().k()) {
      LOG.info(
          "{}: the nearest {} vote, as many as each of its {} classes has training pictures; --knn-k 200 for the usual number",
          parts.data(),
          cut.k(),
          parts.classes().size());
    }
  }

  @Override
  public List<ProbeResult> judge(Judge judge, SplitParts parts) throws IOException {
    List<ImageSet> known = new ArrayList<>(parts.train());
    known.addAll(parts.validation());
    FeatureMatrix train = judge.features(known);
    Knn.Settings settings = neighbours(judge.tasks(), parts);
    Accuracy accuracy = Knn.accuracy(train, judge.features(parts.test()), settings);
    Map<String, Object> by = judge.learned(parts, train.n());
    by.put("k", settings.k());
    by.put("temperature", settings.temperature());
    return List.of(judge.result(parts, name(), accuracy, null, by));
  }
}
