package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher with a Maven and a Java that only say what they were called with. */
final class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "millrace").toAbsolutePath().normalize();

  @TempDir private Path folder;
  private Path tools;
  private final Map<String, String> environment = new TreeMap<>();

  private record Said(int code, String out, String err) {}

  @BeforeEach
  void tools() throws IOException {
    tools = Files.createDirectory(folder.resolve("tools"));
    script(
        tools.resolve("java"),
        """
        [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit; }
        printf '%s\\n' "$@" | tee -a "$CALLS"
        """);
    script(tools.resolve("mvn"), "echo Maven was called >&2; exit 1");
    environment.put("PATH", tools + ":" + System.getenv("PATH"));
    environment.put("HOME", Files.createDirectory(folder.resolve("home")).toString());
    environment.put("CALLS", folder.resolve("calls").toString());
  }

  private static Path script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/usr/bin/env bash\n" + text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private Path release() throws IOException {
    Path root = folder.resolve("millrace-1");
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("lib"));
    Files.createFile(root.resolve("lib/millrace-app-1.jar"));
    Files.createFile(root.resolve("lib/millrace-core-1.jar"));
    return Files.copy(LAUNCHER, root.resolve("bin/millrace"));
  }

  private Path checkout() throws IOException {
    Path root = Files.createDirectory(folder.resolve("checkout"));
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
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
    }
    Files.createFile(root.resolve("pom.xml"));
    return Files.copy(LAUNCHER, root.resolve("millrace"));
  }

  private Said say(Path launcher, String... args) throws Exception {
    return said(start("", launcher, args), "");
  }

  /** Starts the launcher; what it says goes to files of this name. */
  private Process start(String name, Path launcher, String... args) throws IOException {
    List<String> line = new ArrayList<>(List.of(launcher.toString()));
    line.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(folder.resolve("out" + name).toFile())
            .redirectError(folder.resolve("err" + name).toFile());
    builder.environment().keySet().removeIf(key -> key.matches("JAVA_HOME|MILLRACE_.*|SPARK_.*"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Said said(Process process, String name) throws Exception {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(
        process.exitValue(),
        Files.readString(folder.resolve("out" + name)),
        Files.readString(folder.resolve("err" + name)));
  }

  @Test
  void aReleaseRunsWithoutMavenAndThroughALink() throws Exception {
    Path launcher = release();
    Path link = Files.createSymbolicLink(tools.resolve("mill"), launcher);
    for (Path start : List.of(launcher, link)) {
      Said said = say(start, "resume", "a run");
      assertThat(said.code()).as(said.err()).isZero();
      assertThat(said.out())
          .contains("/lib/millrace-app-1.jar:", "/lib/millrace-core-1.jar:")
          .contains("-Dmillrace.command=" + start + "\n")
          .endsWith("dev.millrace.app.Main\nresume\na run\n");
      assertThat(said.err()).doesNotContain("Maven");
    }
  }

  @Test
  void theSystemsReasonsAreEnglishWhateverTheLanguageOfTheShell() throws Exception {
    script(
        tools.resolve("java"),
        """
        [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit; }
        echo "${LC_ALL:-none} $LC_MESSAGES $LC_CTYPE"
        """);
    Path launcher = release();
    environment.put("LC_ALL", "C.UTF-8");
    assertThat(say(launcher, "doctor").out()).containsPattern("none C \\S+(UTF-8|utf8)\n$");
    environment.put("LC_ALL", "de_DE.ISO-8859-1");
    assertThat(say(launcher, "doctor").out()).containsPattern("none C \\S+(UTF-8|utf8)\n$");
    environment.put("LC_ALL", "");
    environment.put("LC_CTYPE", "C.UTF-8");
    environment.put("LC_MESSAGES", "de_DE.UTF-8");
    assertThat(say(launcher, "doctor").out()).containsPattern("none C \\S+(UTF-8|utf8)\n$");
  }

  @Test
  void fileNamesAreDecodedAsUtf8WhateverLocaleThatIsNotHereIsNamed() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    script(
        tools.resolve("java"),
        """
        [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit; }
        exec '%s' -XshowSettings:properties -version 2>&1
        """
            .formatted(java));
    Path launcher = release();
    for (String name : List.of("LANG", "LC_TIME", "LC_PAPER", "LC_MESSAGES")) {
      environment.keySet().removeIf(key -> key.matches("LC_.*|LANG"));
      environment.put("LC_ALL", name.equals("LANG") ? "C.UTF-8" : "");
      environment.put(name, "xx_XX.UTF-8");
      assertThat(say(launcher, "doctor").out()).as(name).contains("sun.jnu.encoding = UTF-8");
    }
  }

  @Test
  void sparksJarsComeFirstWhereAFlagAsksForThemAndNowhereElse() throws Exception {
    Path launcher = release();
    Files.createFile(launcher.resolve("../../lib/logback-core-1.jar").normalize());
    Path spark = folder.resolve("spark");
    Files.createDirectories(spark.resolve("jars"));
    Files.createFile(spark.resolve("jars/spark-core_2.13-4.1.3.jar"));
    environment.put("SPARK_HOME", spark.toString());
    String own = launcher.resolve("../../lib").normalize() + "/millrace-app-1.jar:";
    for (String flag :
        List.of("--spark=spark://a:7077", "--spark", "--master=local-cluster[2,1,512]")) {
      Said said = say(launcher, "study", "run", "a.yaml", flag, "spark://a:7077");
      List<String> words = said.out().lines().toList();
      String path = words.get(words.indexOf("-cp") + 1);
      assertThat(path)
          .startsWith(spark + "/jars/spark-core_2.13-4.1.3.jar:")
          .contains(own)
          .doesNotContain("logback");
      // What runs are started with: no jar of Spark's.
      assertThat(words)
          .contains("--add-opens=java.base/java.nio=ALL-UNNAMED")
          .filteredOn(word -> word.startsWith("-Dmillrace.class.path="))
          .singleElement()
          .satisfies(word -> assertThat(word).contains(own, "logback").doesNotContain("spark-"));
    }
    assertThat(say(launcher, "study", "run", "a.yaml").out())
        .contains(own)
        .doesNotContain("spark-core", "--add-opens");
    environment.remove("SPARK_HOME");
    environment.put("MILLRACE_SPARK_JARS", spark.resolve("jars").toString());
    assertThat(say(launcher, "embed", "--spark", "x").out()).contains("spark-core");
    // Without them the command is started all the same, and says which to take.
    environment.remove("MILLRACE_SPARK_JARS");
    assertThat(say(launcher, "embed", "--spark", "x").out())
        .contains(own)
        .doesNotContain("spark-core");
  }

  @Test
  void aCommandOnThePathIsProposedByItsName() throws Exception {
    Files.createSymbolicLink(tools.resolve("millrace"), release());
    assertThat(say(Path.of("/usr/bin/env"), "millrace", "x").out())
        .contains("-Dmillrace.command=millrace\n");
  }

  @Test
  void aLauncherByItselfSaysWhereItBelongs() throws Exception {
    Path alone = Files.copy(LAUNCHER, folder.resolve("millrace"));
    Said said = say(alone, "--version");
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .contains(folder + " is neither a checkout", "bin/ of a release", "link to it");
  }

  @Test
  void aReleaseForProcessorsIsRefusedForACard() throws Exception {
    Path launcher = release();
    environment.put("MILLRACE_PROFILE", "cuda");
    Said said = say(launcher, "doctor");
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).contains("this release computes on processors", "-gpu");
    Files.createFile(launcher.resolve("../../lib/pytorch-2-linux-x86_64-gpu.jar").normalize());
    assertThat(say(launcher, "doctor").code()).isZero();
  }

  @Test
  void nativesAreUnpackedWhereTheOptionsSay() throws Exception {
    String option = "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache");
    environment.put("MILLRACE_JAVA_OPTIONS", "-Xmx1g " + option);
    Said said = say(release(), "doctor");
    assertThat(said.err()).contains("580 MB to " + folder.resolve("cache") + " ");
    // Once for the archive of classes, once for the command.
    assertThat(Files.readAllLines(folder.resolve("calls"))).filteredOn(option::equals).hasSize(2);
  }

  @Test
  void theFirstBuildSaysWhatItIsDoingAndNothingElse() throws Exception {
    Path launcher = checkout();
    script(
        tools.resolve("mvn"),
        """
        [ "$1" != -v ] || { echo 'Apache Maven 3.8.7'; exit; }
        echo "[INFO] Scanning for projects..."
        echo "[INFO] Downloading from central: https://repo/a/1/a-1.pom"
        echo "[INFO] Downloaded from central: https://repo/a/1/a-1.pom (3.9 kB at 12 kB/s)"
        echo "[INFO] Downloaded from central: https://repo/b/1/b-1-linux.jar (123 MB at 5.1 MB/s)"
        echo "[INFO] --- protobuf-maven-plugin:0.6.1:compile (default) @ millrace-exchange ---"
        echo "[INFO] --- maven-compiler-plugin:3.14.0:compile (default-compile) @ millrace-core ---"
        echo "[WARNING] /a/Source.java:[1,2] a warning"
        echo "    which goes on"
        echo "[INFO] --- compiler:3.14.0:compile (default-compile) @ millrace-app ---"
        echo "[INFO] --- maven-dependency-plugin:3.8.1:copy-dependencies (lib) @ millrace-app ---"
        mkdir -p app/target/lib && touch app/target/lib/millrace-core-1.jar app/target/millrace-app-1.jar
        touch app/target/millrace-app-1-all.jar
        """);
    Said said = say(launcher, "doctor");
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err().lines())
        .containsExactly(
            "millrace: building (once, a few minutes with downloads)",
            "millrace: downloading libraries (440 MB where Maven has none of them)",
            "millrace: downloaded b-1-linux.jar, 123 MB",
            "millrace: compiling core",
            "millrace: compiling app",
            "millrace: putting jars together",
            "millrace: unpacking native libraries of 580 MB to "
                + folder.resolve("home/.javacpp/cache")
                + " and preparing faster starts (once)");
    // An older one jar beside it would bring its own classes.
    assertThat(said.out()).contains("/millrace-app-1.jar:").doesNotContain("-all.jar");
  }

  @Test
  void whatStoppedABuildIsShownInFull() throws Exception {
    Path launcher = checkout();
    script(
        tools.resolve("mvn"),
        """
        [ "$1" != -v ] || { echo 'Apache Maven 3.8.7'; exit; }
        echo "[INFO] Scanning for projects..."
        echo "[ERROR] /a/Source.java:[1,2] cannot find symbol"
        echo "  symbol: class Gone"
        echo "[INFO] BUILD FAILURE"
        exit 1
        """);
    Said said = say(launcher, "doctor");
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err().lines().skip(1))
        .containsExactly(
            "[ERROR] /a/Source.java:[1,2] cannot find symbol",
            "  symbol: class Gone",
            "millrace: the build failed; the lines above say why");
  }

  /** A Maven that takes its time and does not bear another beside it. */
  private void slowMaven() throws IOException {
    script(
        tools.resolve("mvn"),
        """
        [ "$1" != -v ] || { echo 'Apache Maven 3.8.7'; exit; }
        mkdir busy || { echo "[ERROR] another build is at work"; exit 1; }
        echo built >>"$CALLS.mvn"
        sleep 2
        mkdir -p app/target/lib && touch app/target/lib/millrace-core-1.jar app/target/millrace-app-1.jar
        rmdir busy
        """);
  }

  /** The tools of this machine that the launcher needs, but for one. */
  private void without(String tool) throws IOException {
    Path few = Files.createDirectory(folder.resolve("few"));
    for (String directory : System.getenv("PATH").split(":")) {
      for (String name :
          ("bash cat cksum cp date dirname env find flock grep head kill ln locale mkdir mv ps"
                  + " readlink rm rmdir sed sleep tee touch tr uname")
              .split(" ")) {
        Path file = Path.of(directory, name);
        if (!name.equals(tool) && Files.exists(file) && !Files.exists(few.resolve(name))) {
          Files.createSymbolicLink(few.resolve(name), file);
        }
      }
    }
    environment.put("PATH", tools + ":" + few);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "flock"})
  void ofTwoCommandsAtOnceOneBuildsAndTheOtherWaits(String missing) throws Exception {
    Path launcher = checkout();
    slowMaven();
    without(missing);
    Process first = start("1", launcher, "doctor");
    Process second = start("2", launcher, "doctor");
    Said one = said(first, "1");
    Said other = said(second, "2");
    assertThat(one.code()).as(one.err()).isZero();
    assertThat(other.code()).as(other.err()).isZero();
    assertThat(one.err() + other.err())
        .containsOnlyOnce("millrace: building")
        .containsOnlyOnce("millrace: waiting for another command, which builds");
    assertThat(Files.readAllLines(folder.resolve("calls.mvn"))).hasSize(1);
    assertThat(launcher.resolveSibling("app/target")).isDirectoryNotContaining("glob:**started*");
    assertThat(say(launcher, "doctor").err()).doesNotContain("building", "waiting");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "flock"})
  void anOldBuildGoesWhenNoProcessHoldsIt(String missing) throws Exception {
    assumeTrue(!missing.isEmpty() || has("flock"), "there is no flock here");
    Path launcher = checkout();
    slowMaven();
    without(missing);
    script(
        tools.resolve("java"),
        """
        [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit; }
        case "$*" in *" long") until [ -e "$CALLS.end" ]; do sleep 0.1; done ;; esac
        """);
    Path builds = launcher.resolveSibling("app/target/builds");
    assertThat(say(launcher, "doctor").code()).isZero();
    Path first = only(builds);
    Process running = start("1", launcher, "long");
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (missing.isEmpty() ? free(first) : !numbered(first, running.pid())) {
      assertThat(System.nanoTime()).isLessThan(patience);
      Thread.sleep(20);
    }
    buildAnew(launcher, first);
    assertThat(first).isDirectory();
    Files.createFile(folder.resolve("calls.end"));
    assertThat(said(running, "1").code()).isZero();
    buildAnew(launcher, first);
    assertThat(first).doesNotExist();
  }

  private static boolean has(String tool) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(place -> Files.isExecutable(Path.of(place, tool)));
  }

  private static Path only(Path builds) throws IOException {
    try (Stream<Path> all = Files.list(builds)) {
      return all.findFirst().orElseThrow();
    }
  }

  private static boolean free(Path build) throws Exception {
    Path file = build.resolve(".held");
    return new ProcessBuilder("flock", "-n", "-x", file.toString(), "true").start().waitFor() == 0;
  }

  private static boolean numbered(Path build, long process) {
    return Files.exists(build.resolve(".held-" + process));
  }

  /** As a changed source has it, weeks after a build. */
  private void buildAnew(Path launcher, Path build) throws Exception {
    Files.setLastModifiedTime(build, FileTime.from(Instant.now().minus(Duration.ofDays(40))));
    TimeUnit.MILLISECONDS.sleep(1100); // a build's name and its stamp go by seconds
    Files.writeString(launcher.resolveSibling("core/src/main/A.java"), "" + System.nanoTime());
    assertThat(say(launcher, "doctor").err()).contains("millrace: building");
  }

  @Test
  void theMarkOfABuildThatIsGoneIsTakenAway() throws Exception {
    Path launcher = checkout();
    slowMaven();
    without("flock");
    Path mark = launcher.resolveSibling("app/target/building.link");
    Files.createDirectories(mark.getParent());
    Files.createSymbolicLink(mark, Path.of("999999999"));
    Said said = say(launcher, "doctor");
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err()).contains("millrace: building").doesNotContain("waiting");
    assertThat(mark.getParent()).isDirectoryNotContaining("glob:**building.*");
  }
}
