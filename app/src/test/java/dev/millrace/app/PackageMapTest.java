package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of packages in docs/architecture.md, held to the imports of the code. */
final class PackageMapTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAME = Pattern.compile("`([a-z0-9.]+)`");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import (?:static )?dev\\.millrace\\.([a-z0-9.]+)\\.[A-Z]");

  /** The row in which each package stands. */
  private static Map<String, Integer> rows() throws IOException {
    Map<String, Integer> rows = new HashMap<>();
    List<String> lines =
        Files.readString(ROOT.resolve("docs/architecture.md"))
            .replaceFirst("(?s).*## Packages, lowest first", "")
            .replaceFirst("(?s)\n## .*", "")
            .lines()
            .filter(line -> line.startsWith("| `"))
            .toList();
    for (int row = 0; row < lines.size(); row++) {
      Matcher name = NAME.matcher(lines.get(row).split("\\|", -1)[1]);
      while (name.find()) {
        rows.put(name.group(1), row);
      }
    }
    return rows;
  }

  private static String listed(String name, Map<String, Integer> rows) {
    String found = name;
    while (!rows.containsKey(found) && found.contains(".")) {
      found = found.substring(0, found.lastIndexOf('.'));
    }
    return rows.containsKey(found) ? found : null;
  }

  private static boolean live(String name) {
    return name.equals("live") || name.startsWith("live.");
  }

  @Test
  void aPackageUsesOnlyThoseInRowsAboveItsOwn() throws IOException {
    Map<String, Integer> rows = rows();
    assertThat(rows).hasSizeGreaterThan(50);
    Set<String> unlisted = new TreeSet<>();
    Set<String> downwards = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path sources = module.resolve("src/main/java/dev/millrace");
        if (!Files.isDirectory(sources)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(sources)) {
          for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
            String own = sources.relativize(file.getParent()).toString().replace('/', '.');
            String from = listed(own, rows);
            if (from == null) {
              unlisted.add(own);
              continue;
            }
            Matcher used = IMPORT.matcher(Files.readString(file));
            while (used.find()) {
              String to = listed(used.group(1), rows);
              if (to != null && rows.get(to) > rows.get(from) && !(live(from) && live(to))) {
                downwards.add(from + " → " + to + ", in " + file.getFileName());
              }
            }
          }
        }
      }
    }
    assertThat(unlisted).as("packages without a row").isEmpty();
    assertThat(downwards).isEmpty();
  }
}
