package dev.millrace.study;

import dev.millrace.analysis.Insights;
import dev.millrace.refusal.Choice;
import java.util.List;

/**
 * What is looked at inside every run.
 *
 * @param parts of {@code Insights.PARTS}; empty for none
 * @param images training pictures, and as many for testing, at most; 0 for all
 * @param lossImages pictures that the pre-training loss is taken over, for sharpness and landscape;
 *     0 for the default
 * @param againstJoint whether each run's encoders are compared with those of its joint run
 */
public record InsightParts(List<String> parts, int images, int lossImages, boolean againstJoint) {
  /** Makes the list immutable. */
  public InsightParts {
    parts = List.copyOf(parts);
  }

  /** Nothing at all. */
  static InsightParts none() {
    return new InsightParts(List.of(), 0, 0, false);
  }

  /** Reads what a study's file asks for; nothing where it says nothing. */
  static InsightParts read(Fields top) {
    if (!top.has("insight")) {
      return none();
    }
    Fields fields =
        Fields.of(
            "insight",
            top.node().get("insight"),
            "parts",
            "images",
            "loss-images",
            "against-joint");
    List<String> parts =
        fields.has("parts") ? fields.words("parts", "some of " + Insights.PARTS) : List.of();
    parts.forEach(
        part -> Choice.check("insight: parts", part, Insights.PARTS.toArray(String[]::new)));
    return new InsightParts(
        parts,
        fields.whole("images", 2000, 0),
        fields.whole("loss-images", 0, 0),
        fields.flag("against-joint"));
  }
}
