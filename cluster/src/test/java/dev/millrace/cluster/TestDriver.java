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
import dev.millrace.ranks.LocalRanks;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyRunner;
import dev.millrace.study.record.Ledger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import sun.misc.Signal;

/** The driver's process: what it is to do, the master, and what that takes. */
public final class TestDriver {
  private static final AtomicBoolean STOP = new AtomicBoolean();

  private TestDriver() {}

  /** Prints how it ended in its last line. */
  public static void main(String[] args) throws Exception {
    Signal.handle(new Signal("TERM"), signal -> STOP.set(true));
    try {
      String last =
          switch (args[0]) {
            case "ranks" -> ranks(args[1], Path.of(args[2]));
            case "room" -> room(args[1]);
            case "slots" -> slots(args[1]);
            case "study" -> study(args[1], Path.of(args[2]), Path.of(args[3]));
            default -> embed(args[1], Path.of(args[2]), Path.of(args[3]));
          };
      System.out.println(last);
      System.exit(last.startsWith("130 ") ? 130 : 0);
    } catch (CancellationException e) {
      System.out.println(e.getMessage());
      System.exit(130);
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

  /** What it is extended with. */
  static final Extension MORE =
      Extension.of("generated:images=64;test=8;classes=4;size=16;seed=7").with("epochs", 4);

  /**
   * That run, shared out by two ranks of this machine, and how the driver would say that it ended.
   */
  static String onThisMachine(Path run) throws java.io.IOException {
    try (LocalRanks local = new LocalRanks(2, 0, line -> {})) {
      Millrace.pretrain(SETTINGS, Catalogue.standard(), run, local, e -> {}, () -> false);
    }
    try (LocalRanks local = new LocalRanks(2, 0, line -> {})) {
      return "0 sha256 "
          + Millrace.extend(run, MORE, Catalogue.standard(), local, e -> {}, () -> false)
              .encoderSha256();
    }
  }

  /** Slots as they are seen by one who comes after the executors. */
  private static String slots(String master) {
    SparkConf conf =
        new SparkConf().setMaster(master).setAppName("test").set("spark.cores.max", "1");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      while (spark.sc().statusTracker().getExecutorInfos().length < 2) { // one is the driver
        Thread.onSpinWait();
      }
      return "slots " + new Executors(spark, request(master, Path.of("none"))).slots();
    }
  }

  private static Launcher launcher(String master, Path scratch) throws java.io.IOException {
    return new SparkCluster(jvm()).connect(request(master, scratch));
  }

  private static Cluster.Request request(String master, Path scratch) {
    return new Cluster.Request(master, "test", 1, scratch, System.err::println, STOP::get);
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

  /** Asks for more ranks than there is room for. */
  private static String room(String master) throws java.io.IOException {
    System.out.println("waiting");
    try (Gang gang = new SparkCluster(jvm()).gang(request(master, Path.of("many")), 3, false)) {
      return "room";
    } catch (UsageException e) {
      return e.getMessage();
    }
  }

  /** As the command: the run goes on as often as a rank is lost. */
  private static String ranks(String master, Path run) throws java.io.IOException {
    try (Gang gang =
        new SparkCluster(jvm()).gang(request(master, run.resolveSibling("scratch")), 2, false)) {
      Path gone = run.resolveSibling("nowhere");
      try {
        gang.run(new Gang.Attempt(List.of(), run, List.of(gone)), System.err::println);
      } catch (java.io.IOException e) {
        System.out.println(e.getMessage());
      }
      while (true) {
        String word = word(run);
        try {
          Gang.Attempt attempt =
              new Gang.Attempt(List.of(word, run.toString()), run, List.of(run.getParent()));
          Gang.End end = gang.run(attempt, System.err::println);
          if (end.code() != 0 || word(run).equals("resume")) {
            return end.code() + " " + String.join(" ", end.result());
          }
        } catch (Gang.LostException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  /** By which it goes on: made, and extended once, in whatever number of attempts. */
  private static String word(Path run) throws java.io.IOException {
    if (!RunFolder.of(run).isRun()) {
      return "pretrain";
    }
    boolean extended = Settings.ofRun(run).stream().chunks() > 1;
    return extended || !RunFolder.of(run).finished(1) ? "resume" : "extend";
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
