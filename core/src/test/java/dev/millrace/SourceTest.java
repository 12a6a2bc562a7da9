package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said once in the sources, and where. */
class SourceTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** The product's sources that a pattern stands in, but for those that may. */
  private static List<String> with(String pattern, String... allowed) throws IOException {
    Pattern wanted = Pattern.compile(pattern);
    List<String> found = new ArrayList<>();
    for (String module :
        List.of(
            "core",
            "exchange",
            "terminal",
            "study",
            "report",
            "live",
            "serve",
            "cluster",
            "s3",
            "app")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          if (!List.of(allowed).contains(name) && wanted.matcher(Files.readString(file)).find()) {
            found.add(name);
          }
        }
      }
    }
    return found;
  }

  @Test
  void theFilesOfARunAreNamedInRunFolderAlone() throws IOException {
    assertThat(
            with(
                "\"(copies/)?(run\\.yaml|stream\\.json|state\\.json|finish\\.json|insight\\.json"
                    + "|encoder\\.safetensors|init\\.safetensors|metrics\\.jsonl|metrics\\.csv"
                    + "|health\\.jsonl|quarantine\\.jsonl|probes\\.jsonl)\"",
                "RunFolder"))
        .isEmpty();
    assertThat(
            with(
                "resolve\\(\"(lock|copies|checkpoints|chunks|checks|memory|detections|search"
                    + "|insight|tensorboard)\"\\)",
                "RunFolder",
                "LiveFolder"))
        .isEmpty();
  }

  @Test
  void aNumberOfSoManyDigitsDoesNotFollowTheLocale() throws IOException {
    assertThat(with("(?<!Locale\\.ROOT, )\"[^\"\\n]*%0\\d*d")).isEmpty();
  }

  /** Words without a space are read by machines, as names of layers and of files are. */
  @Test
  void aNumberInANameDoesNotFollowTheLocale() throws IOException {
    assertThat(
            with(
                "(?<!Locale\\.ROOT, )\"[^\"\\s]*%d[^\"\\s]*\"",
                // The command's processes have a locale of their own.
                "DemoPlan", "LiveDemo", "LiveDemoFeed", "SearchPage"))
        .isEmpty();
  }

  @Test
  void aFlagIsRefusedByAUsageException() throws IOException {
    assertThat(with("new IllegalArgumentException\\([^;]*?\"--[^;]*?;")).isEmpty();
  }

  @Test
  void whatIsRequiredIsRequiredInOnePlace() throws IOException {
    assertThat(with("void require\\(boolean \\w+, String")).isEmpty();
  }

  @Test
  void whatIsLeftUnnamedIsCountedInOnePlace() throws IOException {
    assertThat(with("\" more\"", "Some")).isEmpty();
  }

  @Test
  void foldersAreDeletedWithAllThatIsInThemInOnePlace() throws IOException {
    assertThat(with("Comparator\\.reverseOrder\\(\\)\\)\\.toList", "Trees")).isEmpty();
  }

  @Test
  void filesAreLockedSwappedAndHashedInOnePlaceEach() throws IOException {
    assertThat(with("\\.tryLock\\(", "LockFile")).isEmpty();
    assertThat(with("ATOMIC_MOVE", "AtomicFiles")).isEmpty();
    assertThat(with("MessageDigest\\.getInstance", "Sha256")).isEmpty();
  }

  /** The journal of vectors and the spool of pictures have frames, and no lines. */
  @Test
  void logsGrowAndAreMendedInOnePlace() throws IOException {
    assertThat(
            with("StandardOpenOption\\.APPEND|\\.truncate\\(", "AppendLog", "Journal", "FileSpool"))
        .isEmpty();
  }

  @Test
  void whatComputesIsStartedByOneCall() throws IOException {
    assertThat(with("Natives\\.(load|threads)\\(", "Compute", "Device", "FreeCores")).isEmpty();
  }

  @Test
  void whatMakesAFilesNameOfOtherWordsIsFileName() throws IOException {
    // Head makes the name of a set, as hubs allow it.
    assertThat(with("replaceAll\\(\\s*\"\\[\\^", "FileName", "Head")).isEmpty();
  }

  @Test
  void jsonAndYamlAreReadAndWrittenOneWayEach() throws IOException {
    assertThat(
            with(
                "new (ObjectMapper|JsonMapper|JsonFactory|YAMLFactory|YAMLMapper)\\b"
                    + "|(JsonMapper|JsonFactory|YAMLMapper|YAMLFactory)\\.builder",
                "Json",
                "Yaml"))
        .isEmpty();
    // They are everybody's.
    assertThat(
            with(
                "\\b(JSON|YAML|PATIENT|VALUES|NUMBERS)\\s*\\.(enable|disable|configure|register|set)"))
        .isEmpty();
  }
}
