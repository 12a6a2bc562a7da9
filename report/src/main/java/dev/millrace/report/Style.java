package dev.millrace.report;

import dev.millrace.study.record.Cell;
import java.util.List;

/** Which colour, dash and mark a series has: the same throughout the report. */
final class Style {
  private static final List<String> REMEDIES = List.of("st", "replay", "mas", "both", Cell.JOINT);

  private Style() {}

  static int remedy(String remedy) {
    // Free here: colours of supervised methods, where methods are told apart.
    switch (remedy) {
      case Cell.JOINT_WARM:
        return 5;
      case "ewc":
        return 6;
      case "cassle":
        return 7;
      case "si", "lump", "cla":
        return 2;
      case "pfr", "der":
        return 5;
      case "pnr", "osiris":
        return 6;
      case "orthogonal":
        return 3;
      default:
    }
    int place = REMEDIES.indexOf(remedy);
    return place < 0 ? 5 : place;
  }

  /** Self-supervised methods blue, supervised ones vermilion and orange. */
  static int method(String method) {
    return switch (method) {
      case "supervised" -> 0;
      case "supervised-mlp" -> 5;
      case "supervised-full" -> 6;
      case "supervised-mlp-full" -> 7;
      case "moco-v2" -> 1;
      case "simclr" -> 2;
      case "byol" -> 3;
      default -> 2 + Math.floorMod(method.hashCode(), 3);
    };
  }
}
