package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Claim;
import dev.millrace.app.report.numbers.Claims;
import dev.millrace.app.report.numbers.Study;
import java.util.List;

/** The paper's five claims: verdict, rule, numbers. */
final class ClaimSection {
  private ClaimSection() {}

  static Section of(Study study) {
    Section.Draft draft = new Section.Draft("claims", "The paper's five claims");
    draft.add(
        Html.note(
            "Each verdict is computed by the rule below it, from runs paired by seed. Spreads are"
                + " ± one standard deviation over seeds; a verdict also asks for one standard error"
                + " of room and at least two seeds, else it is \"not decided\"."));
    Table summary = new Table("The five claims in short", "Claim", List.of("Verdict", "Statement"));
    StringBuilder details = new StringBuilder();
    for (Claim claim : new Claims(study).all()) {
      summary.row(
          String.valueOf(claim.number()),
          List.of(Table.html(Html.verdict(claim.verdict())), Table.text(claim.statement())));
      details
          .append("<div class=\"claim\">")
          .append(Html.h3(claim.number() + ". " + claim.statement()))
          .append("<p>")
          .append(Html.verdict(claim.verdict()))
          .append("</p>\n")
          .append(Html.note("Rule: " + claim.rule()));
      if (!claim.evidence().isEmpty()) {
        Table table =
            new Table(
                "Evidence for claim " + claim.number(), "Where", List.of("Verdict", "Numbers"));
        claim
            .evidence()
            .forEach(
                one ->
                    table.row(
                        one.where(),
                        List.of(
                            Table.html(Html.verdict(one.verdict())), Table.text(one.numbers()))));
        details.append(table.html());
      }
      details.append("</div>\n");
    }
    return draft.add(summary.html()).add(details.toString()).done("");
  }
}
