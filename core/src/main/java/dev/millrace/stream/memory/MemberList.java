package dev.millrace.stream.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Padded;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is a member before a chunk, where another policy than {@link Keep} chooses: {@code
 * members-00003.txt}, a checksum and then a line per picture, its chunk and the number of its id.
 * Without it nothing is let go, and a damaged one counts as none: only disk is lost.
 *
 * @param lines {@code chunk number} of each picture
 */
public record MemberList(Set<String> lines) {
  /** Makes the set immutable. */
  public MemberList {
    lines = Set.copyOf(lines);
  }

  /** A line for a picture. */
  public static String line(long chunk, long number) {
    return chunk + " " + number;
  }

  boolean has(int chunk, String id) {
    return lines.contains(line(chunk, Sha256.number(id)));
  }

  private static Path file(Path dir, int chunk) {
    return dir.resolve("members-" + Padded.of(chunk, 5) + ".txt");
  }

  void write(Path dir, int chunk) throws IOException {
    String text = new TreeSet<>(lines).stream().map(l -> l + "\n").collect(Collectors.joining());
    AtomicFiles.write(file(dir, chunk), (Sha256.of(text) + "\n" + text).getBytes(UTF_8));
  }

  static Optional<MemberList> read(Path dir, int chunk) throws IOException {
    Path file = file(dir, chunk);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String all = new String(Files.readAllBytes(file), UTF_8);
    int head = all.indexOf('\n');
    String text = all.substring(head + 1);
    return head > 0 && all.substring(0, head).equals(Sha256.of(text))
        ? Optional.of(new MemberList(Set.copyOf(text.lines().toList())))
        : Optional.empty();
  }

  /** Drops the lists of all chunks before one. */
  static void drop(Path dir, int chunk) throws IOException {
    List<Path> old;
    try (Stream<Path> files = Files.list(dir)) {
      String first = file(dir, chunk).getFileName().toString();
      old =
          files
              .filter(file -> file.getFileName().toString().matches("members-[0-9]{5}\\.txt"))
              .filter(file -> file.getFileName().toString().compareTo(first) < 0)
              .toList();
    }
    for (Path file : old) {
      Files.delete(file);
    }
  }
}
