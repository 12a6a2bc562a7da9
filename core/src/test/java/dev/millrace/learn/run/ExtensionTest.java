package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New data with settings of its own, and folders that grow. */
class ExtensionTest {
  @TempDir Path folder;

  private void pictures(String set, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      byte[] head = "P6 24 24 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = Arrays.copyOf(head, head.length + 3 * 24 * 24);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3) + set.length());
      }
      Path file = folder.resolve("%s/%03d.ppm".formatted(set, i));
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    }
  }

  private String place(String set) {
    return folder.resolve(set).toString();
  }

  /**
   * What a call of {@code extend} reported of pictures seen before, and of the chunks it learned.
   */
  private static final class Heard implements RunEvent.Listener {
    final List<RunEvent.SeenBefore> seen = new ArrayList<>();
    final List<Integer> learned = new ArrayList<>();

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.SeenBefore one) {
        seen.add(one);
      } else if (event instanceof RunEvent.ChunkOpened opened) {
        learned.add(opened.good());
      }
    }
  }

  @Test
  void aChunkWithSettingsOfItsOwnEqualsOneRunThatHadThemFromTheStart() throws IOException {
    Map<String, Object> own = Map.of("epochs", 1, "batch", 16, "lr", 0.01, "threads", 2);
    Extension extension = Extension.of(set(2));
    for (Map.Entry<String, Object> one : own.entrySet()) {
      extension = extension.with(one.getKey(), one.getValue());
    }
    Path run = folder.resolve("run");
    Millrace.pretrain(tiny(set(1)).with("stream", "given"), run);
    Millrace.Outcome grown = Millrace.extend(run, extension, event -> {}, () -> false);
    assertThat(grown.steps()).isEqualTo(2 * 2 + 4);

    Settings longer =
        tiny(set(1), set(2)).with(Map.of("stream", "given", "chunk-settings", Map.of("1", own)));
    Millrace.Outcome whole = Millrace.pretrain(longer, folder.resolve("whole"));
    assertThat(grown.encoderSha256()).isEqualTo(whole.encoderSha256());
    Path plain = folder.resolve("plain");
    Millrace.pretrain(tiny(set(1)).with("stream", "given"), plain);
    assertThat(Millrace.extend(plain, set(2)).encoderSha256()).isNotEqualTo(whole.encoderSha256());

    for (int steps : List.of(5)) {
      Path stopped = folder.resolve("stopped" + steps);
      StopAfter stop = new StopAfter(steps);
      Millrace.Outcome now = Millrace.pretrain(longer, stopped, stop, stop);
      while (now.stopped()) {
        now = Millrace.resume(stopped, stop.again(), stop);
      }
      assertThat(now.encoderSha256()).isEqualTo(whole.encoderSha256());
    }
    // A later extension has the run's settings again, but for the rate that the trunk has now.
    assertThat(Millrace.extend(run, set(3)).steps()).isEqualTo(2 * 2 + 4 + 2 * 2);
  }

  @Test
  void ofAFolderThatHasGrownOnlyTheNewPicturesAreLearned() throws IOException {
    for (String stream : List.of("given", "instance")) {
      String set = "photos-" + stream;
      pictures(set, 0, 32);
      Settings settings = tiny(place(set)).with(Map.of("stream", stream, "batch", 8));
      Path run = folder.resolve("run-" + stream);
      Millrace.pretrain(stream.equals("instance") ? settings.with("chunks", 2) : settings, run);
      Millrace.Outcome before = Millrace.resume(run, event -> {}, () -> false);

      Heard nothing = new Heard();
      Extension grown = Extension.of(place(set)).onlyNew(true);
      Millrace.Outcome same = Millrace.extend(run, grown, nothing, () -> false);
      assertThat(same.encoderSha256()).isEqualTo(before.encoderSha256());
      assertThat(same.chunks()).isEqualTo(before.chunks());
      assertThat(nothing.learned).isEmpty();
      assertThat(nothing.seen).singleElement().matches(one -> one.seen() == 32 && one.leftOut());

      pictures(set, 32, 44);
      Heard heard = new Heard();
      StopAfter stop = new StopAfter(1);
      assertThat(
              Millrace.extend(
                      run,
                      grown,
                      event -> {
                        heard.on(event);
                        stop.on(event);
                      },
                      stop)
                  .stopped())
          .isTrue();
      assertThat(heard.learned).containsExactly(12);
      assertThat(heard.seen)
          .singleElement()
          .matches(one -> one.pictures() == 44 && one.firstChunk() == 0);

      // The camera goes on while the run is resumed, and after that.
      pictures(set, 44, 50);
      Millrace.Outcome learned = Millrace.resume(run, event -> {}, () -> false);
      assertThat(learned.chunks()).isEqualTo(before.chunks() + 1);
      Heard next = new Heard();
      Millrace.extend(run, grown, next, () -> false);
      assertThat(next.learned).containsExactly(6);
    }
  }

  @Test
  void ofASetThatGotASecondFolderOnlyTheNewPicturesAreLearned() throws IOException {
    pictures("photos/2025/a", 0, 16);
    Path run = folder.resolve("run-folders");
    Millrace.pretrain(tiny(place("photos")).with(Map.of("batch", 8)), run);
    pictures("photos/2026/b", 16, 20);
    Extension grown = Extension.of(place("photos")).onlyNew(true);
    Heard heard = new Heard();
    Millrace.extend(run, grown, heard, () -> false);
    assertThat(heard.learned).containsExactly(4);
    pictures("photos/2027/c", 20, 23);
    Heard next = new Heard();
    Millrace.extend(run, grown, next, () -> false);
    assertThat(next.learned).containsExactly(3);
  }

  @Test
  void ofASetWhoseOtherFolderIsGoneOnlyTheNewPicturesAreLearned() throws IOException {
    pictures("photos/2025/summer", 0, 8);
    pictures("photos/2026/winter", 8, 16);
    Path run = folder.resolve("run-gone");
    Millrace.pretrain(tiny(place("photos")).with(Map.of("batch", 8)), run);
    Files.move(folder.resolve("photos/2025"), folder.resolve("elsewhere"));
    pictures("photos/2026/spring", 8, 12); // of the names of others
    Extension grown = Extension.of(place("photos")).onlyNew(true);
    Heard heard = new Heard();
    Millrace.extend(run, grown, heard, () -> false);
    assertThat(heard.seen).singleElement().matches(one -> one.seen() == 8 && one.leftOut());
    assertThat(heard.learned).containsExactly(4);
    Files.move(folder.resolve("elsewhere"), folder.resolve("photos/2025"));
    pictures("photos/2026/spring", 12, 15);
    Heard next = new Heard();
    Millrace.extend(run, grown, next, () -> false);
    assertThat(next.learned).containsExactly(3);
  }

  @Test
  void ofASetInAnotherFolderPicturesOfTheSameNamesAreLearned() throws IOException {
    pictures("photos/2025/summer", 0, 8);
    pictures("photos/2026/winter", 8, 16);
    Path run = folder.resolve("run-next");
    Millrace.pretrain(tiny(place("photos")).with(Map.of("batch", 8)), run);
    Files.move(folder.resolve("photos"), folder.resolve("elsewhere"));
    pictures("photos/2027/winter", 8, 16);
    Heard heard = new Heard();
    Millrace.extend(run, Extension.of(place("photos")).onlyNew(true), heard, () -> false);
    assertThat(heard.learned).containsExactly(8);
  }

  @Test
  void picturesOfOtherSizesBelowAnotherFolderAreNotTakenForThoseThatWereSeen() throws IOException {
    pictures("photos/2025/a", 0, 16);
    Path run = folder.resolve("run-others");
    Millrace.pretrain(tiny(place("photos")).with(Map.of("batch", 8)), run);
    Path first = folder.resolve("photos/2025/a");
    Files.createDirectories(folder.resolve("photos/2026"));
    Files.move(first, folder.resolve("photos/2026/a"));
    try (Stream<Path> moved = Files.list(folder.resolve("photos/2026/a"))) {
      Path one = moved.sorted().findFirst().orElseThrow();
      Files.write(one, new byte[1], StandardOpenOption.APPEND); // another picture of that name
    }
    pictures("photos/2027/b", 16, 20);
    Heard heard = new Heard();
    Millrace.extend(run, Extension.of(place("photos")).onlyNew(true), heard, () -> false);
    assertThat(heard.learned).containsExactly(20);
  }

  @Test
  void ofOneOfSeveralSetsOnlyItsOwnPicturesCountAsSeen() throws IOException {
    pictures("a/photos", 0, 16);
    pictures("b/photos", 8, 24);
    Path run = folder.resolve("run");
    Millrace.pretrain(
        tiny(place("a/photos"), place("b/photos"))
            .with(Map.of("stream", "instance", "chunks", 2, "batch", 8)),
        run);
    pictures("b/photos", 0, 8);
    Heard heard = new Heard();
    Millrace.extend(run, Extension.of(place("b/photos")).onlyNew(true), heard, () -> false);
    assertThat(heard.learned).containsExactly(8);
  }

  @Test
  void picturesThatAreLearnedAgainAreReported() throws IOException {
    pictures("photos", 0, 16);
    Path run = folder.resolve("run");
    Millrace.pretrain(
        tiny(place("photos")).with(Map.of("stream", "instance", "chunks", 1, "batch", 8)), run);
    pictures("photos", 16, 20);
    Heard heard = new Heard();
    Millrace.extend(run, Extension.of(place("photos")), heard, () -> false);
    assertThat(heard.learned).containsExactly(20);
    assertThat(heard.seen)
        .singleElement()
        .matches(one -> one.seen() == 16 && one.pictures() == 20 && !one.leftOut());
  }

  @Test
  void whatAChunkCannotHaveToItselfIsRefusedAndTheRunStaysFinished() throws IOException {
    assertThatThrownBy(() -> Extension.of(set(2)).with("queue", 3))
        .hasMessageContaining("--queue", "epochs, batch, lr");
    assertThatThrownBy(() -> tiny(set(1)).with("chunk-settings", Map.of("0", Map.of("queue", 3))))
        .hasMessageContaining("queue");
    assertThatThrownBy(
            () -> tiny(set(1)).with("chunk-settings", Map.of("first", Map.of("epochs", 3))))
        .hasMessageContaining("first is no number of a chunk");
    Path run = folder.resolve("run");
    Millrace.Outcome before = Millrace.pretrain(tiny(set(1)).with("stream", "given"), run);
    for (Map.Entry<String, Object> wrong :
        Map.<String, Object>of("epochs", 0, "lr", -1.0, "batch", 1, "device", "cuda:9")
            .entrySet()) {
      Extension extension = Extension.of(set(2)).with(wrong.getKey(), wrong.getValue());
      assertThatThrownBy(() -> Millrace.extend(run, extension, event -> {}, () -> false))
          .as(wrong.toString())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(before.encoderSha256());
  }
}
