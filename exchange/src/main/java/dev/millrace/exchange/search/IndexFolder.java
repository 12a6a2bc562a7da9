package dev.millrace.exchange.search;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.file.Reason;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/**
 * The folder of an index, and what its last commit says: of which encoder and set it is, how far it
 * got, and which pictures have no vector.
 *
 * @param path where it is
 */
record IndexFolder(Path path) {
  static final String DONE = "done";
  static final String COMPLETE = "complete";

  /** It was kept up, so its numbers are not the pictures' places. */
  static final String UPDATED = "updated";

  static final String BAD = "bad";

  private static final Pattern OF_LUCENE =
      Pattern.compile("write\\.lock|_.*|(pending_)?segments_.*");

  private static final TypeReference<List<String>> NAMES = new TypeReference<>() {};

  /** Lucene's view of it; the caller closes it. */
  Directory open() throws IOException {
    return FSDirectory.open(path);
  }

  /**
   * What the last commit says; null if there is none yet.
   *
   * @throws IllegalArgumentException if something else lies there
   * @throws IOException if it is damaged
   */
  Map<String, String> words() throws IOException {
    if (!Files.exists(path)) {
      return null;
    }
    if (!Files.isDirectory(path)) {
      throw UsageException.of(
          "--index", path + " is a file; give a folder that does not exist, or one of an index");
    }
    try (Directory directory = open()) {
      if (!DirectoryReader.indexExists(directory)) {
        requireNothingElse();
        return null;
      }
      Map<String, String> words = SegmentInfos.readLatestCommit(directory).getUserData();
      if (!Origin.known(words)) {
        throw UsageException.of(
            "--index", path + " is a Lucene index, but none of `millrace search`; give another");
      }
      return words;
    } catch (CorruptIndexException | java.io.EOFException | java.nio.file.NoSuchFileException e) {
      throw damaged(e);
    }
  }

  /** What the last commit says, as far as it can be read; null where nothing can. */
  Map<String, String> readableWords() {
    try {
      return words();
    } catch (IOException | IllegalArgumentException e) {
      return null; // said, where it matters, by whoever opens it
    }
  }

  /** Refuses a folder that holds more than an index. */
  private void requireNothingElse() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      String other =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !OF_LUCENE.matcher(name).matches())
              .findFirst()
              .orElse(null);
      if (other != null) {
        throw UsageException.of(
            "--index",
            "%s holds other files, such as %s; give a folder that is empty or does not exist"
                .formatted(path, other));
      }
    }
  }

  /**
   * Makes room for a new index: one that is there is left for the new one to replace, and a damaged
   * one is deleted.
   *
   * @throws IllegalArgumentException if something else lies there
   */
  void makeRoom() throws IOException {
    try {
      words();
    } catch (IOException damaged) {
      requireNothingElse();
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  IOException damaged(IOException cause) {
    return new IOException(
        "the index %s is damaged (%s); make it anew with --rebuild"
            .formatted(path, Reason.whole(cause)),
        cause);
  }

  /** Pictures that are indexed or known as bad. */
  static int done(Map<String, String> words) {
    return words == null ? 0 : Integer.parseInt(words.get(DONE));
  }

  static boolean updated(Map<String, String> words) {
    return words != null && words.containsKey(UPDATED);
  }

  static boolean complete(Map<String, String> words) {
    return words != null && words.containsKey(COMPLETE);
  }

  /** The pictures without a vector, each with its reason. */
  static List<String> bad(Map<String, String> words) {
    return words == null ? List.of() : names(words.get(BAD));
  }

  /** A list as commits hold it. */
  static List<String> names(String list) {
    try {
      return JSON.readValue(list, NAMES);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a commit holds a list that is none: " + list, e);
    }
  }

  static String list(List<String> bad) {
    try {
      return JSON.writeValueAsString(bad);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names are always JSON", e);
    }
  }
}
