package dev.millrace.app;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The JVM of commands in tests. They live for seconds, most of which would go into loading classes
 * and compiling: one compiler is enough, and the classes of a small run are archived once.
 */
final class CommandJvm {
  private static final List<String> OPTIONS =
      List.of(
          "-Xmx1g",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Dorg.bytedeco.javacpp.maxBytes=0",
          "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** All of the tests' class path; and, without the tests, what an archive can be of. */
  private static final String ALL = System.getProperty("java.class.path");

  private static final String JARS =
      Stream.of(ALL.split(File.pathSeparator))
          .filter(entry -> !entry.matches(".*[/\\\\]test-classes[/\\\\]?"))
          .collect(Collectors.joining(File.pathSeparator));

  private CommandJvm() {}

  /** Made by the first command of all. */
  private static final class Archive {
    static final List<String> OPTIONS = made();

    private static List<String> made() {
      try {
        Path folder = Files.createTempDirectory("millrace-classes");
        Path file = folder.resolve("classes.jsa");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> file.toFile().delete()));
        List<String> line = new ArrayList<>(List.of(JAVA));
        line.addAll(CommandJvm.OPTIONS);
        line.add("-XX:ArchiveClassesAtExit=" + file);
        line.addAll(List.of("-cp", JARS, "dev.millrace.app.Main", "pretrain", "--data"));
        line.addAll(List.of("generated:images=64,test=8,size=16", "--width", "4", "--size", "16"));
        line.addAll(List.of("--epochs", "1", "--batch", "32", "--threads", "1", "--out"));
        line.add(folder.resolve("run").toString());
        Process process =
            new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.waitFor();
        // A class path with folders has no archive; commands then start as they are.
        return Files.exists(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The beginning of a command line: up to the main class. */
  static List<String> line(List<String> options, String main) {
    boolean command = main.equals("dev.millrace.app.Main");
    List<String> line = new ArrayList<>(List.of(JAVA));
    line.addAll(OPTIONS);
    line.addAll(command ? Archive.OPTIONS : List.of());
    line.addAll(options);
    line.addAll(List.of("-cp", command ? JARS : ALL, main));
    return line;
  }
}
