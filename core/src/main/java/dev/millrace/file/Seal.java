package dev.millrace.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The checksums of a folder's files, in its {@code SHA256SUMS}: a line per file as {@code sha256sum
 * -c} reads them, and a last one with the checksum of the lines above. A file that is going to be
 * replaced is dropped from it first and added again afterwards, so a kill between leaves it
 * unsealed, never refused. A folder without the file is one of an older version: nothing is sealed
 * in it until something is added. Not thread-safe; writers hold the folder's lock.
 */
public final class Seal {
  /** The record's name in its folder. */
  public static final String NAME = "SHA256SUMS";

  private static final String BESIDE = ".sha256";
  private static final String LAST = "# sha256 of the lines above: ";

  private final Path folder;
  private final Path record;
  private final Map<String, String> sums = new TreeMap<>();

  private Seal(Path folder, Path record) {
    this.folder = folder;
    this.record = record;
  }

  /**
   * Reads the record of a folder; an empty one where there is none.
   *
   * @throws IOException if the record itself is damaged
   */
  public static Seal of(Path folder) throws IOException {
    return in(folder, folder.resolve(NAME));
  }

  /**
   * Reads a record of files that lie in a folder with others.
   *
   * @param record the record's own file
   */
  public static Seal in(Path folder, Path record) throws IOException {
    Seal seal = new Seal(folder, record);
    if (Files.exists(record)) {
      seal.read();
    }
    return seal;
  }

  /**
   * Reads the record of a file that belongs to no such folder, and of what lies beside it: {@code
   * FILE.sha256}.
   */
  public static Seal beside(Path file) throws IOException {
    return in(file.toAbsolutePath().getParent(), recordOf(file));
  }

  /** Where the record of a file is that belongs to no sealed folder. */
  public static Path recordOf(Path file) {
    return file.resolveSibling(file.getFileName() + BESIDE);
  }

  /** The file that a record lies beside; null if the path is not named as one. */
  public static Path ofRecord(Path record) {
    String name = record.getFileName().toString();
    return name.endsWith(BESIDE) && name.length() > BESIDE.length()
        ? record.resolveSibling(name.substring(0, name.length() - BESIDE.length()))
        : null;
  }

  private void read() throws IOException {
    String text;
    try {
      text = Files.readString(record, StandardCharsets.UTF_8);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw damaged();
    } catch (IOException e) {
      throw Reason.named(record, e);
    }
    int end = text.lastIndexOf(LAST);
    if (end < 0 || !text.substring(end).equals(last(text.substring(0, end)))) {
      throw damaged();
    }
    for (String line : text.substring(0, end).split("\n")) {
      int gap = line.indexOf("  ");
      if (gap > 0) {
        sums.put(line.substring(gap + 2), line.substring(0, gap));
      }
    }
  }

  private IOException damaged() {
    return new IOException(
        record
            + " is damaged: its lines do not fit the checksum in its last one; remove it: it only guards the files beside it, and the next command that writes there makes it again");
  }

  private static String last(String lines) {
    return LAST + Sha256.of(lines) + "\n";
  }

  /** The sealed files' names within the folder, with {@code /} between. */
  public Set<String> names() {
    return Set.copyOf(sums.keySet());
  }

  /** Whether a file's checksum is known. */
  public boolean holds(Path file) {
    return sums.containsKey(name(file));
  }

  /** The checksum a file should have; null where it is not sealed. */
  public String expected(Path file) {
    return sums.get(name(file));
  }

  /** Whether a file is as it was sealed; one that is not sealed is taken as it is. */
  public boolean fits(Path file) throws IOException {
    String expected = expected(file);
    return expected == null || Files.exists(file) && Sha256.of(file).equals(expected);
  }

  /**
   * Refuses a file that is not as it was sealed.
   *
   * @param mend what to do then
   * @throws IOException with the file, both checksums and the mend
   */
  public void require(Path file, String mend) throws IOException {
    String expected = expected(file);
    if (expected == null) {
      return;
    }
    String found = Files.exists(file) ? Sha256.of(file) : "no such file";
    if (!found.equals(expected)) {
      throw new IOException(
          "%s is damaged: expected checksum %s, found %s; %s"
              .formatted(file, expected, found, mend));
    }
  }

  /**
   * Reads every sealed file again.
   *
   * @param mend what to do about a file of a name
   */
  public List<Finding> examine(UnaryOperator<String> mend) {
    List<Finding> findings = new ArrayList<>();
    sums.forEach(
        (name, sum) -> {
          Path file = folder.resolve(name);
          try {
            String found = Files.exists(file) ? Sha256.of(file) : null;
            findings.add(
                sum.equals(found)
                    ? Finding.ok(name, "as it was written")
                    : Finding.bad(
                        name,
                        found == null
                            ? "missing"
                            : "damaged: expected checksum %.12s…, found %.12s…"
                                .formatted(sum, found),
                        mend.apply(name)));
          } catch (IOException e) {
            findings.add(Finding.bad(name, "cannot be read: " + Reason.of(e), mend.apply(name)));
          }
        });
    return findings;
  }

  /**
   * Reads a file and what lies beside it again.
   *
   * @param again how the file is made once more, an imperative
   * @throws IllegalArgumentException if there is no record beside it
   * @throws IOException if the record itself is damaged
   */
  public static List<Finding> examineBeside(Path file, String again) throws IOException {
    Path record = recordOf(file);
    if (!Files.exists(record)) {
      throw new IllegalArgumentException(
          "%s has no checksum beside it, in %s: nothing says how it was written; %s to get one"
              .formatted(file, record.getFileName(), again));
    }
    return beside(file).examine(name -> again);
  }

  /** Seals files as they are now, in one commit; those that are not there are dropped. */
  public void add(Path... files) throws IOException {
    Map<String, String> before = new TreeMap<>(sums);
    for (Path file : files) {
      if (Files.exists(file)) {
        sums.put(name(file), Sha256.of(file));
      } else {
        sums.remove(name(file));
      }
    }
    commitIfOther(before);
  }

  /** Seals files by checksums that were taken as they were written, in one commit. */
  public void take(Map<Path, String> known) throws IOException {
    Map<String, String> before = new TreeMap<>(sums);
    known.forEach((file, sum) -> sums.put(name(file), sum));
    commitIfOther(before);
  }

  /** Forgets files that are about to be replaced or removed, in one commit. */
  public void drop(Path... files) throws IOException {
    Map<String, String> before = new TreeMap<>(sums);
    for (Path file : files) {
      sums.remove(name(file));
    }
    commitIfOther(before);
  }

  private void commitIfOther(Map<String, String> before) throws IOException {
    if (before.equals(sums) && (sums.isEmpty() || Files.exists(record))) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    sums.forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
    String text = lines + last(lines.toString());
    AtomicFiles.write(record, text.getBytes(StandardCharsets.UTF_8));
  }

  private String name(Path file) {
    return folder.toAbsolutePath().relativize(file.toAbsolutePath()).toString().replace('\\', '/');
  }
}
