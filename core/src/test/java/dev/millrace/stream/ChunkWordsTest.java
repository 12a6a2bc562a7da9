package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ChunkWordsTest {
  /** Words that end with a chunk's number; a flag's own value counts from 0 and says so. */
  private static final Pattern NUMBERED =
      Pattern.compile("(?<!-)\\b[Cc]hunk (?:%d|\\{\\}|\"\\s*\\+)[\\s\\S]*?;\n");

  /** Where the number that follows is the index plus one, or a place that counts from 1 anyway. */
  private static final Pattern FROM_ONE = Pattern.compile("\\+ 1\\b|from 0");

  @Test
  void aChunkIsCountedFromOneAsItIsRead() {
    assertThat(ChunkWords.of(0)).isEqualTo("chunk 1");
    assertThat(ChunkWords.of(1, "photos")).isEqualTo("chunk 2 (photos)");
    assertThat(ChunkWords.of(1, 5)).isEqualTo("chunk 2 of 5");
  }

  @Test
  void noMessageIsBuiltWithAChunksIndexAsItIs() throws IOException {
    List<String> raw = new ArrayList<>();
    for (String module : List.of("core", "exchange", "app")) {
      Path sources = Path.of("..", module, "src", "main", "java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          Matcher found = NUMBERED.matcher(Files.readString(file));
          while (found.find()) {
            if (!FROM_ONE.matcher(found.group()).find() && !file.endsWith("ChunkWords.java")) {
              raw.add(file.getFileName() + ": " + found.group().lines().findFirst().orElse(""));
            }
          }
        }
      }
    }
    assertThat(raw).isEmpty();
  }
}
