package dev.millrace.live.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.draw.Draw;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.account.ChunkRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftRuleTest {
  @TempDir Path folder;

  private int version = 1;
  private int seen;
  private String broken;

  /** A picture is its one number here. */
  private final DriftRule.Eye eye =
      new DriftRule.Eye() {
        @Override
        public int version() throws IOException {
          if (broken != null) {
            throw new IOException(broken);
          }
          return version;
        }

        @Override
        public float[] see(byte[] picture) {
          seen++;
          if (picture.length == 3) {
            throw new IllegalStateException("no such layer");
          }
          return new float[] {Float.parseFloat(new String(picture, StandardCharsets.US_ASCII))};
        }
      };

  private void append(LiveFolder live, int place, double shift) throws IOException {
    append(
        live,
        Double.toString(Draw.of(1, "picture", place).gaussian() + shift)
            .getBytes(StandardCharsets.US_ASCII));
  }

  private void append(LiveFolder live, byte[] body) throws IOException {
    byte[] entry = new byte[1024];
    byte[] name = "p".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, entry, 0, name.length);
    byte[] size = "%011o".formatted(body.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, entry, 124, size.length);
    entry[156] = '0';
    System.arraycopy(body, 0, entry, 512, body.length);
    Files.createDirectories(live.spool());
    Files.write(live.open(), entry, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static ChunkRecord open(int number) {
    return new ChunkRecord(number, ChunkRecord.Phase.OPEN, 0, null, 0, 0, 10, 0);
  }

  @Test
  void aChunkClosesWhereThePicturesChangeAndEachIsLookedAtOnce() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftRule rule = new DriftRule(live, eye, new DriftSettings(20, 40, 20_000, 1));
    int closed = -1;
    for (int i = 0; i < 200 && closed < 0; i++) {
      append(live, i, i < 100 ? 0 : 4);
      closed = rule.due(open(1), Instant.EPOCH) != null ? i : -1;
    }
    assertThat(closed).isEqualTo(119);
    assertThat(seen).isEqualTo(120);

    Files.delete(live.open());
    append(live, 500, 4);
    assertThat(rule.due(open(2), Instant.EPOCH)).isNull();
    assertThat(seen).isEqualTo(121);
  }

  @Test
  void anotherEncoderBeginsAnewAndNoneSeesNothing() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftRule rule = new DriftRule(live, eye, new DriftSettings(20, 40, 20_000, 1));
    version = 0;
    append(live, 0, 0);
    assertThat(rule.due(open(1), Instant.EPOCH)).isNull();
    assertThat(seen).isZero();
    for (int i = 0; i < 100; i++) {
      append(live, i, i < 50 ? 0 : 4);
      version = i < 50 ? 1 : 2;
      assertThat(rule.due(open(1), Instant.EPOCH)).isNull();
    }
    assertThat(seen).isEqualTo(100);
  }

  @Test
  void eachWindowIsWrittenDownAndWhatASecondProcessSeesStandsForTheFirst() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftSettings settings = new DriftSettings(20, 40, 20_000, 1);
    DriftRule rule = new DriftRule(live, eye, settings);
    ChunkRecord chunk = new ChunkRecord(3, ChunkRecord.Phase.OPEN, 1001, null, 0, 0, 10, 0);
    for (int i = 0; i < 130; i++) {
      append(live, i, i < 100 ? 0 : 4);
      rule.due(chunk, Instant.EPOCH);
    }
    List<DriftLog.Window> found = DriftLog.of(live).last();
    assertThat(found)
        .extracting(DriftLog.Window::picture)
        .containsExactly(1060L, 1080L, 1100L, 1120L);
    assertThat(found).extracting(DriftLog.Window::alarm).containsExactly(false, false, false, true);
    assertThat(found)
        .allMatch(one -> one.chunk() == 3 && one.alarm() == one.score() <= one.threshold());

    version = 2;
    Files.writeString(live.drift(), "{\"at\":\"half a line", StandardOpenOption.APPEND);
    new DriftRule(live, eye, settings).due(chunk, Instant.EPOCH);
    assertThat(Files.readAllLines(live.drift())).hasSize(9);
    assertThat(DriftLog.of(live).last()).hasSize(4).allMatch(one -> one.version() == 2);
  }

  @Test
  void aWindowBearsTheNumberThatTheAccountGivesItsLastPicture() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftRule rule = new DriftRule(live, eye, new DriftSettings(20, 40, 20_000, 1));
    rule.numbers(at -> (at - 512) % 1024 == 0 ? 5000 + (at - 512) / 1024 : 0);
    for (int i = 0; i < 130; i++) {
      append(live, i, 0);
    }
    rule.due(open(1), Instant.EPOCH); // all in one batch
    assertThat(DriftLog.of(live).last())
        .extracting(DriftLog.Window::picture)
        .containsExactly(5059L, 5079L, 5099L, 5119L);
  }

  @Test
  void anEncoderThatFailsIsSaidOnceAndChunksGoOnWithoutItUntilItWorks() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftRule rule = new DriftRule(live, eye, new DriftSettings(20, 40, 20_000, 1));
    broken = "it is cut off";
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      append(live, i, 0);
      assertThat(rule.due(open(1), Instant.ofEpochSecond(10L * i))).isNull();
      faults.addAll(rule.faults());
    }
    assertThat(faults).singleElement().asString().contains("it is cut off");
    assertThat(seen).isZero();

    broken = null;
    int closed = -1;
    for (int i = 0; i < 200 && closed < 0; i++) {
      append(live, 50 + i, i < 100 ? 0 : 4);
      closed = rule.due(open(1), Instant.ofEpochSecond(1000 + i)) != null ? i : -1;
    }
    assertThat(closed).as("what came meanwhile is passed over").isEqualTo(119);
    assertThat(seen).isEqualTo(120);
  }

  @Test
  void aPictureThatTheEncoderFailsAtEndsNothing() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    DriftRule rule = new DriftRule(live, eye, new DriftSettings(20, 40, 20_000, 1));
    append(live, "1.0".getBytes(StandardCharsets.US_ASCII));
    append(live, 1, 0);
    assertThat(rule.due(open(1), Instant.EPOCH)).isNull();
    assertThat(seen).isEqualTo(1);
    append(live, 2, 0);
    assertThat(rule.due(open(1), Instant.ofEpochSecond(60))).isNull();
    assertThat(seen).isEqualTo(2);
    assertThat(rule.faults()).singleElement().asString().contains("no such layer");
  }
}
