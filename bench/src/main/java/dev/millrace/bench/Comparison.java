package dev.millrace.bench;

import java.util.List;

/**
 * One thing that both sides do.
 *
 * @param what its name in the table
 * @param ours mode and flags of {@link Ours}
 * @param script of the peer, in {@code bench/peer}
 * @param peer mode and flags of the peer's script; empty for a figure that has no peer
 * @param field the figure in both sides' JSON
 * @param time whether the figure is a time, so that less is better
 * @param reach the ratio that the project means to reach; 0 for none
 */
record Comparison(
    String what,
    List<String> ours,
    String script,
    List<String> peer,
    String field,
    boolean time,
    double reach) {
  private static final String MOCO = "moco_pytorch.py";

  /** Above 1: ours is better. */
  double ratio(double ours, double peer) {
    return time ? peer / ours : ours / peer;
  }

  private static Comparison views(String what, double reach, String... flags) {
    return new Comparison(
        what,
        with("augment", flags),
        MOCO,
        with("augment", flags),
        "us_per_image_two_views",
        true,
        reach);
  }

  private static Comparison speed(
      String what,
      double reach,
      String mode,
      List<String> ours,
      List<String> peer,
      String... both) {
    List<String> left = with(mode, both);
    List<String> right = with(mode, both);
    left.addAll(ours);
    right.addAll(peer);
    return new Comparison(what, left, MOCO, right, "images_per_s", false, reach);
  }

  /** A whole step of another method, by the script that has them all. */
  private static Comparison method(
      String what, double reach, int ours, int peer, String threads, String... both) {
    List<String> left = with("throughput", both);
    List<String> right = with("throughput", both);
    left.addAll(List.of("--threads", threads, "--steps", Integer.toString(ours)));
    right.addAll(List.of("--threads", threads, "--steps", Integer.toString(peer)));
    return new Comparison(what, left, "methods_pytorch.py", right, "images_per_s", false, reach);
  }

  /** SimCLR, BYOL and DINO, each on its own terms. */
  private static List<Comparison> methods(String threads) {
    return List.of(
        method(
            "SimCLR, width 16, 32 px, batch 256 (images/s)",
            1.3,
            30,
            12,
            threads,
            "--method",
            "simclr",
            "--batch",
            "256"),
        method(
            "BYOL, width 16, 32 px, batch 256 (images/s)",
            1.3,
            30,
            12,
            threads,
            "--method",
            "byol",
            "--batch",
            "256"),
        method(
            "DINO, ViT-Tiny, 32 px, batch 64 (images/s)",
            1.0,
            6,
            6,
            threads,
            "--method",
            "dino",
            "--encoder",
            "vit-tiny",
            "--batch",
            "64"),
        method(
            "DINO, ViT-Tiny, 32 px, four small crops, batch 64 (images/s)",
            1.0,
            6,
            6,
            threads,
            "--method",
            "dino",
            "--encoder",
            "vit-tiny",
            "--local-crops",
            "4",
            "--batch",
            "64"));
  }

  private static List<String> with(String mode, String... flags) {
    List<String> line = new java.util.ArrayList<>(List.of(mode));
    line.addAll(List.of(flags));
    return line;
  }

  /**
   * Every comparison; the quick ones only, if asked.
   *
   * @param folder JPEG files of 640×480
   * @param threads cores for whole trainings
   */
  static List<Comparison> all(String folder, String threads, boolean quick) {
    List<String> none = List.of();
    List<Comparison> all = new java.util.ArrayList<>();
    all.add(views("two views, 32 px, one core (us)", 15, "--size", "32"));
    all.add(
        views(
            "two 224 px views of a 256 px picture, one core (us)",
            8,
            "--size",
            "224",
            "--source",
            "256"));
    all.add(
        new Comparison(
            "decode a 640x480 JPEG, two 224 px views, one core (us)",
            List.of("decode", "--size", "224", "--folder", folder),
            MOCO,
            List.of("decode", "--size", "224", "--folder", folder),
            "us_per_image_decode_two_views",
            true,
            4));
    List<String> short12 = List.of("--steps", "12");
    List<String> long48 = List.of("--steps", "48");
    all.add(
        speed(
            "MoCo v2, width 16, 32 px, batch 256 (images/s)",
            1.5,
            "throughput",
            List.of("--steps", "30"),
            short12,
            "--width",
            "16",
            "--batch",
            "256",
            "--threads",
            threads));
    if (!quick) {
      all.add(
          speed(
              "MoCo v2, width 16, 32 px, batch 64 (images/s)",
              1.5,
              "throughput",
              List.of("--steps", "100"),
              long48,
              "--width",
              "16",
              "--batch",
              "64",
              "--threads",
              threads));
      all.add(
          speed(
              "MoCo v2, width 64, 32 px, batch 256 (images/s)",
              1.03,
              "throughput",
              List.of("--steps", "6"),
              List.of("--steps", "6"),
              "--width",
              "64",
              "--batch",
              "256",
              "--threads",
              threads));
      all.add(
          speed(
              "MoCo v2, width 16, 224 px from JPEG files, batch 64 (images/s)",
              2,
              "throughput",
              List.of("--steps", "16"),
              short12,
              "--width",
              "16",
              "--size",
              "224",
              "--batch",
              "64",
              "--folder",
              folder,
              "--threads",
              threads));
      all.addAll(methods(threads));
    }
    all.add(
        speed(
            "features, width 16, 32 px (images/s)",
            1.3,
            "features",
            none,
            none,
            "--width",
            "16",
            "--threads",
            threads));
    if (!quick) {
      all.add(
          speed(
              "features, width 64, 32 px (images/s)",
              1.0,
              "features",
              List.of("--images", "1000"),
              List.of("--images", "1000"),
              "--width",
              "64",
              "--threads",
              threads));
    }
    return all;
  }
}
