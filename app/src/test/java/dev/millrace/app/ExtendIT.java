package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Safetensors;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExtendIT {
  private static final int KILLS = 4;

  @TempDir private static Path folder;

  private static Path whole;
  private static Path two;

  @BeforeAll
  static void trained() throws Exception {
    whole = folder.resolve("whole");
    Command.done(Tiny.given(whole, Tiny.set(1), Tiny.set(2), Tiny.set(3)));
    two = folder.resolve("two");
    Command.done(Tiny.given(two, Tiny.set(1), Tiny.set(2)));
  }

  @Test
  void anExtendedRunEqualsOneOverTheLongerStream() throws Exception {
    Path grown = folder.resolve("grown");
    Tiny.copy(two, grown);
    String before = Tiny.sha256(grown);

    Command.Ended ended = Command.done("extend", grown.toString(), "--data", Tiny.set(3), "--json");

    assertThat(ended.json().path("chunks").asInt()).isEqualTo(3);
    assertThat(Tiny.sha256(grown)).isNotEqualTo(before).isEqualTo(Tiny.sha256(whole));
  }

  /** So many that a look at them takes a while. */
  private static final String MANY = "generated:images=90000,test=8,classes=2";

  private Command beginning(Path run) throws Exception {
    Command extending = Command.start("extend", run.toString(), "--data", MANY);
    assertThat(extending.reaches(() -> Files.exists(run.resolve("extending")))).isTrue();
    return extending;
  }

  @Test
  void anExtensionThatEndsBeforeItBeganLeavesTheRunAndIsNamed() throws Exception {
    Path run = folder.resolve("early");
    Tiny.copy(two, run);
    String before = Tiny.sha256(run);

    Command stopped = beginning(run);
    stopped.terminate();
    Command.Ended ended = stopped.await();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).contains("nothing has begun: give the same command again");
    assertThat(run.resolve("extending")).doesNotExist();

    beginning(run).kill();
    assertThat(Command.done("resume", run.toString()).err())
        .contains("nothing was learned of " + MANY)
        .contains("give the same `millrace extend` again");
    assertThat(Command.done("resume", run.toString()).err()).doesNotContain("millrace extend");
    assertThat(Tiny.sha256(run)).isEqualTo(before);
  }

  @Test
  void anExtensionKilledInItsMidstAndResumedEqualsOneOverTheLongerStream() throws Exception {
    Path grown = folder.resolve("killed");
    Tiny.copy(two, grown);
    Path metrics = grown.resolve("metrics.jsonl");
    long before = Command.lines(metrics);

    Command extending = Command.start("extend", grown.toString(), "--data", Tiny.set(3), "--json");
    // The last line so far is of the second chunk; five lines more are in the middle of the third.
    assertThat(extending.reaches(() -> Command.lines(metrics) >= before + 5)).isTrue();
    extending.kill();
    assertThat(extending.await().code()).isEqualTo(137);
    assertThat(Tiny.sha256(grown)).isEqualTo(Tiny.sha256(two));
    theOldEncoderAnswersMeanwhile(grown);

    Command.Ended ended = Command.done("resume", grown.toString(), "--json");
    assertThat(ended.json().path("chunks").asInt()).isEqualTo(3);
    assertThat(Tiny.sha256(grown)).isEqualTo(Tiny.sha256(whole));
  }

  private static void theOldEncoderAnswersMeanwhile(Path run) throws Exception {
    String said = "its encoder after chunk 2 of 3";
    String file = run.resolveSibling("old.npy").toString();
    Command.Ended vectors =
        Command.done("embed", run.toString(), "--data", Tiny.set(1), "--out", file, "--json");
    assertThat(vectors.err()).contains(said);
    assertThat(vectors.json().path("encoder_sha256").asText()).isEqualTo(Tiny.sha256(two));
    String model = run.resolveSibling("old.safetensors").toString();
    Command.Ended export =
        Command.done("export", run.toString(), "--format", "safetensors", "--out", model, "--json");
    assertThat(export.err()).contains(said);
    assertThat(Path.of(export.json().path("card").asText())).content().contains("chunk 2 of 3");
    Command.Ended probe =
        Command.done("probe", run.toString(), "--data", Tiny.set(1), "--no-baselines", "--json");
    assertThat(probe.err()).contains(said);
    assertThat(probe.json().path("results").path(0).path("chunk").asInt()).isEqualTo(1);
  }

  @Test
  void whoeverReadsTheEncoderFindsAWholeOneWhileExtensionsAreKilledAndResumed() throws Exception {
    Path grown = folder.resolve("read");
    Tiny.copy(two, grown);
    String before = Tiny.sha256(two);
    String after = Tiny.sha256(whole);
    long seed = System.nanoTime();
    Random moments = new Random(seed);
    try (Reading reading = new Reading(grown.resolve("encoder.safetensors"))) {
      int kills = 0;
      while (kills < KILLS) {
        Command command =
            Settings.ofRun(grown).stream().chunks() == 2
                ? Command.start("extend", grown.toString(), "--data", Tiny.set(3), "--json")
                : Command.start("resume", grown.toString(), "--json");
        Thread.sleep(moments.nextInt(200, 2500));
        command.kill();
        if (command.await().code() == 0) {
          break; // it was done before
        }
        kills++;
      }
      if (Settings.ofRun(grown).stream().chunks() == 2) {
        Command.done("extend", grown.toString(), "--data", Tiny.set(3), "--json");
      } else {
        Command.done("resume", grown.toString(), "--json");
      }
      reading.upTo(after);
      assertThat(reading.faults()).as("seed " + seed).isEmpty();
      assertThat(reading.found()).as("seed " + seed).containsExactly(before, after);
    }
    assertThat(RunFolder.of(grown).finished(3)).isTrue();
  }

  /** Opens and reads a run's encoder whole, again and again. */
  private static final class Reading implements AutoCloseable {
    private final Path file;
    private final Set<String> found = Collections.synchronizedSet(new LinkedHashSet<>());
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::read);
    private volatile boolean closed;

    Reading(Path file) {
      this.file = file;
      thread.start();
    }

    private void read() {
      while (!closed) {
        try {
          // It holds itself to the checksum that it carries.
          if (!Safetensors.intact(file)) {
            faults.add("no checksum");
          }
          found.add(Sha256.of(file));
          Thread.sleep(1);
        } catch (IOException e) {
          faults.add(e.toString());
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    /** Waits until it was read once more after it became this one. */
    void upTo(String sha256) throws InterruptedException {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!found.contains(sha256) && System.nanoTime() < until) {
        Thread.sleep(10);
      }
    }

    List<String> found() {
      return List.copyOf(found);
    }

    List<String> faults() {
      return faults;
    }

    @Override
    public void close() throws InterruptedException {
      closed = true;
      thread.join();
    }
  }
}
