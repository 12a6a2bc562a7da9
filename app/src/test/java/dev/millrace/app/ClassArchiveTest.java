package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The real launcher in a checkout that is built already: of a program that says its arguments, with
 * the JVM of these tests, or with a stand-in for it that is started in no time.
 */
final class ClassArchiveTest {
  private static final String BUILD = "20260101-000000-1";

  private static final String STAND_IN =
      """
      #!/usr/bin/env bash
      if [ "$1" = -version ]; then echo 'openjdk version "17.0.1"' >&2; exit 0; fi
      for word in "$@"; do
        case "$word" in
          -XX:ArchiveClassesAtExit=*)
            echo made
            [ "$MAKING" = fails ] && exit 1
            [ "$MAKING" = none ] && exit 0
            printf '%s' "half an archive" >"${word#*=}"
            touch "$JAVA_HOME/making"
            [ "$MAKING" = long ] && exec sleep 100
            printf '%s' ", and the rest" >>"${word#*=}"
            echo x >>"$JAVA_HOME/made"
            exit 0 ;;
          -XX:SharedArchiveFile=*) echo "mapped: $(cat "${word#*=}")" ;;
          -XX:ErrorFile=*) echo "crashes: ${word#*=}" ;;
        esac
      done
      echo "ran: ${@: -2}"
      """;

  private record Said(int code, String out, String err) {}

  @TempDir private Path folder;

  private Path root;
  private Path lib;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void checkout() throws IOException {
    checkout(folder.resolve("millrace"));
    Path java = folder.resolve("jdk/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, STAND_IN);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    environment.put("MAKING", "");
  }

  private void checkout(Path at) throws IOException {
    root = at;
    lib = root.resolve("app/target/builds").resolve(BUILD);
    Files.createDirectories(lib);
    Path launcher = Path.of("..", "millrace");
    Files.copy(launcher, root.resolve("millrace"));
    Files.setPosixFilePermissions(
        root.resolve("millrace"), PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String source :
        List.of(
            "pom.xml",
            "core/pom.xml",
            "exchange/pom.xml",
            "terminal/pom.xml",
            "study/pom.xml",
            "report/pom.xml",
            "live/pom.xml",
            "serve/pom.xml",
            "cluster/pom.xml",
            "s3/pom.xml",
            "app/pom.xml")) {
      Path file = root.resolve(source);
      Files.createDirectories(file.resolveSibling("src/main"));
      Files.writeString(file, "");
      Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    }
    Files.createFile(lib.resolve("small.jar"));
    Files.writeString(root.resolve("app/target/built"), BUILD);
  }

  private Process start(String... words) throws IOException {
    String[] line =
        Stream.concat(Stream.of(root + "/millrace"), Arrays.stream(words)).toArray(String[]::new);
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Said run(String... words) throws Exception {
    int code = start(words).waitFor();
    return new Said(code, text(folder.resolve("out")), text(folder.resolve("err")));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private void runs(String how) throws Exception {
    Said said = run("data", "list");
    assertThat(said.code()).as(said.toString()).isZero();
    assertThat(said.out()).contains("ran: data list");
    assertThat(said.out().contains("mapped: ")).as(said.out()).isEqualTo(how.equals("mapped"));
    if (how.equals("mapped")) {
      assertThat(said.out()).contains("mapped: half an archive, and the rest");
    }
  }

  private List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .filter(
              file ->
                  !file.endsWith("small.jar") && !file.getFileName().toString().startsWith(".held"))
          .sorted()
          .toList();
    }
  }

  private long made() {
    return Command.lines(folder.resolve("jdk/made"));
  }

  @Test
  void theClassArchiveIsMadeOnceAndMappedFromThenOn() throws Exception {
    runs("mapped");
    runs("mapped");
    assertThat(made()).isOne();
    assertThat(archives()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "empty", "flipped", "longer"})
  void aDamagedClassArchiveIsNeverMappedAndMadeAnew(String fault) throws Exception {
    runs("mapped");
    Path archive = archives().get(0);
    byte[] bytes = Files.readAllBytes(archive);
    switch (fault) {
      case "cut" -> Files.write(archive, Arrays.copyOf(bytes, bytes.length / 3));
      case "empty" -> Files.write(archive, new byte[0]);
      case "longer" -> Files.write(archive, Arrays.copyOf(bytes, bytes.length + 1));
      default -> {
        bytes[4] ^= 1;
        Files.write(archive, bytes);
      }
    }
    runs("mapped");
    assertThat(made()).isEqualTo(2);
    runs("mapped");
    assertThat(made()).isEqualTo(2);
    assertThat(archives()).hasSize(1);
  }

  @Test
  void afterAKillWhileTheClassArchiveIsMadeTheNextStartMakesIt() throws Exception {
    environment.put("MAKING", "long");
    Process killed = start("data", "list");
    while (!Files.exists(folder.resolve("jdk/making"))) {
      assertThat(killed.isAlive()).isTrue();
      Thread.sleep(5);
    }
    killed.descendants().forEach(ProcessHandle::destroyForcibly);
    killed.destroyForcibly().waitFor();
    assertThat(archives()).as("what it left").hasSize(1);
    environment.put("MAKING", "");
    runs("mapped");
    assertThat(archives()).hasSize(1);
    assertThat(made()).isOne();
  }

  @Test
  void aSecondStartWhileTheClassArchiveIsMadeLeavesThatAlone() throws Exception {
    environment.put("MAKING", "long");
    Process first = start("data", "list");
    while (!Files.exists(folder.resolve("jdk/making"))) {
      Thread.sleep(5);
    }
    List<Path> making = archives();
    environment.put("MAKING", "");
    runs("mapped");
    assertThat(making).allMatch(Files::exists);
    first.descendants().forEach(ProcessHandle::destroyForcibly);
    first.destroyForcibly().waitFor();
  }

  @Test
  void whereNoClassArchiveCanBeMadeStartsWorkWithout() throws Exception {
    environment.put("MAKING", "fails");
    runs("bare");
    environment.put("MAKING", "none");
    runs("bare");
    runs("bare");
    assertThat(archives()).as("not tried again").hasSize(1);
  }

  @Test
  void aTemporaryFolderThatIsMissingOrNoFolderStopsNothing() throws Exception {
    for (String none : List.of(folder + "/none", Files.createFile(folder.resolve("file")) + "")) {
      environment.put("TMPDIR", none);
      runs("mapped");
      assertThat(run("data", "list").out()).contains("crashes: /tmp/millrace-crash-");
    }
    environment.put("TMPDIR", folder.toString());
    assertThat(run("data", "list").out()).contains("crashes: " + folder + "/millrace-crash-");
  }

  @Test
  void aColonInThePathIsRefusedInWords() throws Exception {
    checkout(folder.resolve("half:half"));
    Said said = run("data", "list");
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .contains(
            "millrace: its folder " + root + " has a colon in its path", "move it to a folder");
    assertThat(archives()).isEmpty();
  }

  @Test
  void aLinkToTheLauncherStartsItFromAnyFolder() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("mr"), root.resolve("millrace"));
    ProcessBuilder builder =
        new ProcessBuilder(link.toString(), "data", "list")
            .directory(Files.createDirectory(folder.resolve("elsewhere")).toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile());
    builder.environment().putAll(environment);
    assertThat(builder.start().waitFor()).as(text(folder.resolve("out"))).isZero();
    assertThat(text(folder.resolve("out"))).contains("ran: data list");
  }

  /** A main class of the command's name, in the one jar of the checkout. */
  private void program() throws IOException {
    Path source = folder.resolve("dev/millrace/app/Main.java");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        "package dev.millrace.app; public class Main { public static void main(String[] a) {"
            + " System.out.println(\"ran: \" + String.join(\" \", a)); } }");
    int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString());
    assertThat(failed).isZero();
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(lib.resolve("small.jar")))) {
      jar.putNextEntry(new JarEntry("dev/millrace/app/Main.class"));
      jar.write(Files.readAllBytes(source.resolveSibling("Main.class")));
    }
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  private void saysItsArguments() throws Exception {
    Said said = run("data", "list");
    assertThat(said.code()).as(said.toString()).isZero();
    assertThat(said.out().strip()).isEqualTo("ran: data list");
    assertThat(said.err().lines())
        .allMatch(line -> line.equals("millrace: preparing faster starts (once per build)"));
  }

  @Test
  void withARealJvmADamagedClassArchiveCrashesNothing() throws Exception {
    program();
    saysItsArguments();
    Path archive = archives().get(0);
    assertThat(archive.toString()).endsWith(".jsa");
    byte[] whole = Files.readAllBytes(archive);
    for (int length : new int[] {whole.length / 3, 100, whole.length - 1}) {
      Files.write(archives().get(0), Arrays.copyOf(whole, length));
      saysItsArguments();
      assertThat(Files.size(archives().get(0))).isGreaterThan(whole.length / 2);
    }
  }

  @Test
  void aFolderWithLettersBeyondAsciiWorksInALocaleWithout() throws Exception {
    checkout(folder.resolve("ünï 空"));
    program();
    environment.put("LC_ALL", "C");
    saysItsArguments();
    saysItsArguments();
  }
}
