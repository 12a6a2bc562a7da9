package dev.millrace.cluster;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.inference.Encoder;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.Command;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.Launcher;
import dev.millrace.stream.source.Folders;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyRunner;
import dev.millrace.study.record.Ledger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The driver's process: what it is to do, the master, and what that takes. */
public final class TestDriver {
  private TestDriver() {}

  /** Prints how it ended in its last line. */
  public static void main(String[] args) throws Exception {
    try {
      System.out.println(
          switch (args[0]) {
            case "study" -> study(args[1], Path.of(args[2]), Path.of(args[3]));
            default -> embed(args[1], Path.of(args[2]), Path.of(args[3]));
          });
      System.exit(0);
    } catch (java.io.IOException | IllegalArgumentException e) {
      System.out.println(e);
      System.exit(1);
    }
  }

  private static Launcher launcher(String master, Path scratch) throws java.io.IOException {
    JvmLine here = JvmLine.ofThis();
    List<String> options =
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    return new SparkCluster(
            new JvmLine(new ArrayList<>(options), here.classPath(), TestMain.class.getName()))
        .connect(new Cluster.Request(master, "test", 1, scratch, System.err::println));
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
