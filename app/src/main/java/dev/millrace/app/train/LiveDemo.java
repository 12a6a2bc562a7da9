package dev.millrace.app.train;

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
import dev.millrace.serve.RunServer;
import dev.millrace.serve.ServeSettings;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
      Map<String, Object> settings = DemoPlan.small(epochs, seed);
      settings.put("queue", 128);
      DemoPlan.replaying(settings);
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
    feed = new LiveDemoFeed(plan, this::said);
  }

  /**
   * Runs it to its end.
   *
   * @return the table; none if it was stopped
   */
  List<Row> rows() throws IOException {
    Encoder.Options options = Encoder.Options.standard().with(1);
    try (ServingEye eye = new ServingEye(KeptEncoders.of(folder, clock), options);
        LiveDemoFeed started = feed) {
      LiveBuilder builder =
          Live.in(folder.root())
              .source(started.source())
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
      return decision(version)
          .map(
              one ->
                  "version %d is %s: %s"
                      .formatted(
                          version,
                          isServed(one) ? "served" : "kept, and not served",
                          one.reasons().isEmpty() ? "" : one.reasons().get(0)))
          .orElse("not decided");
    } catch (IOException e) {
      return "its decision cannot be read: " + Reason.whole(e);
    }
  }

  private Optional<Decision> decision(int version) throws IOException {
    return KeptEncoders.of(folder, clock).decisions().all().stream()
        .filter(one -> one.what().equals(Decision.GATE) && one.version() == version)
        .findFirst();
  }

  private static boolean isServed(Decision decision) {
    return decision.action().equals(Decision.SERVE);
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
    for (ChunkRecord chunk : LiveStatus.chunks(folder)) {
      int place = chunk.number() - 1;
      rows.add(
          new Row(
              chunk.number(),
              (int) chunk.pictures(),
              chunk.rule(),
              feed.styles(before, before + chunk.pictures()),
              decision(chunk.number()).map(one -> isServed(one) ? "served" : "held").orElse(""),
              results.get(place).value()));
      before += chunk.pictures();
    }
    return rows;
  }
}
