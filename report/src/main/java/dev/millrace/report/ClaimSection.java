package dev.millrace.report;

import dev.millrace.report.numbers.Claim;
import dev.millrace.report.numbers.Schedules;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.IntervalChart;
import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The paper's five claims: verdict, picture, rule, numbers. */
final class ClaimSection {
  private static final String NOTE =
      Html.note(
          "Each verdict is computed by the rule below it, from runs paired by seed and order."
              + " Intervals are Student's t over seeds, never over pictures or episodes; ± without"
              + " a word is one standard deviation over seeds. With fewer than five independent"
              + " seeds, or where a method no longer learned, a verdict is \"not decided\" and the"
              + " interval is shown.");

  /** What rows call their schedule. */
  private static final String WORDS =
      "Schedules of the learning rate: restart falls to 0 in each chunk, cosine once over the"
          + " stream; wsd is one constant rate, of which a chunk publishes the mean of its last"
          + " weights (merge) or a copy on which the rate falls to 0 (branch).";

  private static final String LEGEND =
      Html.note(
          "Bars are 95 % t-intervals, with an arrow where one goes on beyond the picture; the band"
              + " is what counts as equal; a hollow mark is no evidence, since somebody did not"
              + " learn. A bar alone decides nothing: verdicts are taken after Holm's correction,"
              + " and equality by the 90 % interval.");

  private ClaimSection() {}

  /**
   * The verdicts, each with a picture of the comparisons that it is taken over.
   *
   * @param beside the same claims under further schedules, a line each below the paper's
   */
  static Section verdicts(Study study, List<Claim> claims, Map<String, List<Claim>> beside) {
    List<Figure> figures = new ArrayList<>();
    Schedules schedules = new Schedules(study);
    StringBuilder html = new StringBuilder("<ol class=\"claims\">\n");
    for (Claim claim : claims) {
      html.append("<li>")
          .append(Html.verdict(claim.verdict()))
          .append(' ')
          .append(Html.escape(claim.statement()))
          .append(tally(claim));
      draw(study, claim, "", html, figures);
      beside.forEach(
          (schedule, all) -> {
            Claim other = all.get(claim.number() - 1);
            if (other.evidence().stream().anyMatch(Claim.Evidence::counts)) {
              html.append("<p class=\"soft\">")
                  .append(Html.escape(under(schedule) + ": "))
                  .append(Html.verdict(other.verdict()))
                  .append(other.tally().isEmpty() ? "" : " " + Html.escape(other.tally()))
                  .append("</p>");
              draw(study, other, schedule, html, figures);
            }
          });
      html.append("</li>\n");
    }
    html.append("</ol>\n")
        .append(
            schedules.another()
                ? Html.note(
                    "The paper trains with a schedule that restarts at each chunk, and no row here"
                        + " does: the claims are judged under "
                        + schedules.all().get(0)
                        + ".")
                : "")
        .append(schedules.another() || schedules.all().size() > 1 ? Html.note(WORDS) : "")
        .append(figures.isEmpty() ? "" : LEGEND);
    return new Section("verdicts", "", "", html.toString(), figures);
  }

  private static String tally(Claim claim) {
    return claim.tally().isEmpty() ? "" : ": " + Html.escape(claim.tally());
  }

  private static String under(String schedule) {
    return "Beside it, under " + schedule + " against joint training under the same";
  }

  private static void draw(
      Study study, Claim claim, String schedule, StringBuilder html, List<Figure> figures) {
    figure(study, claim, schedule)
        .ifPresent(
            drawn -> {
              html.append("\n<figure>").append(drawn.inline()).append("</figure>");
              figures.add(drawn);
            });
  }

  /** The numbers of all comparisons that count; empty where nothing was measured. */
  private static Optional<Figure> figure(Study study, Claim claim, String schedule) {
    List<IntervalChart.Row> rows =
        claim.evidence().stream()
            .filter(Claim.Evidence::counts)
            .flatMap(one -> one.measured().stream().map(measured -> row(study, one, measured)))
            .toList();
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new IntervalChart(
                    schedule.isEmpty()
                        ? "claim-" + claim.number()
                        : Figure.name("claim-" + claim.number(), schedule),
                    claim.statement() + (schedule.isEmpty() ? "" : ", under " + schedule),
                    claim.measure(),
                    rows,
                    IntervalChart.span(rows, claim.margin()),
                    claim.margin())
                .draw());
  }

  private static IntervalChart.Row row(
      Study study, Claim.Evidence comparison, Claim.Measured measured) {
    Cell cell = measured.cell();
    boolean supervised = study.names().labels(cell.method());
    return new IntervalChart.Row(
        comparison.where(),
        measured.name(),
        supervised
            ? Style.method(study.names(), cell.method())
            : Style.remedy(study.names(), cell.remedy()),
        measured.value().mean(),
        measured.value().half(0.95),
        !measured.evidence());
  }

  static Section of(List<Claim> claims, Map<String, List<Claim>> beside) {
    StringBuilder details = new StringBuilder(NOTE);
    for (Claim claim : claims) {
      details
          .append("<div class=\"claim\">")
          .append(Html.h3(claim.number() + ". " + claim.statement()))
          .append("<p>")
          .append(Html.verdict(claim.verdict()))
          .append("</p>\n")
          .append(Html.note("Rule: " + claim.rule()))
          .append(evidence(claim));
      beside.forEach(
          (schedule, all) -> {
            Claim other = all.get(claim.number() - 1);
            if (!other.evidence().isEmpty()) {
              details
                  .append("<p>")
                  .append(Html.escape(under(schedule) + ": "))
                  .append(Html.verdict(other.verdict()))
                  .append("</p>\n")
                  .append(evidence(other));
            }
          });
      details.append("</div>\n");
    }
    return new Section(
        "claims",
        "How the claims were judged",
        "the rule of each verdict and every comparison it is taken over",
        details.toString(),
        List.of());
  }

  private static String evidence(Claim claim) {
    StringBuilder html = new StringBuilder();
    for (Claim.Evidence one : claim.evidence()) {
      html.append("<li>")
          .append(Html.verdict(one.verdict()))
          .append("<span><b>")
          .append(Html.escape(one.where()))
          .append("</b><br/>")
          .append(Html.escape(one.numbers()))
          .append("</span></li>\n");
    }
    return html.isEmpty() ? "" : "<ul class=\"evidence\">\n" + html + "</ul>\n";
  }
}
