package dev.millrace.app.train;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Reason;
import dev.millrace.inference.Encoder;
import dev.millrace.live.Live;
import dev.millrace.live.LiveBuilder;
import dev.millrace.live.LiveEvent;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.drift.DriftRule;
import dev.millrace.live.drift.DriftSettings;
import dev.millrace.live.drift.ServingEye;
import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.gate.GateSettings;
import dev.millrace.live.gate.GateTaker;
import dev.millrace.live.source.FedSource;
import dev.millrace.serve.RunServer;
import dev.millrace.serve.ServeSettings;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A live run on pictures that are made up at a steady rate and change their drawing style twice:
 * ingest, drift, learning, the gate and the page, in minutes and without data. Not thread-safe.
 */
final class LiveDemo {
  /** What came of it: a row of the table. */
  record Row(int chunk, int pictures, String rule, String styles, String gate, double linear) {}

  /** Everything that is set, so that a test can take seconds. */
  record Plan(int perSecond, int perStyle, int chunk, int epochs, int test, long seed) {
    /** Two to three minutes of pictures. */
    static Plan of(long seed) {
      return new Plan(20, 600, 800, 4, 1000, seed);
    }

    /** By whose test part encoders are judged, all styles mixed. */
    String set() {
      return "generated:figures=clear,size=16,domains=3,images=2000,test=%d".formatted(test);
    }

    /** How chunks are learned. */
    Map<String, Object> settings() {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("width", 16);
      settings.put("size", 16);
      settings.put("batch", 32);
      settings.put("epochs", epochs);
      settings.put("momentum", 0.99);
      settings.put("queue", 128);
      settings.put("replay", 0.1);
      settings.put("replay-draw", "half");
      settings.put("precision", "fp32");
      settings.put("threads", 1);
      settings.put("seed", seed);
      return settings;
    }
  }

  private static final DriftSettings DRIFT = new DriftSettings(50, 100, 20_000, 0);

  private final Plan plan;
  private final LiveFolder folder;
  private final BooleanSupplier stop;
  private final Consumer<String> say;
  private final InstantSource clock = InstantSource.system();
  private final long began = System.nanoTime();
  private final LiveDemoFeed feed;

  /**
   * @param out folder of the live run
   * @param stop asked again and again
   * @param say takes a line about what happens
   */
  LiveDemo(Plan plan, Path out, BooleanSupplier stop, Consumer<String> say) {
    this.plan = plan;
    this.folder = LiveFolder.of(out);
    this.stop = stop;
    this.say = say;
    feed = new LiveDemoFeed(plan, new FedSource("demo"), this::said);
  }

  /**
   * Runs it to its end.
   *
   * @return the table; none if it was stopped
   */
  List<Row> rows() throws IOException {
    Encoder.Options options = new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1);
    try (ServingEye eye = new ServingEye(KeptEncoders.of(folder, clock), options);
        LiveDemoFeed started = feed) {
      LiveBuilder builder =
          Live.in(folder.root())
              .source(started.ending())
              .close("count=%d,drift".formatted(plan.chunk()))
              .closeRule("drift", () -> new DriftRule(folder, eye, DRIFT))
              .pretrain(plan.settings())
              .taker(
                  new GateTaker(GateSettings.of(GateSettings.SELF), Catalogue.standard(), 1, clock))
              .untilIdle(true)
              .listener(this::heard);
      try (Live live = builder.start();
          RunServer server =
              RunServer.start(
                  folder.root(), ServeSettings.standard().withPort(0), options, clock)) {
        said("the page: " + server.address());
        feed.start();
        while (!live.ended()) {
          if (stop.getAsBoolean()) {
            return List.of();
          }
          LiveDemoFeed.pause();
        }
        live.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }
    return judged();
  }

  private void heard(LiveEvent event) {
    if (event instanceof LiveEvent.ChunkClosed chunk) {
      feed.closed(chunk.chunk());
      said(
          "%s closed by %s: %d pictures"
              .formatted(ChunkWords.of(chunk.chunk() - 1), chunk.rule(), chunk.pictures()));
    } else if (event instanceof LiveEvent.ChunkLearned chunk) {
      feed.learned(chunk.chunk());
      said(ChunkWords.of(chunk.chunk() - 1) + " learned; " + decided(chunk.chunk()));
    } else if (event instanceof LiveEvent.LearningFailed failed) {
      said("learning failed: " + failed.words());
    }
  }

  private String decided(int version) {
    try {
      for (Decision one : KeptEncoders.of(folder, clock).decisions().all()) {
        if (one.what().equals(Decision.GATE) && one.version() == version) {
          return "version %d is %s: %s"
              .formatted(
                  version,
                  one.action().equals(Decision.SERVE) ? "served" : "kept, and not served",
                  one.reasons().isEmpty() ? "" : one.reasons().get(0));
        }
      }
    } catch (IOException e) {
      return "its decision cannot be read: " + Reason.whole(e);
    }
    return "not decided";
  }

  private void said(String words) {
    long seconds = (System.nanoTime() - began) / 1_000_000_000L;
    say.accept(String.format(Locale.ROOT, "%d:%02d  %s", seconds / 60, seconds % 60, words));
  }

  private List<Row> judged() throws IOException {
    said("judging each encoder by a linear probe on test pictures of all three styles");
    ProbeRequest request =
        ProbeRequest.of(plan.set()).withTasks("linear").on(1, "cpu").afterEveryChunk();
    List<ProbeResult> results = Probing.probe(folder.run().root(), request);
    List<Row> rows = new ArrayList<>();
    long before = 0;
    List<ChunkRecord> chunks = LiveStatus.of(folder).chunks();
    for (ChunkRecord chunk : chunks) {
      int place = chunk.number() - 1;
      rows.add(
          new Row(
              chunk.number(),
              (int) chunk.pictures(),
              chunk.rule(),
              feed.styles(before, before + chunk.pictures()),
              action(chunk.number()),
              results.get(place).value()));
      before += chunk.pictures();
    }
    return rows;
  }

  private String action(int version) throws IOException {
    for (Decision one : KeptEncoders.of(folder, clock).decisions().all()) {
      if (one.what().equals(Decision.GATE) && one.version() == version) {
        return one.action().equals(Decision.SERVE) ? "served" : "held";
      }
    }
    return "";
  }
}
