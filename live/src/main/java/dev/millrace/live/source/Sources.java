package dev.millrace.live.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/** The sources that Millrace knows by their words. */
public final class Sources {
  private static final String FOLDER = "folder:";

  private Sources() {}

  /**
   * A source; nothing is opened yet.
   *
   * @param words as {@code --source} has them
   * @throws IllegalArgumentException for words that name none
   */
  public static Source of(String words, InstantSource clock) {
    SourceWords given = SourceWords.of(words);
    if (given.name().startsWith(FOLDER)) {
      return folder(given.having("after", "settle", "labels"), clock);
    }
    throw UsageException.of(SourceWords.FLAG, words + " is no source; give folder:PATH");
  }

  private static Source folder(SourceWords given, InstantSource clock) {
    String path = given.name().substring(FOLDER.length());
    if (path.isEmpty()) {
      throw UsageException.of(SourceWords.FLAG, given.name() + " names no folder");
    }
    String after = given.choice("after", "keep", List.of("keep", "move", "delete"));
    boolean labels = given.choice("labels", "none", List.of("none", "folder")).equals("folder");
    FolderSettings settings =
        new FolderSettings(
            Path.of(path),
            FolderSettings.After.valueOf(after.toUpperCase(Locale.ROOT)),
            given.duration("settle", "2s"),
            labels);
    return new FolderSource(given.name(), settings, Catalogue.standard(), clock);
  }
}
