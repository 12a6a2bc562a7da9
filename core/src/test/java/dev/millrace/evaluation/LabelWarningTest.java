package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** That a supervised run is judged by labels it learned from is said, whatever the task and set. */
class LabelWarningTest {
  private static final String DOMAINS = "generated:images=36;test=18;classes=3;domains=3;size=16";

  @TempDir static Path runs;

  private static Path photos;
  private static Path supervised;

  @BeforeAll
  static void pretrain() throws IOException {
    photos = runs.resolve("photos");
    for (int i = 0; i < 40; i++) {
      Path file = photos.resolve(i % 2 == 0 ? "cat" : "dog").resolve(i + ".ppm");
      Files.createDirectories(file.getParent());
      byte[] pixels = new byte[3 * 16 * 16];
      Arrays.fill(pixels, (byte) (6 * i));
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] all = Arrays.copyOf(head, head.length + pixels.length);
      System.arraycopy(pixels, 0, all, head.length, pixels.length);
      Files.write(file, all);
    }
    supervised = run("supervised", "supervised");
  }

  private static Path run(String method, String name) throws IOException {
    Settings tiny =
        Settings.defaults(photos.toString(), DOMAINS)
            .with(Map.of("method", method, "width", 4, "size", 16, "epochs", 1, "batch", 16))
            .with(Map.of("threads", 1, "stream", "given", "chunks", 2));
    return Millrace.pretrain(tiny, runs.resolve(name)).run();
  }

  private static <T> List<String> warnings(Callable<T> call) throws Exception {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    Logger log = (Logger) LoggerFactory.getLogger(LabelExamination.class);
    log.addAppender(heard);
    try {
      call.call();
    } finally {
      log.detachAppender(heard);
    }
    return heard.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static ProbeRequest request(String data, boolean untrained, String... tasks) {
    return ProbeRequest.of(data)
        .withTasks(tasks)
        .with(new ProbeRequest.Encoders(null, false, null, untrained, false, false, false))
        .with(
            new TaskSettings(
                List.of(new FewShot.Settings(2, 1, 2, 5, FewShot.Head.PROTOTYPE, 0)),
                FineTuning.Settings.defaults(),
                DetectionSettings.small(0),
                0))
        .on(1, "cpu");
  }

  private static List<String> asking(Path run, String data, String... tasks) throws Exception {
    return warnings(() -> Probing.probe(run, request(data, false, tasks)));
  }

  @Test
  void fewShotOfAllPicturesWarnsAsTheHeldOutFifthDoes() throws Exception {
    assertThat(asking(supervised, photos.toString(), "few-shot"))
        .singleElement()
        .asString()
        .contains("learned from the labels of pictures that judge it (all)");
    assertThat(asking(supervised, photos.toString(), "knn", "few-shot"))
        .singleElement()
        .asString()
        .contains("(all, held-out)");
  }

  @Test
  void theSamePlaceInOtherWordsIsTheRunsOwn() throws Exception {
    Path link = Files.createSymbolicLink(runs.resolve("link"), photos);
    for (String words : List.of(runs + "/./photos", photos + "/", link.toString())) {
      assertThat(asking(supervised, words, "knn")).as(words).hasSize(1);
    }
  }

  @Test
  void aSuiteWarnsOfDomainsThatAreLeftOutOfTheProbeAlone() throws Exception {
    Suite suite = new Suite("small", List.of(new Suite.Entry(DOMAINS, "linear", true)));
    ProbeRequest given = request(DOMAINS, false, "knn");
    ProbeRequest request =
        new ProbeRequest(
            given.tasks(),
            List.of(),
            given.encoders(),
            given.pictures(),
            given.settings(),
            1,
            "cpu",
            null);
    assertThat(
            warnings(
                () ->
                    Probing.suite(
                        supervised,
                        suite,
                        request,
                        new Catalogue(null, null),
                        new ProbeListener() {})))
        .singleElement()
        .asString()
        .contains("(left-out)");
  }

  @Test
  void whatHasSeenNoneOfTheseLabelsIsWarnedOfNothing() throws Exception {
    assertThat(asking(supervised, DOMAINS, "knn", "few-shot")).as("by its test part").isEmpty();
    assertThat(
            warnings(() -> Probing.probe(supervised, request(photos.toString(), true, "few-shot"))))
        .as("the untrained encoder")
        .isEmpty();
    assertThat(asking(supervised, "generated:images=40;test=0;classes=2;size=16", "knn")).isEmpty();
    assertThat(asking(run("simclr", "simclr"), photos.toString(), "knn", "few-shot"))
        .as("a method without labels")
        .isEmpty();
  }
}
