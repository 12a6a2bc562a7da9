package dev.millrace.live.source;

import dev.millrace.file.Reason;
import dev.millrace.file.TextFile;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sources that Millrace knows by their words. */
public final class Sources {
  private static final String FOLDER = "folder:";
  private static final String HTTP = "http://";
  private static final String KAFKA = "kafka://";
  private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})/?");

  private Sources() {}

  /**
   * A source; nothing is opened yet.
   *
   * @param words as {@code --source} has them
   * @param recordGaps whether a source goes on where pictures are gone, noting the gap; it ends by
   *     name else
   * @throws IllegalArgumentException for words that name none
   */
  public static Source of(String words, InstantSource clock, boolean recordGaps) {
    SourceWords given = SourceWords.of(words);
    if (given.name().startsWith(FOLDER)) {
      return folder(given.having("after", "settle", "labels"), clock);
    }
    if (given.name().startsWith(HTTP)) {
      return http(given.having("token-file", "max-bytes"));
    }
    if (given.name().startsWith(KAFKA)) {
      KafkaSettings settings =
          KafkaSettings.of(given.having("start", "config", "name"), recordGaps);
      return new KafkaSource(given.option("name", given.name()), settings, clock);
    }
    throw UsageException.of(
        SourceWords.FLAG,
        words
            + " is no source; give folder:PATH, http://127.0.0.1:PORT or kafka://HOST:PORT/TOPIC");
  }

  private static Source http(SourceWords given) {
    Matcher place = ADDRESS.matcher(given.name().substring(HTTP.length()));
    if (!place.matches()) {
      throw UsageException.of(
          SourceWords.FLAG, given.name() + " names no host and port; give http://127.0.0.1:8080");
    }
    String file = given.option("token-file", "");
    String token = "";
    try {
      token = file.isEmpty() ? "" : TextFile.read(Path.of(file)).strip();
    } catch (IOException e) {
      throw UsageException.of(SourceWords.FLAG, given.name() + ";token-file: " + Reason.whole(e));
    }
    if (given.options().containsKey("token-file") && token.isEmpty()) {
      // Who gives one wants senders to be asked; without it anybody on this machine may send.
      throw UsageException.of(
          SourceWords.FLAG,
          "%s;token-file=%s has no token; write one into it".formatted(given.name(), file));
    }
    return new HttpSource(
        given.name(),
        new HttpSettings(
            place.group(1),
            Integer.parseInt(place.group(2)),
            token,
            given.number("max-bytes", HttpSettings.STANDARD_BYTES)));
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
