package dev.millrace.serve;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.file.AtomicFiles;
import dev.millrace.inference.Encoder;
import dev.millrace.live.Live;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.drift.DriftLog;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.live.gate.VectorChange;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.ReplayMemory;
import dev.millrace.stream.memory.UniformShare;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a live run in a browser. */
@Timeout(120)
class LivePageIT {
  private static final Device CPU = new Device("cpu");
  private static final String TOKEN = "a-token-of-a-test-0123";
  private static final String NASTY = "<img src=x onerror=alert(1)>.png";

  /** Set to a folder to look at what the page looks like. */
  private static final String PICTURES = System.getProperty("millrace.screenshots");

  @TempDir Path folder;

  private LiveFolder live;
  private KeptEncoders encoders;
  private RunServer server;
  private Chromium browser;

  @BeforeEach
  void show() throws Exception {
    Compute.begin(1, CPU);
    live = LiveFolder.of(folder.resolve("live"));
    encoders = KeptEncoders.of(live, Clock.systemUTC());
    arrive();
    learned();
    drifted();
    outlived();
    server =
        RunServer.start(
            live.root(),
            ServeSettings.standard().withPort(0).withToken(TOKEN),
            new Encoder.Options(Precision.FP32, 0, CPU, 1),
            Clock.systemUTC());
    browser = Chromium.start(folder.resolve("browser"));
  }

  @AfterEach
  void end() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  /** Three learned chunks of 40 pictures, an open one, two pictures in quarantine. */
  private void arrive() throws Exception {
    ImageSet pictures =
        Catalogue.standard().open("generated:images=200,classes=4,size=24").learnable();
    FedSource source = new FedSource("folder:incoming");
    for (int i = 0; i < 130; i++) {
      source.feed(Arrival.of("p%03d.png".formatted(i), pictures.image(i).bytes()));
    }
    source.feed(Arrival.of(NASTY, new byte[] {1, 2, 3}));
    source.feed(Arrival.of("half.jpg", "not a picture".getBytes(StandardCharsets.US_ASCII)));
    Learner stands =
        new Learner() {
          @Override
          public boolean learn(int chunk) throws IOException {
            encoder(live.run().encoder(), chunk);
            return true;
          }

          @Override
          public void close() {
            // Nothing runs.
          }
        };
    try (Live run =
        Live.in(live.root())
            .source(source)
            .close("count=40")
            .untilIdle(true)
            .learner(stands)
            .start()) {
      run.await();
    }
    Path worse = folder.resolve("worse.safetensors");
    encoder(worse, 9);
    EncoderVersion candidate = encoders.keep(worse, live.run().root(), 4);
    encoders
        .promotions()
        .judged(candidate, 3, Verdict.FAIL, List.of("kNN 41.0 % after 58.2 %"), Map.of());
  }

  private static void encoder(Path file, int seed) throws IOException {
    Files.createDirectories(file.getParent());
    try (EncoderFile made =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL), 16, Map.of(), CPU)) {
      made.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, made.net(), 16, Normalisation.imagenet(), Map.of());
    }
  }

  /** What a run of three chunks leaves, as far as the page looks at it. */
  private void learned() throws IOException {
    AtomicFiles.write(
        live.run().settings(),
        "stream: given\nchunks: 3\nreplay: 0.2\ndata: [a.tar, b.tar, c.tar]\n"
            .getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        live.run().metrics(),
        IntStream.range(0, 240)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "{\"step\":%d,\"chunk\":%d,\"loss\":%.4f,\"lr\":0.015,\"part\":\"trunk\"}",
                        i,
                        i / 80,
                        4.2 / (1 + (i % 80) / 60.0) + 0.1 * Math.sin(i)))
            .collect(Collectors.joining("\n", "", "\n")));
    Files.writeString(
        live.run().health(),
        IntStream.range(0, 24)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "{\"step\":%d,\"chunk\":%d,\"effective_rank\":%.2f}",
                        10 * i,
                        i / 8,
                        6 + Math.sqrt(i)))
            .collect(Collectors.joining("\n", "", "\n")));
    ImageSet pictures =
        Catalogue.standard().open("generated:images=120,classes=4,size=24").learnable();
    try (ReplayMemory memory = ReplayMemory.open(live.run().memory(), new UniformShare(0.2), 0)) {
      for (int chunk = 0; chunk < 3; chunk++) {
        int[] part = IntStream.range(40 * chunk, 40 * chunk + 40).toArray();
        memory.absorb(new Chunk(chunk, "chunk", pictures.subset("part", part)));
      }
    }
  }

  private void drifted() throws IOException {
    DriftLog log = DriftLog.of(live);
    for (int i = 0; i < 13; i++) {
      boolean alarm = i == 7;
      log.add(
          new DriftLog.Window(
              "2026-01-01T00:00:00Z",
              i / 4 + 1,
              10 * (i + 1),
              alarm ? 0.001 : 0.1 + 0.9 * Draw.of(1, "score", i).uniform(),
              0.002,
              alarm,
              1));
    }
  }

  /** Two indexes whose vectors outlived their encoder. */
  private void outlived() throws IOException {
    VectorLog log = new VectorLog(live.vectors());
    String served = encoders.serving().sha256();
    for (String index : List.of("gone", "holiday <b>2025", "old", "photos")) {
      if (!index.equals("gone")) {
        Files.createDirectories(live.run().search().resolve(index));
      }
      log.add(
          "2026-11-29T12:00:00Z",
          "embed",
          new KeptVectors.Standing(
              index, 12_400, 3, index.equals("old") ? "ab" : served, "cd", false),
          new VectorWorth(
              index,
              3,
              1,
              12_400,
              false,
              NaN,
              new VectorChange(0.91, 0.72, 10),
              1536,
              512,
              0.93,
              true),
          0);
    }
    log.add(
        "2026-11-29T12:09:00Z",
        "embed",
        new KeptVectors.Standing("photos", 12_400, 3, served, "cd", true),
        VectorWorth.current("photos", 3, 12_400, 0.99),
        12_400);
  }

  private void open() throws Exception {
    browser.open(server.address());
    browser.reaches("document.querySelectorAll('#encoders tr').length === 4");
  }

  @Test
  void thePageShowsAllOfTheRunAsTextAndLoadsNothingFromElsewhere() throws Exception {
    open();
    String text = browser.value("document.body.innerText").asText();
    assertThat(text)
        .contains("offered\n132", "quarantined\n2", "learned\n120", "pending\n10")
        .contains("gate 4 fail, hold kNN 41.0 % after 58.2 %")
        .contains("learning rate 0.015, trunk")
        .contains("count=40", "24 of 24 remembered pictures")
        .contains("holiday <b>2025\t12400\tversion 1\tversion 3\t0.910\t72 %\t93 %\tasked over")
        .contains("old\t12400\tversion 1\tversion 3\t0.910\t72 %\t93 %\tanother version is")
        .doesNotContain("gone\t")
        .contains("photos\t12400\tversion 3\tversion 3\t–\t–\t–\tup to date")
        .contains(NASTY, "half.jpg");
    for (String id : List.of("loss", "health", "drift")) {
      assertThat(browser.value("document.querySelectorAll('#" + id + " canvas').length").asInt())
          .as(id)
          .isEqualTo(1);
      assertThat(browser.value("document.getElementById('" + id + "').ariaLabel").asText())
          .isNotBlank();
    }
    browser.value("document.getElementById('memory').scrollIntoView()");
    browser.reaches(
        "[...document.querySelectorAll('#memory img')].filter(i => i.naturalWidth === 24).length === 24");
    assertThat(browser.addresses())
        .isNotEmpty()
        .allMatch(one -> one.startsWith(server.address()) || one.startsWith("data:"));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aPersonHoldsPromotesAndRollsBackByTheKeyboardAlone() throws Exception {
    open();
    tabTo("document.activeElement.id === 'hold'");
    browser.press("Enter");
    browser.reaches("document.getElementById('answer').textContent.includes('token')");
    assertThat(encoders.serving().held()).as("without the token").isFalse();
    browser.reaches("document.getElementById('access').open");
    browser.value("document.body.focus(), document.activeElement.blur()");
    tabTo("document.activeElement.id === 'token'");
    browser.type(TOKEN);
    browser.press("Enter");
    browser.reaches("document.getElementById('access-words').textContent === 'opened'");

    tabTo("document.activeElement.id === 'hold'");
    browser.press("Enter");
    browser.reaches("document.getElementById('hold').textContent === 'Release'");
    assertThat(encoders.serving().held()).isTrue();
    tabTo("document.activeElement.dataset.version === '4'");
    browser.press("Enter");
    browser.reaches("document.querySelector('[data-version=\"4\"]').disabled");
    assertThat(encoders.serving().version()).isEqualTo(4);
    browser.value("document.body.focus(), document.activeElement.blur()");
    tabTo("document.activeElement.id === 'rollback'");
    browser.press("Enter");
    browser.reaches("document.querySelector('[data-version=\"3\"]').disabled");
    assertThat(encoders.serving().version()).isEqualTo(3);
  }

  private void tabTo(String expression) throws Exception {
    for (int i = 0; i < 20; i++) {
      if (browser.value(expression).asBoolean()) {
        return;
      }
      browser.press("Tab");
    }
    throw new AssertionError("the keyboard never gets to " + expression);
  }

  @Test
  void itFitsATelephoneAndAWideScreenInLightAndDark() throws Exception {
    open();
    String[] backs = new String[2];
    for (int width : new int[] {390, 1440}) {
      for (int dark = 0; dark < 2; dark++) {
        browser.screen(width, 900, dark == 1);
        browser.reaches("window.innerWidth === " + width);
        browser.reaches("document.documentElement.scrollWidth <= " + width);
        browser.reaches(
            "[...document.querySelectorAll('.plot canvas')].every(c => c.getBoundingClientRect().right <= "
                + width
                + ")");
        backs[dark] = browser.value("getComputedStyle(document.body).backgroundColor").asText();
        if (PICTURES != null) {
          Thread.sleep(1500);
          Files.write(
              Path.of(PICTURES).resolve(width + (dark == 1 ? "-dark.png" : "-light.png")),
              browser.picture());
        }
      }
      assertThat(backs[0]).isNotEqualTo(backs[1]);
    }
    assertThat(browser.complaints()).isEmpty();
  }
}
