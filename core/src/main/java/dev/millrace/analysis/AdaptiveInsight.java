package dev.millrace.analysis;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossSurface;
import dev.millrace.insight.Sharpness;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The sharpness of a run's encoders that does not depend on the scale of their weights. */
final class AdaptiveInsight {
  /**
   * Above this share of guessing's loss the weights are near no minimum of it, and what is around
   * them says nothing about one.
   */
  private static final double LEARNED = 0.9;

  /**
   * Pictures that the largest eigenvalue is taken on: a product with the Hessian costs as much as
   * twenty losses.
   */
  private static final int HESSIAN_PICTURES = 128;

  /**
   * What is measured: a loss that only the first weights are moved in.
   *
   * @param guessing the loss of guessing; null where none is known
   */
  private record Question(
      String of,
      int images,
      Integer classes,
      Double guessing,
      LossSurface surface,
      LossSurface part,
      Parameters.Layout layout,
      long moved) {}

  private final InsightSubject subject;
  private final InsightSubject.Steps steps;

  AdaptiveInsight(InsightSubject subject, InsightSubject.Steps steps) {
    this.subject = subject;
    this.steps = steps;
  }

  /** The encoder after a chunk, on drawn pictures of that chunk. */
  RunInsight.Adaptive at(int chunk) throws IOException {
    ImageSet set = subject.chunks().open(chunk).images();
    try (FixedViews views =
        FixedViews.plain(
            set,
            subject.request().loss().adaptiveImages(),
            PartSettings.views(subject.settings()).full().maker(),
            subject.settings().views().size(),
            Draw.of(subject.request().seed(), "sharpness pictures", chunk),
            subject.device())) {
      int[] labels = numbered(views.labels());
      int classes = Arrays.stream(labels).max().orElse(0) + 1;
      if (classes < 2 && PartSettings.supervised(subject.settings())) {
        return leftOut(
            labels.length, classes, "its pictures are of one class, so there is nothing to learn");
      }
      if (Arrays.stream(views.labels()).anyMatch(label -> label == Image.NONE) || classes < 2) {
        return ofPretraining(chunk);
      }
      if (classes == labels.length) {
        return leftOut(
            labels.length,
            classes,
            "each picture has a class of its own, so no head can be fitted");
      }
      return ofHead(chunk, views, labels, classes);
    }
  }

  private RunInsight.Adaptive ofHead(int chunk, FixedViews views, int[] labels, int classes)
      throws IOException {
    try (EncoderFile file =
            subject.encoders().get(chunk).open(subject.settings(), subject.device());
        HeadLoss head = new HeadLoss(file.net(), views, labels, subject.device())) {
      return measure(
          chunk,
          new Question(
              RunInsight.Adaptive.HEAD,
              head.images(),
              classes,
              head.guessing(),
              head.surface(),
              head.surface(HESSIAN_PICTURES),
              head.layout(),
              head.layout().size()));
    }
  }

  /** Without labels: the loss that the encoder was trained by. */
  private RunInsight.Adaptive ofPretraining(int chunk) throws IOException {
    Settings settings = subject.settings();
    try (ChunkLoss loss =
        new ChunkLoss(
            subject.run(),
            settings,
            subject.chunks(),
            chunk,
            subject.request().loss().adaptiveImages(),
            subject.request())) {
      Double guessing =
          Methods.of(settings)
              .guess(settings, chunk, subject.chunks().entries().get(chunk).images());
      return measure(
          chunk,
          new Question(
              RunInsight.Adaptive.PRETRAINING,
              loss.images(),
              null,
              guessing,
              loss.surface(),
              loss.surface(HESSIAN_PICTURES),
              loss.layout(),
              loss.encoderSize()));
    }
  }

  private RunInsight.Adaptive measure(int chunk, Question of) {
    AdaptiveSharpness.Settings how = subject.request().loss().adaptive();
    LossSurface surface = new StoppableLoss(of.surface(), subject::check);
    double loss = surface.loss();
    String why = without(loss, of.guessing());
    if (why != null) {
      return RunInsight.Adaptive.leftOut(
          of.of(), of.images(), of.classes(), InsightSubject.number(loss), of.guessing(), why);
    }
    String after = "after " + ChunkWords.of(chunk) + ": ";
    AdaptiveSharpness sharpness = new AdaptiveSharpness(surface, of.layout(), of.moved(), how);
    // The same draws for every chunk and every run of a size: they compare at equal luck.
    AdaptiveSharpness.Mean noise = sharpness.noise(subject.draw("noise"));
    steps.told(after + "noise");
    double box = sharpness.box(subject.draw("box"));
    steps.told(after + "box");
    Sharpness.Eigenvalue top =
        new AdaptiveSharpness(
                new StoppableLoss(of.part(), subject::check), of.layout(), of.moved(), how)
            .largestEigenvalue(subject.draw("eigenvalue"));
    steps.told(after + "largest eigenvalue");
    AdaptiveSharpness.Mean trace = sharpness.trace(subject.draw("trace"));
    steps.told(after + "trace");
    return new RunInsight.Adaptive(
        of.of(),
        of.images(),
        of.classes(),
        loss,
        of.guessing(),
        null,
        InsightSubject.number(noise.value()),
        InsightSubject.number(noise.standardError()),
        how.noise(),
        how.pairs(),
        InsightSubject.number(box),
        how.rho(),
        InsightSubject.number(top.value()),
        top.iterations(),
        InsightSubject.number(trace.value()),
        InsightSubject.number(trace.standardError()),
        how.draws());
  }

  /**
   * Why nothing is measured around weights; null where it is.
   *
   * @param guessing null where none is known
   */
  static String without(double loss, Double guessing) {
    if (guessing == null) {
      return "what guessing would lose is not known of this loss, so that nothing tells whether a minimum is near";
    }
    if (loss <= 0) {
      return String.format(
          Locale.ROOT, "a loss of %.3f is not above 0, and sharpness is in shares of it", loss);
    }
    return loss < LEARNED * guessing
        ? null
        : String.format(
            Locale.ROOT,
            "a loss of %.3f is not below %.0f %% of guessing's %.3f: near no minimum",
            loss,
            100 * LEARNED,
            guessing);
  }

  private static RunInsight.Adaptive leftOut(int images, int classes, String why) {
    return RunInsight.Adaptive.leftOut(RunInsight.Adaptive.HEAD, images, classes, null, null, why);
  }

  /** Labels without gaps, in their order. */
  private static int[] numbered(int[] labels) {
    Map<Integer, Integer> places = new TreeMap<>();
    Arrays.stream(labels).forEach(label -> places.put(label, 0));
    int next = 0;
    for (Map.Entry<Integer, Integer> place : places.entrySet()) {
      place.setValue(next++);
    }
    return Arrays.stream(labels).map(places::get).toArray();
  }
}
