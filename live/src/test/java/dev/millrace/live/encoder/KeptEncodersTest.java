package dev.millrace.live.encoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import dev.millrace.live.LiveFolder;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptEncodersTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

  @TempDir Path live;

  private KeptEncoders kept() {
    return KeptEncoders.of(LiveFolder.of(live), CLOCK);
  }

  private EncoderVersion keep(int chunk) throws IOException {
    Path file = live.resolve("made");
    Files.writeString(file, "weights of chunk " + chunk);
    return kept().keep(file, live.resolve("run"), chunk + 1);
  }

  private void pass(EncoderVersion version) throws IOException {
    kept()
        .promotions()
        .judged(
            version,
            kept().serving().version(),
            Verdict.PASS,
            List.of("not worse"),
            Map.of("difference", 0.01));
  }

  @Test
  void aVersionIsKeptWithItsProvenanceAndIsNotServedByThat() throws IOException {
    EncoderVersion version = keep(3);

    assertThat(version)
        .isEqualTo(
            new EncoderVersion(
                1,
                live.resolve("run").toString(),
                4,
                Sha256.of("weights of chunk 3"),
                "2026-03-01T12:00:00Z"));
    assertThat(kept().file(version)).hasContent("weights of chunk 3");
    assertThat(kept().serving().any()).isFalse();
  }

  @Test
  void whatIsKeptAlreadyIsNotKeptTwice() throws IOException {
    assertThat(keep(0)).isEqualTo(keep(0));
    assertThat(keep(1).version()).isEqualTo(2);
    assertThat(kept().all()).hasSize(2);
  }

  @Test
  void aDamagedVersionKeepsNoOtherFromBeingServedNorFromBeingKept() throws IOException {
    keep(0);
    pass(keep(1));
    Files.writeString(live.resolve("encoders/1/version.json"), "{");
    assertThat(kept().served()).map(EncoderVersion::version).contains(2);
    assertThat(kept().require(2).version()).isEqualTo(2);
    assertThat(keep(1).version()).as("kept already").isEqualTo(2);
    assertThat(keep(2).version()).isEqualTo(3);
    assertThatThrownBy(() -> kept().require(1)).hasMessageContaining("remove the folder");
    assertThatThrownBy(() -> kept().all()).hasMessageContaining("encoders/1/version.json");
    assertThat(kept().numbers()).containsExactly(1, 2, 3);
    assertThat(kept().last(2)).extracting(EncoderVersion::version).containsExactly(2, 3);
  }

  @Test
  void theLastDecisionsAreThoseOfTheLogsEnd() throws IOException {
    EncoderVersion version = keep(0);
    for (int i = 0; i < 5; i++) {
      pass(version);
      kept().promotions().hold(i % 2 == 0, "r" + i + "ü".repeat(20_000));
    }
    List<Decision> all = kept().decisions().all();
    assertThat(kept().decisions().last(3)).isEqualTo(all.subList(all.size() - 3, all.size()));
    assertThat(kept().decisions().last(50)).hasSizeBetween(3, all.size() - 1);
  }

  @Test
  void halfACharacterThatAKillLeftIsNoDecisionAndSpoilsNoOther() throws IOException {
    pass(keep(0));
    Path log = LiveFolder.of(live).decisions();
    Files.write(log, "{\"at\":\"x\",\"reasons\":[\"f".getBytes(UTF_8), APPEND);
    Files.write(log, new byte[] {(byte) 0xC3}, APPEND); // of a reason's ü
    assertThat(kept().decisions().all()).hasSize(1);
    pass(keep(1));
    assertThat(kept().decisions().all()).hasSize(2);
    assertThat(kept().serving().version()).isEqualTo(2);
  }

  @Test
  void whatAKilledCallLeftIsNoVersionAndIsSweptByTheNext() throws IOException {
    Path half = live.resolve("encoders/.keeping-dead/version");
    Files.createDirectories(half);
    Files.writeString(half.resolve("encoder.safetensors"), "half");

    assertThat(kept().all()).isEmpty();
    keep(0);
    assertThat(half).doesNotExist();
  }

  @Test
  void theGatePromotesAPersonPromotesRollsBackAndHolds() throws IOException {
    EncoderVersion one = keep(0);
    EncoderVersion two = keep(1);
    EncoderVersion three = keep(2);

    pass(one);
    assertThat(kept().serving().version()).isEqualTo(1);
    pass(two);
    kept().promotions().promote(3, "looks good");
    assertThat(kept().served()).contains(three);
    assertThat(kept().promotions().rollback("it does not").version()).isEqualTo(2);
    assertThat(kept().promotions().rollback("").version()).isEqualTo(1);
    kept().promotions().hold(true, "");
    pass(three);
    assertThat(kept().serving().version()).isEqualTo(1);
    assertThat(kept().promotions().promote(2, "a person may").version()).isEqualTo(2);
    kept().promotions().hold(false, "");
    pass(three);
    assertThat(kept().serving().version()).isEqualTo(3);

    assertThat(kept().decisions().all())
        .extracting(Decision::what)
        .containsExactly(
            "gate",
            "gate",
            "promote",
            "rollback",
            "rollback",
            "hold",
            "gate",
            "promote",
            "release",
            "gate");
  }

  @Test
  void aRollbackWithoutAnEarlierVersionIsRefused() throws IOException {
    assertThatThrownBy(() -> kept().promotions().rollback(""))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("serves no encoder yet");
    EncoderVersion one = keep(0);
    pass(one);
    assertThatThrownBy(() -> kept().promotions().rollback(""))
        .hasMessageContaining("was served first");
    assertThatThrownBy(() -> kept().promotions().promote(7, ""))
        .hasMessageContaining("has no version 7");
  }

  @Test
  void aDamagedVersionIsNotPromotedByAPerson() throws IOException {
    EncoderVersion one = keep(0);
    Files.writeString(kept().file(one), "x", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> kept().promotions().promote(1, "")).hasMessageContaining("is damaged");
    assertThat(kept().serving().any()).isFalse();
  }

  @Test
  void halfALineOfAKilledProcessIsNoDecisionAndSpoilsNone() throws IOException {
    EncoderVersion one = keep(0);
    pass(one);
    Files.writeString(
        live.resolve("decisions.jsonl"),
        "{\"at\":\"2026",
        StandardCharsets.UTF_8,
        StandardOpenOption.APPEND);
    kept().promotions().hold(true, "");

    assertThat(kept().decisions().all()).extracting(Decision::what).containsExactly("gate", "hold");
  }

  @Test
  void aReaderFindsAWholeEncoderWhileVersionsAreKeptAndPromoted() throws Exception {
    EncoderVersion first = keep(0);
    pass(first);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger reads = new AtomicInteger();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                while (!done.get()) {
                  Serving serving = kept().serving();
                  EncoderVersion version = kept().require(serving.version());
                  assertThat(Sha256.of(kept().file(version))).isEqualTo(serving.sha256());
                  reads.incrementAndGet();
                }
              } catch (Throwable e) {
                failed.set(e);
              }
            });
    reader.start();
    for (int chunk = 1; chunk < 40; chunk++) {
      EncoderVersion next = keep(chunk);
      pass(next);
    }
    done.set(true);
    reader.join();

    assertThat(failed.get()).isNull();
    assertThat(reads.get()).isPositive();
    assertThat(kept().serving().version()).isEqualTo(40);
  }
}
