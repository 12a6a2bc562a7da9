package dev.millrace.report;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Names;

/** Which colour, dash and mark a series has: the same throughout the report. */
final class Style {
  private static final int[] REMEDIES = {1, 2, 6, 7, 5};
  private static final int[] SELF_SUPERVISED = {1, 2, 3, 4, 7, 6};

  private Style() {}

  static int remedy(Names names, String remedy) {
    return switch (remedy) {
      case Cell.SEQUENTIAL -> 0;
      case Cell.BOTH -> 3;
      case Cell.JOINT -> 4;
      case Cell.JOINT_WARM -> 5;
      default -> REMEDIES[names.remedyPlace(remedy) % REMEDIES.length];
    };
  }

  /** Self-supervised methods blue and green, those with labels vermilion and orange. */
  static int method(Names names, String method) {
    int place = names.methodPlace(method);
    if (!names.labels(method)) {
      return SELF_SUPERVISED[place % SELF_SUPERVISED.length];
    }
    return Names.full(method) ? 6 + place % 2 : 5 * (place % 2);
  }
}
