package dev.millrace.report;

import dev.millrace.report.numbers.Claim;
import dev.millrace.report.numbers.Claims;
import dev.millrace.report.numbers.Study;
import java.util.List;

/** The paper's five claims: verdict, rule, numbers. */
final class ClaimSection {
  private static final String NOTE =
      Html.note(
          "Each verdict is computed by the rule below it, from runs paired by seed and order."
              + " Intervals are Student's t over seeds, never over pictures or episodes; ± without"
              + " a word is one standard deviation over seeds. With fewer than five independent"
              + " seeds, or where a method no longer learned, a verdict is \"not decided\" and the"
              + " interval is shown.");

  private ClaimSection() {}

  /** The verdicts alone, one line per claim. */
  static String verdicts(Study study) {
    StringBuilder html = new StringBuilder("<ol class=\"claims\">\n");
    for (Claim claim : new Claims(study).all()) {
      html.append("<li>")
          .append(Html.verdict(claim.verdict()))
          .append(' ')
          .append(Html.escape(claim.statement()))
          .append(claim.tally().isEmpty() ? "" : ": " + Html.escape(claim.tally()))
          .append("</li>\n");
    }
    return html.append("</ol>\n").toString();
  }

  static Section of(Study study) {
    StringBuilder details = new StringBuilder(NOTE);
    for (Claim claim : new Claims(study).all()) {
      details
          .append("<div class=\"claim\">")
          .append(Html.h3(claim.number() + ". " + claim.statement()))
          .append("<p>")
          .append(Html.verdict(claim.verdict()))
          .append("</p>\n")
          .append(Html.note("Rule: " + claim.rule()))
          .append(evidence(claim))
          .append("</div>\n");
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
