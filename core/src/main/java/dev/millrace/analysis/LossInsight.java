package dev.millrace.analysis;

import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.LossSurface;
import dev.millrace.insight.Sharpness;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The pre-training loss around a run's solutions: sharpness, and pictures of it. */
final class LossInsight {
  private final InsightSubject subject;

  LossInsight(InsightSubject subject) {
    this.subject = subject;
  }

  List<RunInsight.Sharpness> sharpness() throws IOException {
    InsightSubject.Steps steps = subject.steps("sharpness");
    AdaptiveInsight relative = new AdaptiveInsight(subject, steps);
    List<RunInsight.Sharpness> all = new ArrayList<>();
    Sharpness.Settings how = subject.request().loss().sharpness();
    for (int chunk = 0; chunk < subject.chunks().count(); chunk++) {
      try (ChunkLoss loss = loss(chunk)) {
        RunInsight.Adaptive adaptive = relative.at(chunk);
        LossSurface surface = new StoppableLoss(loss.surface(), subject::check);
        // The same draws for every chunk and every run of a size: they compare at equal luck.
        double keskar = Sharpness.keskar(surface, how, subject.draw("keskar"));
        Sharpness.Eigenvalue top =
            Sharpness.largestEigenvalue(surface, how, subject.draw("eigenvalue"));
        Sharpness.Trace trace = Sharpness.trace(surface, how, subject.draw("trace"));
        all.add(
            new RunInsight.Sharpness(
                chunk,
                adaptive,
                loss.images(),
                surface.loss(),
                how.epsilon(),
                InsightSubject.number(keskar),
                top.value(),
                top.iterations(),
                trace.value(),
                trace.standardError(),
                how.draws()));
      }
      steps.told("after " + ChunkWords.of(chunk));
    }
    return all;
  }

  private ChunkLoss loss(int chunk) throws IOException {
    return new ChunkLoss(
        subject.run(),
        subject.settings(),
        subject.chunks(),
        chunk,
        subject.request().loss().images(),
        subject.request());
  }

  RunInsight.Landscape landscape() throws IOException {
    InsightSubject.Steps steps = subject.steps("landscape");
    LossLandscape.Settings how = subject.request().loss().landscape();
    double[] alphas = LossLandscape.spaced(-how.radius(), how.radius(), how.points());
    double[] sides = LossLandscape.spaced(-how.radius(), how.radius(), Math.max(2, how.side()));
    double[] along = LossLandscape.spaced(0, 1, how.path());
    List<RunInsight.Line> lines = new ArrayList<>();
    List<RunInsight.Plane> planes = new ArrayList<>();
    List<RunInsight.Stretch> paths = new ArrayList<>();
    for (int chunk = 0; chunk < subject.chunks().count(); chunk++) {
      try (PointerScope scope = new PointerScope();
          ChunkLoss loss = loss(chunk)) {
        LossSurface surface = new StoppableLoss(loss.surface(), subject::check);
        List<List<Double>> line = new ArrayList<>();
        for (int d = 0; d < how.directions(); d++) {
          line.add(
              list(
                  LossLandscape.line(
                      surface, loss.layout(), subject.draw("direction").at(d), alphas)));
        }
        lines.add(new RunInsight.Line(chunk, list(alphas), line));
        if (how.side() > 0) {
          double[][] plane =
              LossLandscape.plane(
                  surface,
                  loss.layout(),
                  subject.draw("direction").at(0),
                  subject.draw("direction").at(1),
                  sides,
                  sides);
          planes.add(
              new RunInsight.Plane(
                  chunk,
                  list(sides),
                  list(sides),
                  Arrays.stream(plane).map(LossInsight::list).toList()));
        }
        if (chunk + 1 < subject.chunks().count()) {
          Tensor next = ChunkLoss.weights(subject.run(), chunk + 1, surface.weights());
          paths.add(
              new RunInsight.Stretch(
                  chunk,
                  chunk + 1,
                  list(along),
                  list(LossLandscape.path(surface, next, along)),
                  null));
        }
      }
      steps.told("after " + ChunkWords.of(chunk));
    }
    return new RunInsight.Landscape(lines, planes, paths);
  }

  private static List<Double> list(double[] values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(InsightSubject.number(value));
    }
    return list;
  }
}
