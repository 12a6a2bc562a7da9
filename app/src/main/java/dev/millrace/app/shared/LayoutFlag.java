package dev.millrace.app.shared;

import dev.millrace.stream.source.Folders;
import picocli.CommandLine.Option;

/** What the folders of a set mean, where the guess is wrong. */
public final class LayoutFlag {
  static final String WORDS =
      "what the folders of a set mean: auto (guessed, a doubt refused), flat (nothing), class (CLASS/image), domain (DOMAIN/CLASS/image), split (train/, val/, test/ around or below classes), shards (WebDataset or Parquet) or folders (as auto, but never shards)";

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description = WORDS + " (default: auto, or what the run says of a set that it has)")
  private String layout;

  /** The given word, checked; null if none was. */
  public String given() {
    if (layout != null) {
      Folders.of(layout);
    }
    return layout;
  }

  /** The given meaning, or the guess. */
  public Folders folders() {
    return layout == null ? Folders.AUTO : Folders.of(layout);
  }
}
