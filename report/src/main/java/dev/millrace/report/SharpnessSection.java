package dev.millrace.report;

import dev.millrace.report.numbers.SharpnessAndForgetting;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Insight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Sharpness after each chunk: what does not depend on the scale of weights first. */
final class SharpnessSection {
  /** At which step a study's power iterations for the scale-dependent measure are stopped. */
  private static final int STEPS = 10;

  private SharpnessSection() {}

  static Section of(Study study, Charts charts) {
    Section.Draft draft =
        new Section.Draft(
            "sharpness",
            "Sharpness of minima",
            "relative to weights and loss, and scale-dependent, after each chunk");
    relative(study, charts, draft);
    withForgetting(study, draft);
    draft.add(
        Html.note(
            "Scale-dependent: of the pre-training loss at the end of each chunk Keskar's"
                + " ε-sharpness (greatest rise of the loss within ε of the weights, as a share of 1"
                + " + loss, in %), the largest eigenvalue of the Hessian (power iteration) and its"
                + " trace (Hutchinson). Weights before a normalisation can be given any scale"
                + " without changing the encoder, and these numbers change with it; losses of SSL"
                + " and SL are of different kinds besides. They say nothing of which is flatter."
                + " Mean ± deviation over seeds."
                + measuredOn(study)));
    new ChunkMeasureSection<Insight.Sharpness>(
            study,
            charts,
            Insight::sharpness,
            Insight.Sharpness::chunk,
            List.of(
                new ChunkMeasureSection.Measure<>("loss", Insight.Sharpness::loss, true),
                new ChunkMeasureSection.Measure<>(
                    "Keskar's sharpness, %", Insight.Sharpness::keskar, false),
                new ChunkMeasureSection.Measure<>(
                    "largest eigenvalue of the Hessian",
                    Insight.Sharpness::largestEigenvalue,
                    false),
                new ChunkMeasureSection.Measure<>(
                    "trace of the Hessian", Insight.Sharpness::trace, false),
                new ChunkMeasureSection.Measure<>(
                    "standard error of the trace", Insight.Sharpness::traceStandardError, true)))
        .fill(draft, "Scale-dependent sharpness");
    return draft.done();
  }

  /** What sharpness says of forgetting, over all encoders. */
  private static void withForgetting(Study study, Section.Draft draft) {
    List<SharpnessAndForgetting.Correlation> all = SharpnessAndForgetting.of(study);
    if (all.isEmpty()) {
      return;
    }
    draft.add(
        Html.note(
            "Does a sharper encoder forget more? Spearman's rank correlation of the rise of the"
                + " loss under noise with the points that the chunk's own part loses until the end,"
                + " the mean over the primary measures, over encoders at the ends of all chunks but"
                + " the last; above 0 the sharper forget more. Each seed counts the methods and"
                + " remedies that it has. Pooled: over all encoders of a seed, so that a difference"
                + " between methods, remedies, or early and late chunks (and streams, where all are"
                + " together) shows in it as well. Within: over seeds of one method, remedy and"
                + " chunk, the mean of all of these; what remains is from seed to seed. ± half of"
                + " the 95 % t-interval over seeds, since encoders of one seed depend on each"
                + " other. Left out are instance streams, which forget nothing, full heads, rows"
                + " that did not learn, and runs that did not learn one of their chunks."));
    Table table =
        new Table(
            "Sharpness and later forgetting",
            "Stream",
            List.of(
                "#Seeds",
                "#Methods with a remedy or none",
                "#Chunks",
                "#Encoders",
                "#Rank correlation, pooled",
                "#Rank correlation, within"));
    for (SharpnessAndForgetting.Correlation one : all) {
      table.row(
          one.place(),
          List.of(
              Table.number("" + Math.max(one.pooled().n(), one.within().n())),
              Table.number("" + one.rows()),
              Table.number("" + one.chunks()),
              Table.number(Wording.whole(one.encoders())),
              Table.number(Wording.signedInterval(one.pooled(), 2)),
              Table.number(Wording.signedInterval(one.within(), 2))));
    }
    draft.add(table.html());
  }

  /** The measures that do not depend on the scale of weights, where they were taken. */
  private static void relative(Study study, Charts charts, Section.Draft draft) {
    List<String> leftOut = new ArrayList<>();
    boolean any = false;
    for (var run : study.done()) {
      for (Insight.Sharpness sharpness : run.insight().sharpness()) {
        Insight.Adaptive adaptive = sharpness.adaptive();
        any |= adaptive != null;
        if (adaptive != null && !(adaptive.comparable() && adaptive.leftOut() == null)) {
          leftOut.add(
              Wording.place(run.cell())
                  + ", "
                  + study.names().row(run.cell())
                  + ", seed "
                  + run.seed()
                  + ", chunk "
                  + (sharpness.chunk() + 1)
                  + ": "
                  + (adaptive.leftOut() != null
                      ? adaptive.leftOut()
                      : "without labels, rise of the pre-training loss "
                          + Wording.brief(adaptive.noise() == null ? Double.NaN : adaptive.noise())
                          + " %, not comparable between methods"));
        }
      }
    }
    if (!any) {
      return;
    }
    draft.add(
        Html.note(
            "Of one loss for every method: that of a logistic head fitted to the features of the"
                + " chunk's pictures, while only the encoder's filters are moved. Rise under noise:"
                + " mean over filter-normalised noise and its opposite. Rise in the box: the"
                + " greatest where each weight moves by a share of itself. Hessian: in coordinates"
                + " in which a filter's norm is 1. All as shares of the loss at the weights; the"
                + " scale of weights before a normalisation does not change them. Higher is"
                + " sharper. Left out where the loss is not below 90 % of guessing. Mean ±"
                + " deviation over seeds."));
    if (!leftOut.isEmpty()) {
      draft.add(Html.p("Not among them:")).add(Html.list(leftOut));
    }
    new ChunkMeasureSection<Insight.Sharpness>(
            study,
            charts,
            insight -> insight.sharpness().stream().filter(one -> one.noise() != null).toList(),
            Insight.Sharpness::chunk,
            List.of(
                new ChunkMeasureSection.Measure<>("loss", one -> one.adaptive().loss(), true),
                new ChunkMeasureSection.Measure<>(
                    "rise under noise, %", Insight.Sharpness::noise, false),
                new ChunkMeasureSection.Measure<>(
                    "rise in the box, %", one -> one.adaptive().box(), false),
                new ChunkMeasureSection.Measure<>(
                    "largest eigenvalue, filter-scaled",
                    one -> one.adaptive().largestEigenvalue(),
                    false),
                new ChunkMeasureSection.Measure<>(
                    "trace, filter-scaled", one -> one.adaptive().trace(), false)))
        .fill(draft, "Sharpness");
  }

  /** On how much sharpness was measured: one batch says less than a chunk. */
  private static String measuredOn(Study study) {
    List<Insight.Sharpness> all =
        study.done().stream().flatMap(run -> run.insight().sharpness().stream()).toList();
    long stopped =
        all.stream()
            .filter(
                one -> one.eigenvalueIterations() != null && one.eigenvalueIterations() >= STEPS)
            .count();
    return all.isEmpty()
        ? ""
        : " Taken on "
            + range(all, Insight.Sharpness::images)
            + " pictures of the chunk, with ε = "
            + Wording.brief(Spread.of(all.stream().map(Insight.Sharpness::epsilon).toList()).mean())
            + " and "
            + range(all, Insight.Sharpness::traceDraws)
            + " draws for the trace; power iterations took "
            + range(all, Insight.Sharpness::eigenvalueIterations)
            + " steps, "
            + stopped
            + " of "
            + all.size()
            + " of them "
            + STEPS
            + " or more, where they are stopped, settled or not.";
  }

  private static String range(
      List<Insight.Sharpness> all, Function<Insight.Sharpness, Integer> number) {
    var numbers =
        all.stream().map(number).filter(Objects::nonNull).mapToInt(x -> x).summaryStatistics();
    if (numbers.getCount() == 0) {
      return "an unknown number of";
    }
    return numbers.getMin() == numbers.getMax()
        ? "" + numbers.getMax()
        : numbers.getMin() + " to " + numbers.getMax();
  }
}
