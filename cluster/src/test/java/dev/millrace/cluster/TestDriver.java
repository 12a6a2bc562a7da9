package dev.millrace.cluster;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.inference.Encoder;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.Command;
import dev.millrace.launch.Gang;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.Launcher;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyRunner;
import dev.millrace.study.record.Ledger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The driver's process: what it is to do, the master, and what that takes. */
public final class TestDriver {
  private TestDriver() {}

  /** Prints how it ended in its last line. */
  public static void main(String[] args) throws Exception {
    try {
      System.out.println(
          switch (args[0]) {
            case "ranks" -> ranks(args[1], Path.of(args[2]));
            case "study" -> study(args[1], Path.of(args[2]), Path.of(args[3]));
            default -> embed(args[1], Path.of(args[2]), Path.of(args[3]));
          });
      System.exit(0);
    } catch (java.io.IOException | IllegalArgumentException e) {
      System.out.println(e);
      System.exit(1);
    }
  }

  /** A run that two ranks share out. */
  static final Settings SETTINGS =
      Settings.defaults("generated:images=256;test=8;classes=4;size=16")
          .with(Map.of("width", 4, "size", 16, "epochs", 10, "batch", 32, "threads", 2))
          .with(Map.of("precision", "fp32", "queue", 64, "checkpoint-steps", 5, "ranks", 2));

  private static Launcher launcher(String master, Path scratch) throws java.io.IOException {
    return new SparkCluster(jvm()).connect(request(master, scratch));
  }

  private static Cluster.Request request(String master, Path scratch) {
    return new Cluster.Request(master, "test", 1, scratch, System.err::println);
  }

  private static JvmLine jvm() {
    JvmLine here = JvmLine.ofThis();
    List<String> options =
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    return new JvmLine(new ArrayList<>(options), here.classPath(), TestMain.class.getName());
  }

  /** As the command: the run goes on as often as a rank is lost. */
  private static String ranks(String master, Path run) throws java.io.IOException {
    Cluster spark = new SparkCluster(jvm());
    try {
      spark.gang(request(master, run.resolveSibling("many")), 3, false).close();
    } catch (UsageException e) {
      System.out.println(e.getMessage());
    }
    try (Gang gang = spark.gang(request(master, run.resolveSibling("scratch")), 2, false)) {
      while (true) {
        String word = RunFolder.of(run).isRun() ? "resume" : "pretrain";
        try {
          Gang.Attempt attempt =
              new Gang.Attempt(List.of(word, run.toString()), run, List.of(run.getParent()));
          Gang.End end = gang.run(attempt, System.err::println, () -> false);
          return end.code() + " " + String.join(" ", end.result());
        } catch (Gang.LostException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static String study(String master, Path file, Path out) throws java.io.IOException {
    StudyFile study = StudyFile.read(file);
    try (Launcher launcher = launcher(master, StudyFolder.scratch(out));
        StudyFolder folder = StudyFolder.open(out, file);
        Ledger ledger = Ledger.open(StudyFolder.ledger(out))) {
      StudyRunner.Means means = new StudyRunner.Means(launcher.slots(), 1, "cpu");
      return means.jobs()
          + " side by side: "
          + new StudyRunner(study, folder, ledger, means, launcher, () -> false, System.err, false)
              .go();
    }
  }

  /** 2000 generated pictures in files of 500. */
  static PartitionedEmbedding.Request request(Path encoder, Path out) {
    return new PartitionedEmbedding.Request(
        encoder,
        List.of("generated:images=1900;test=100;size=16"),
        "all",
        0,
        out,
        new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
        0,
        Folders.AUTO,
        500);
  }

  private static String embed(String master, Path encoder, Path out) throws java.io.IOException {
    try (Launcher launcher = launcher(master, PartitionedEmbedding.scratch(out))) {
      Path gone = out.resolveSibling("nowhere");
      try {
        launcher
            .start(
                new Command("none", List.of(), List.of(gone), gone, out.resolveSibling("none.log")))
            .await(line -> {});
      } catch (java.io.IOException e) {
        System.out.println(e);
      }
      return PartitionedEmbedding.embed(
              request(encoder, out), launcher, launcher.slots(), new Embedding.Listener() {})
          .toString();
    }
  }
}
