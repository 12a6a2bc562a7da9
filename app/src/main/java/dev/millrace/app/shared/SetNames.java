package dev.millrace.app.shared;

import dev.millrace.file.FileName;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of sets as one flag's value. A comma parts two sets, but not where it is part of the path
 * of something that is there, stands behind a backslash, or before {@code key=value} of a generated
 * set.
 */
public final class SetNames {
  private static final String COMMA = "(?<!\\\\),(?![^,=:]*=)";

  private SetNames() {}

  /**
   * The sets of {@code A,B,generated:images=100,classes=4}.
   *
   * @throws UsageException if one has no name, as where a variable of a shell is not set
   */
  public static List<String> split(String value) {
    List<String> pieces = List.of(value.split(COMMA, -1));
    List<String> sets = new ArrayList<>();
    for (int from = 0, to; from < pieces.size(); from = to) {
      to = pieces.size();
      while (to > from + 1 && !there(String.join(",", pieces.subList(from, to)))) {
        to--;
      }
      String set = String.join(",", pieces.subList(from, to));
      if (set.isBlank()) {
        throw UsageException.of(
            "--data", "has a set without a name in `" + value + "`; a comma stands between two");
      }
      sets.add(there(set) ? set : set.replace("\\,", ","));
    }
    return sets;
  }

  private static boolean there(String path) {
    try {
      return !path.isBlank() && Files.exists(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** A few words for a run's default name: the sets' own names, without their folders. */
  public static String shortName(List<String> sets) {
    List<String> names = new ArrayList<>();
    for (String set : sets) {
      Path file =
          Catalogue.isName(set) ? null : Path.of(set).toAbsolutePath().normalize().getFileName();
      String name = file == null ? set.replaceAll("[:/].*", "") : file.toString();
      name = FileName.words(name);
      names.add(name.isEmpty() ? "set" : name);
    }
    return String.join("-", names);
  }
}
