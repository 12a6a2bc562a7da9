package dev.millrace.analysis;

import dev.millrace.evaluation.Judge;
import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeTasks;
import dev.millrace.evaluation.ProbedEncoder;
import dev.millrace.insight.Collapse;
import dev.millrace.insight.Forgetting;
import dev.millrace.insight.Representation;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Sources;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** What the features of a run's encoders say: forgetting, by labels, and health, without. */
final class FeatureInsight {
  private static final List<String> TASKS = List.of(ProbeTasks.KNN, ProbeTasks.LINEAR);

  private final InsightSubject subject;

  FeatureInsight(InsightSubject subject) {
    this.subject = subject;
  }

  List<RunInsight.Forgetting> forgetting() throws IOException {
    InsightSubject.Steps steps = subject.steps("forgetting");
    StreamParts parts =
        StreamParts.of(
            new Sources(subject.settings(), subject.run(), subject.request().layout()),
            subject.chunks().entries(),
            subject.catalogue(),
            subject.request().images());
    ProbeRequest asked =
        ProbeRequest.of(subject.settings().data().sets().toArray(String[]::new))
            .withTasks(TASKS.toArray(String[]::new))
            .afterEveryChunk()
            .withImages(subject.request().images())
            .on(subject.request().threads(), subject.request().device());
    List<ProbedEncoder> all =
        new ArrayList<>(List.of(ProbedEncoder.untrained(subject.run(), subject.settings())));
    all.addAll(subject.encoders());
    List<List<List<Double>>> rows = List.of(new ArrayList<>(), new ArrayList<>());
    for (ProbedEncoder encoder : all) {
      try (Judge judge = new Judge(subject.settings(), asked, encoder, stopped())) {
        ForgettingRows one = new ForgettingRows(judge);
        for (int t = 0; t < TASKS.size(); t++) {
          rows.get(t).add(one.row(TASKS.get(t), parts));
        }
      }
      steps.told(encoder.chunk() == null ? "untrained" : "after " + ChunkWords.of(encoder.chunk()));
    }
    List<RunInsight.Forgetting> tasks = new ArrayList<>();
    for (int t = 0; t < TASKS.size(); t++) {
      List<Double> untrained = rows.get(t).get(0);
      List<List<Double>> matrix = List.copyOf(rows.get(t).subList(1, all.size()));
      Forgetting sums =
          Forgetting.of(
              matrix.stream().map(FeatureInsight::array).toArray(double[][]::new),
              array(untrained));
      tasks.add(
          new RunInsight.Forgetting(
              TASKS.get(t),
              parts.names(),
              matrix,
              untrained,
              sums.averageAccuracy(),
              sums.forgetting(),
              sums.backwardTransfer(),
              InsightSubject.number(sums.forwardTransfer())));
    }
    return tasks;
  }

  private ProbeListener stopped() {
    return new ProbeListener() {
      @Override
      public boolean stop() {
        return subject.listener().stop();
      }
    };
  }

  List<RunInsight.Health> health() throws IOException {
    InsightSubject.Steps steps = subject.steps("health");
    List<RunInsight.Health> health = new ArrayList<>();
    ImageSet stream = subject.stream();
    try (FixedViews views =
        FixedViews.random(
            stream,
            subject.pictures(),
            2,
            PartSettings.views(subject.settings()).full().maker(),
            subject.draw("health pictures"),
            subject.request().seed(),
            0,
            subject.device())) {
      InsightSubject.requirePictures(views.count(), 2, "health");
      int classes = PartSettings.supervised(subject.settings()) ? views.classes() : 0;
      double best = 0;
      for (ProbedEncoder encoder : subject.encoders()) {
        subject.check();
        try (PointerScope scope = new PointerScope();
            EncoderFile file = encoder.open(subject.settings(), subject.device());
            FrozenEncoder frozen = file.net().freeze(PartSettings.precision(subject.settings()))) {
          Tensor one = frozen.forward(views.view(0));
          Tensor other = frozen.forward(views.view(1));
          double rank = Representation.effectiveRank(one);
          double variance = Representation.variance(one);
          String collapse =
              Collapse.of(variance, rank, Collapse.reach(views.count(), one.size(1), classes), best)
                  .map(Collapse::words)
                  .orElse(null);
          best = Math.max(best, rank);
          health.add(
              new RunInsight.Health(
                  encoder.chunk(),
                  rank,
                  Representation.alignment(one, other),
                  Representation.uniformity(one),
                  variance,
                  collapse != null,
                  collapse));
        }
        steps.told("after " + ChunkWords.of(encoder.chunk()));
      }
    }
    return health;
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
