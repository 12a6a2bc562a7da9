package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.file.Finding;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RunExamination;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A memory on disk stays as small as it was asked to be, however long the stream is. */
class MemoryOnDiskTest {
  private static final int CHUNKS = 8;

  /** Frame, names and mark of a bundle; some ids. */
  private static final long FRAME = 1200;

  @TempDir Path folder;

  private static Settings settings(String words) {
    Map<String, Object> all = new HashMap<>(Map.of("stream", "class", "chunks", CHUNKS));
    all.putAll(Map.of("epochs", 1, "replay", 0, "mas", 0, "queue", 32, "checkpoint-steps", 1));
    all.put("schedule", "restart");
    for (String word : words.split(" ", -1)) {
      String[] pair = word.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    return tiny("generated:images=256;test=16;classes=8;size=16").with(all);
  }

  private static long onDisk(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("memory"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static final class Killed extends RuntimeException {}

  /** Hears what is remembered, and may end the process as soon as a chunk is saved. */
  private static final class Ear implements RunEvent.Listener {
    private final boolean kills;
    private long remembered;
    private boolean stepped;

    Ear(boolean kills) {
      this.kills = kills;
    }

    @Override
    public void on(RunEvent event) {
      stepped |= event instanceof RunEvent.Stepped;
      if (event instanceof RunEvent.TakenIn taken) {
        remembered = taken.rememberedBytes();
      }
      boolean between =
          event instanceof RunEvent.Saved saved && saved.position().isBetweenChunks() && stepped;
      if (kills && between) {
        stepped = false;
        throw new Killed(); // before anything is let go
      }
    }
  }

  private static Millrace.Outcome oftenKilled(Settings settings, Path run, Ear ear)
      throws IOException {
    boolean begun = false;
    while (true) {
      try {
        return begun
            ? Millrace.resume(run, ear, () -> false)
            : Millrace.pretrain(settings, run, ear, () -> false);
      } catch (Killed kill) {
        begun = true;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "memory=fifo memory-images=40 keep=1, 0",
    "memory=fifo memory-bytes=30000, 1",
    "memory=reservoir memory-images=40 der=1, 1",
    "memory=minred memory-images=40, 1",
    "memory=fifo memory-images=40 schedule=wsd publish=branch keep=1, 1",
    "memory=fifo memory-images=40 schedule=wsd publish=merge keep=1, 1",
  })
  void itIsBoundedAlsoWhereARunIsKilledAndEndsWithTheSameBytes(String words, int behind)
      throws IOException {
    Settings settings = settings(words);
    Path whole = folder.resolve("whole");
    Ear ear = new Ear(false);
    Millrace.Outcome outcome = Millrace.pretrain(settings, whole, ear, () -> false);
    // A chunk of 32 pictures for each that a checkpoint is behind.
    long picture = ear.remembered / (words.contains("bytes") ? 9 : 40) + 200;
    long most = ear.remembered * 4 / 3 + behind * 32 * picture + CHUNKS * FRAME;
    assertThat(onDisk(whole)).isLessThan(most);
    Path killed = folder.resolve("killed");
    Millrace.Outcome same = oftenKilled(settings, killed, new Ear(true));
    assertThat(same.encoderSha256()).isEqualTo(outcome.encoderSha256());
    assertThat(onDisk(killed)).isLessThan(most + 32 * picture); // the last one lets go later
    assertThat(Millrace.extend(killed, set(7)).encoderSha256())
        .isEqualTo(Millrace.extend(whole, set(7)).encoderSha256());
    assertThat(onDisk(killed)).isLessThan(most + 64 * picture);
    assertThat(RunExamination.of(killed)).allMatch(Finding::ok);
  }
}
