package dev.millrace.analysis;

import dev.millrace.evaluation.Judge;
import dev.millrace.evaluation.KnnTask;
import dev.millrace.evaluation.LinearTask;
import dev.millrace.evaluation.ProbeTasks;
import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearModel;
import dev.millrace.probe.LinearProbe;
import dev.millrace.probe.SplitParts;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * One encoder's accuracies on the parts of a stream, percent: a row of the matrix of forgetting.
 * kNN as everywhere; the linear probe at one fixed regulariser on unit features, so that neither a
 * choice nor the features' scale, which drifts from chunk to chunk, stands between two rows.
 */
final class ForgettingRows {
  /** Of the linear probe on features of norm 1. */
  static final double LAMBDA = 1e-4;

  private final Judge judge;
  private final Map<List<ImageSet>, LinearModel> models = new IdentityHashMap<>();
  private final Map<List<ImageSet>, int[]> classes = new IdentityHashMap<>();

  ForgettingRows(Judge judge) {
    this.judge = judge;
  }

  /** One value a part, by {@code knn} or {@code linear}. */
  List<Double> row(String task, StreamParts parts) throws IOException {
    Map<SplitParts, Double> known = new IdentityHashMap<>();
    List<Double> row = new ArrayList<>();
    for (SplitParts part : parts.divisions()) {
      Double value = known.get(part);
      if (value == null) {
        Accuracy accuracy = task.equals(ProbeTasks.KNN) ? knn(part) : linear(part);
        value = part.byClass() ? accuracy.meanPerClass() : accuracy.top1();
        known.put(part, value);
      }
      row.add(value);
    }
    return row;
  }

  private Accuracy knn(SplitParts part) throws IOException {
    return Knn.accuracy(
        train(part), judge.features(part.test()), KnnTask.neighbours(judge.tasks(), part));
  }

  private Accuracy linear(SplitParts part) throws IOException {
    // Parts of one set share the list that they learn from, and the model with it.
    if (!models.containsKey(part.train())) {
      FeatureMatrix train = train(part).normalised();
      int[] present = LinearTask.present(train, part);
      models.put(
          part.train(),
          LinearProbe.sweep(
              train.relabelled(LinearTask.numbers(present, part)),
              new double[] {LAMBDA},
              judge.tasks().linear(part.byClass()))[0]);
      classes.put(part.train(), present);
    }
    FeatureMatrix test = judge.features(part.test()).normalised();
    return LinearTask.judged(models.get(part.train()), classes.get(part.train()), test);
  }

  private FeatureMatrix train(SplitParts part) throws IOException {
    List<ImageSet> known = new ArrayList<>(part.train());
    known.addAll(part.validation());
    return judge.features(known);
  }
}
