package dev.millrace.analysis;

import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.stream.source.Folders;
import java.util.List;

/**
 * What to find out about a run, and how thoroughly: begin with {@link #of} and add what is to be
 * otherwise.
 *
 * @param parts some of {@link Insights#PARTS}
 * @param images pictures at most that forgetting learns from, and that it judges by; health and CKA
 *     look at 512 of the stream's at most; 0 for all
 * @param loss how thoroughly to look at the loss
 * @param threads cores to use
 * @param device where to compute
 * @param seed of every draw
 * @param layout what the folders of the run's sets mean where forgetting asks for their classes, as
 *     {@code --layout} says; null for what the run says
 */
public record InsightRequest(
    List<String> parts,
    int images,
    Loss loss,
    int threads,
    String device,
    long seed,
    String layout) {
  /**
   * How thoroughly to look at a chunk's loss.
   *
   * @param images pictures of a chunk that its pre-training loss is taken on, at least 8
   * @param adaptive how thoroughly to look for sharpness
   * @param adaptiveImages pictures of a chunk that it is taken on, at least 8
   * @param sharpness how thoroughly to look for the scale-dependent measures of sharpness
   * @param landscape where to look at the landscape
   */
  public record Loss(
      int images,
      AdaptiveSharpness.Settings adaptive,
      int adaptiveImages,
      Sharpness.Settings sharpness,
      LossLandscape.Settings landscape) {
    /** 64 pictures for the pre-training loss, 512 for sharpness, the rest by its own defaults. */
    public static final Loss DEFAULT =
        new Loss(
            64,
            AdaptiveSharpness.Settings.defaults(),
            512,
            Sharpness.Settings.defaults(),
            LossLandscape.Settings.defaults());

    /** Refuses fewer pictures than batch normalisation needs. */
    public Loss {
      Require.flag(
          images >= 8, "--loss-images", images + " is below 8; batch normalisation needs a batch");
      Require.flag(
          adaptiveImages >= 8,
          "--sharpness-images",
          adaptiveImages + " is below 8; batch normalisation needs a batch");
    }

    /** On this many pictures of a chunk instead. */
    public Loss withImages(int pictures) {
      return new Loss(pictures, adaptive, adaptiveImages, sharpness, landscape);
    }

    /** Sharpness looked for so, on this many pictures of a chunk, instead. */
    public Loss with(AdaptiveSharpness.Settings how, int pictures) {
      return new Loss(images, how, pictures, sharpness, landscape);
    }

    /** The scale-dependent measures looked for so instead. */
    public Loss with(Sharpness.Settings how) {
      return new Loss(images, adaptive, adaptiveImages, how, landscape);
    }

    /** The landscape looked at there instead. */
    public Loss with(LossLandscape.Settings where) {
      return new Loss(images, adaptive, adaptiveImages, sharpness, where);
    }
  }

  /** Refuses unknown parts and values outside their ranges. */
  public InsightRequest {
    parts = List.copyOf(parts);
    parts.forEach(part -> Choice.check("--parts", part, Insights.PARTS.toArray(String[]::new)));
    Require.flag(
        !parts.isEmpty(),
        "--parts",
        "names nothing; allowed: " + String.join(", ", Insights.PARTS));
    Require.flag(images >= 0, "--images", images + " is below 0; 0 means all");
    Require.flag(threads >= 1, "--threads", threads + " is below 1");
    if (layout != null) {
      Folders.of(layout);
    }
  }

  /** These parts, or all where none is named, with the defaults, on the CPU. */
  public static InsightRequest of(int threads, String... parts) {
    return new InsightRequest(
        parts.length == 0 ? Insights.PARTS : List.of(parts),
        2000,
        Loss.DEFAULT,
        threads,
        "cpu",
        0,
        null);
  }

  /** These parts instead. */
  public InsightRequest withParts(List<String> others) {
    return new InsightRequest(others, images, loss, threads, device, seed, layout);
  }

  /** At most this many pictures instead; 0 for all. */
  public InsightRequest withImages(int pictures) {
    return new InsightRequest(parts, pictures, loss, threads, device, seed, layout);
  }

  /** The loss looked at so instead. */
  public InsightRequest with(Loss how) {
    return new InsightRequest(parts, images, how, threads, device, seed, layout);
  }

  /** On this device instead. */
  public InsightRequest on(String where) {
    return new InsightRequest(parts, images, loss, threads, where, seed, layout);
  }

  /** With draws of another seed. */
  public InsightRequest withSeed(long other) {
    return new InsightRequest(parts, images, loss, threads, device, other, layout);
  }

  /** With folders that mean this instead. */
  public InsightRequest withLayout(String meaning) {
    return new InsightRequest(parts, images, loss, threads, device, seed, meaning);
  }
}
