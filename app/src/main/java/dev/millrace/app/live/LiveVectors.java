package dev.millrace.app.live;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.ShellWords;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.refusal.UsageException;
import dev.millrace.serve.KeptVectors;
import dev.millrace.serve.VectorWorth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the encoder that is served means for vectors that were kept of earlier ones. */
@Command(
    name = "vectors",
    sortOptions = false,
    description =
        "Says what the encoder that a live run serves means for the vectors that `millrace search` has kept of earlier ones: how alike the two see the pictures, and what a bridge between them would find. With --bridge, searches go over that bridge if it is good enough; with --embed the pictures are embedded anew. Searches go on meanwhile.",
    footer = {
      "",
      "Examples:",
      "  millrace live vectors runs/cam",
      "  millrace live vectors runs/cam --bridge --embed --share 0.25"
    })
final class LiveVectors extends ComputingCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "folder of the live run")
  private Path run;

  @Option(
      names = "--index",
      paramLabel = "NAME",
      description = "the kept index, by the name of its folder in RUN/run/search/ (default: each)")
  private String index;

  @Option(
      names = "--data",
      paramLabel = "SET",
      description =
          "the set that the index is of, where it lies elsewhere now or the index is of an earlier Millrace; may be given several times, as to `millrace search`")
  private List<String> data = List.of();

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "" + KeptVectors.IMAGES,
      description =
          "pictures that are embedded to compare; a quarter of them, 512 at most, judge the bridge (default: ${DEFAULT-VALUE})")
  private int images;

  @Option(
      names = "--bridge",
      description = "search over the bridge from now on, if its recall is at least --recall")
  private boolean bridge;

  @Option(
      names = "--recall",
      paramLabel = "R",
      defaultValue = "" + KeptVectors.GOOD,
      description =
          "the share of a picture's ten nearest that a bridge must find (default: ${DEFAULT-VALUE})")
  private double recall;

  @Option(
      names = "--embed",
      description =
          "embed the pictures anew, beside the index; killed or stopped, the same command goes on, and searches take it when it is finished")
  private boolean embed;

  @Option(
      names = "--share",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "share of the time that this works, in (0, 1], so that learning keeps its pace (default: 1); one thread unless --threads says otherwise")
  private double share;

  @Override
  public Integer call() throws IOException {
    LiveFolder live = LiveFolder.of(run);
    if (!Files.isDirectory(run)) {
      throw UsageException.ofWord(run + " is no folder; give that of a live run");
    }
    if (recall < 0 || recall > 1) {
      throw UsageException.of("--recall", recall + " is not in 0 … 1");
    }
    Encoder.Options options =
        new Encoder.Options(
            Precision.FP32,
            0,
            new Device(common.device()),
            common.threadsGiven() == null ? 1 : common.threads());
    KeptVectors vectors =
        new KeptVectors(
            live, Clock.systemUTC(), options, KeptVectors.Rest.share(share, Clock.systemUTC()));
    List<String> names = index == null ? vectors.names() : List.of(index);
    List<Map<String, Object>> all = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    Told told = new Told();
    try {
      for (String name : names) {
        Map<String, Object> json = new LinkedHashMap<>();
        one(vectors, name, told, json, lines);
        all.add(json);
      }
    } catch (CancellationException stopped) {
      System.err.println("stopped; the same command goes on from there");
      return Exit.STOPPED;
    }
    if (names.isEmpty()) {
      String none =
          "no index is kept; `millrace search %s --data SET --query FILE` makes one"
              .formatted(ShellWords.of(ShellWords.place(live.run().root())));
      if (embed || bridge) {
        throw UsageException.of(embed ? "--embed" : "--bridge", "has nothing to work on: " + none);
      }
      lines.add(none);
    }
    common.print(Map.of("indexes", all), lines);
    return 0;
  }

  private void one(
      KeptVectors vectors, String name, Told told, Map<String, Object> json, List<String> lines)
      throws IOException {
    VectorWorth worth =
        bridge
            ? vectors.bridge(name, data, images, recall, told)
            : vectors.measure(name, data, images, told);
    json.putAll(worth.json());
    lines.addAll(lines(worth));
    if (!embed || worth.current()) {
      return;
    }
    int computed = vectors.embed(name, data, told);
    VectorWorth after = vectors.measure(name, data, images, told);
    json.put("embedded", computed);
    json.put("recall", after.recall());
    json.put("advice", after.advice());
    lines.add("  embedded anew: %d pictures in this call".formatted(computed));
    lines.addAll(lines(after).subList(1, 2));
  }

  private static List<String> lines(VectorWorth worth) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %d pictures; version %d is served"
            .formatted(worth.index(), worth.pictures(), worth.version()));
    if (worth.current()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  its vectors are of that version; the graph finds %.1f %% of the ten nearest",
              100 * worth.recall()));
      return lines;
    }
    lines.add(
        worth.of() == 0
            ? "  its vectors are of an encoder that is not kept"
            : "  its vectors are of version " + worth.of());
    if (worth.change() != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  CKA of the two %.3f; %.0f %% of a picture's %d nearest stay",
              worth.change().cka(),
              100 * worth.change().overlap(),
              worth.change().neighbours()));
      lines.add(
          String.format(
              Locale.ROOT,
              "  recall@10 over a bridge %.3f, fitted on %d pictures and measured on %d others; embedded anew it is that of the graph, about 1",
              worth.bridge(),
              worth.fitted(),
              worth.judged()));
    } else {
      lines.add("  too few pictures to compare the two");
    }
    lines.add(
        worth.bridged()
            ? "  searches go over the bridge"
            : worth.advice().equals("bridge")
                ? "  the bridge is good: --bridge takes it; --embed makes the vectors anew"
                : "  no bridge is good enough: --embed makes the vectors anew");
    return lines;
  }

  /** Says how it goes on, and hears signals. */
  private static final class Told implements PictureSearch.Listener {
    private static final long EVERY_NANOS = 10_000_000_000L;

    private final StopSignals stop =
        StopSignals.listen("stopping after these pictures; a second signal ends at once");
    private long said = System.nanoTime();

    @Override
    public void indexed(int pictures, int of, int bad) {
      if (System.nanoTime() - said > EVERY_NANOS) {
        said = System.nanoTime();
        System.err.printf(Locale.ROOT, "%d of %d pictures%n", pictures, of);
      }
    }

    @Override
    public boolean stop() {
      return stop.getAsBoolean();
    }
  }
}
