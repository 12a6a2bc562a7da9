package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves that was ended, or refused, before it had begun. */
final class BeginningTest {
  @TempDir private Path folder;

  private static Settings settings() {
    return Settings.defaults("generated:images=64,test=8,size=16")
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "batch",
                32,
                "epochs",
                1,
                "queue",
                64,
                "threads",
                1,
                "precision",
                "fp32"));
  }

  @Test
  void aRunKilledBeforeItsSettingsIsTakenOverByTheSameCommand() throws IOException {
    Path run = folder.resolve("run");
    Files.createDirectories(run);
    for (String name : new String[] {"lock", "stream.json", ".run.yaml.partial"}) {
      Files.writeString(run.resolve(name), "{");
    }
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was ended before it had settings")
        .hasMessageContaining("millrace pretrain … --out " + run);
    assertThat(Millrace.pretrain(settings(), run).stopped()).isFalse();
    assertThat(run.resolve(".run.yaml.partial")).doesNotExist();
  }

  @Test
  void aFolderWithAnythingElseIsNobodysBeginning() throws IOException {
    Path run = folder.resolve("run");
    Files.createDirectories(run);
    Files.writeString(run.resolve("lock"), "");
    Path mine = Files.writeString(run.resolve("notes.txt"), "precious");
    assertThatThrownBy(() -> Millrace.pretrain(settings(), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists already");
    assertThat(mine).hasContent("precious");
  }

  @Test
  void aRunWithSettingsIsNeverTakenForABeginning() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome stopped =
        Millrace.pretrain(
            settings(), run, event -> {}, () -> Files.exists(run.resolve("run.yaml")));
    assertThat(stopped.stopped()).isTrue();
    assertThatThrownBy(() -> Millrace.pretrain(settings(), run))
        .hasMessageContaining("holds a run already");
    assertThat(run.resolve("stream.json")).exists();
  }

  @Test
  void aStopBeforeTheRunBeganMakesNoFolder() {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(settings(), run, event -> {}, () -> true))
        .isInstanceOf(CancellationException.class);
    assertThat(run).doesNotExist();
  }

  /** Loses a rank before all have met, as often as it says. */
  private static final class Unmet implements Rendezvous {
    private final int times;
    private final int retries;
    private int lost;

    Unmet(int times, int retries) {
      this.times = times;
      this.retries = retries;
    }

    @Override
    public int count() {
      return 1;
    }

    @Override
    public Ranks meet(Path run) {
      assertThat(run.resolve("run.yaml")).exists(); // what the others read
      if (lost < times) {
        throw new LostRankException("a rank did not begin", null);
      }
      return new Alone();
    }

    @Override
    public void again(LostRankException gone) {
      lost++;
      if (lost > retries) {
        throw gone;
      }
    }
  }

  private static Millrace.Outcome pretrain(Path run, Rendezvous ranks) throws IOException {
    return Millrace.pretrain(
        settings(), Catalogue.standard(), run, ranks, event -> {}, () -> false);
  }

  @Test
  void aRankThatIsLostBeforeTheFirstMeetingCostsARetryAndOneMoreLeavesNoFolder()
      throws IOException {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> pretrain(run, new Unmet(3, 2))).isInstanceOf(LostRankException.class);
    assertThat(run).doesNotExist();
    assertThat(pretrain(run, new Unmet(2, 2)).stopped()).isFalse();
  }

  @Test
  void anInterruptIsAStopAndStaysSet() throws IOException {
    Path run = folder.resolve("run");
    Settings longer = settings().with("epochs", 50);
    Thread caller = Thread.currentThread();
    Millrace.Outcome outcome =
        Millrace.pretrain(
            longer,
            run,
            event -> {
              if (Files.exists(run.resolve("metrics.jsonl"))) {
                caller.interrupt();
              }
            },
            () -> false);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(outcome.stopped()).isTrue();
    assertThat(run.resolve("checkpoints")).isNotEmptyDirectory();
  }

  @Test
  void whatALaterVersionMayDecideOtherwiseIsWrittenDown() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(
        settings()
            .with(Map.of("method", "swav", "prototypes", 16, "local-crops", 1, "cassle", 0.5)),
        run);
    Settings kept = RunFiles.settings(run);
    assertThat(kept.views().localSize()).isEqualTo(8);
    assertThat(kept.views().localScale()).containsExactly(0.05, 0.2);
    assertThat(kept.asMap()).containsEntry("cassle-form", "assigned").containsEntry("cassle", 0.5);
    assertThat(kept.method().queue()).isNotEqualTo(QueueLength.AUTO);
    Path other = folder.resolve("other");
    Millrace.pretrain(settings().with(Map.of("method", "vicreg", "dim", 32, "cassle", 0.5)), other);
    assertThat(RunFiles.settings(other).asMap())
        .containsEntry("cassle-form", "invariant")
        .containsEntry("cassle", 0.02);
  }

  @Test
  void whatIsRefusedLateLeavesNoFolderEither() {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(settings().with("queue", Integer.MAX_VALUE), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--queue 2147483647 of --dim")
        .hasMessageContaining("smaller --queue");
    assertThat(run).doesNotExist();
  }

  @Test
  void aRemedyWithoutAWeightIsRefusedBeforeThereIsAFolder() {
    Path run = folder.resolve("run");
    Settings none = settings().with(Map.of("method", "vicreg", "dim", 32, "invariance", 0));
    for (String remedy : new String[] {"pnr", "cassle"}) {
      assertThatThrownBy(() -> Millrace.pretrain(none.with(remedy, 1.0), run))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("--" + remedy);
      assertThat(run).doesNotExist();
    }
  }

  @Test
  void epochsBelowOneAreBlamedOnEpochs() {
    assertThatThrownBy(() -> settings().with("epochs", -5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--epochs -5 is below 1");
  }

  @Test
  void aStopWhileNewDataIsCheckedLeavesTheFinishedRunAsItWas() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(), run);
    String encoder = Sha256.of(run.resolve("encoder.safetensors"));
    String yaml = Sha256.of(run.resolve("run.yaml"));
    for (int asked = 0; asked < 4; asked++) {
      int[] left = {asked};
      assertThatThrownBy(
              () ->
                  Millrace.extend(
                      run,
                      "generated:images=64,test=8,size=16,seed=1",
                      event -> {},
                      () -> {
                        synchronized (left) {
                          return left[0]-- <= 0;
                        }
                      }))
          .isInstanceOf(CancellationException.class);
      assertThat(Sha256.of(run.resolve("encoder.safetensors"))).isEqualTo(encoder);
      assertThat(Sha256.of(run.resolve("run.yaml"))).isEqualTo(yaml);
    }
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256()).isEqualTo(encoder);
  }

  @Test
  void aStopWithinTheListingOfOneFolderIsHeededAndMakesNoRun() throws IOException {
    Path set = folder.resolve("set");
    byte[] picture = "P6 1 1 255\nabc".getBytes(StandardCharsets.US_ASCII);
    for (String name : new String[] {"cat", "dog"}) {
      Files.createDirectories(set.resolve(name));
      for (int i = 0; i < 2000; i++) {
        Files.write(set.resolve(name).resolve(i + ".ppm"), picture);
      }
    }
    Path run = folder.resolve("run");
    // Folders and files are asked about one by one: a stop somewhere in their midst ends it there.
    for (int asked : new int[] {4, 100, 3000}) {
      AtomicInteger left = new AtomicInteger(asked);
      assertThatThrownBy(
              () ->
                  Millrace.pretrain(
                      settings().with("data", List.of(set.toString())),
                      run,
                      event -> {},
                      () -> left.decrementAndGet() <= 0))
          .isInstanceOf(CancellationException.class)
          .hasMessage("stopped while a set was listed");
      assertThat(left.get()).isZero();
      assertThat(run).doesNotExist();
    }
  }
}
