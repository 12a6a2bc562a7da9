package dev.millrace.study;

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
}
