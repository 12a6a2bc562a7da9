package dev.millrace.exchange.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.probe.BadPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Map<String, String> IDENTITY = Map.of("encoder_sha256", "aa", "dim", "2");
  private static final List<Frame> FRAMES =
      List.of(
          new Frame(0, 2, List.of(), new float[] {1, 2, 3, 4}),
          new Frame(2, 2, List.of(new BadPicture(3, "ä.jpg", "cut off")), new float[] {5, 6}),
          new Frame(
              4,
              2,
              List.of(new BadPicture(4, "b", "x"), new BadPicture(5, "c", "y")),
              new float[0]),
          new Frame(6, 1, List.of(), new float[] {7, 8}, new long[] {-9}),
          new Frame(
              7, 2, List.of(new BadPicture(7, "d", "z")), new float[] {9, 1}, new long[] {5}));

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("x.unfinished");
  }

  private Journal open() throws IOException {
    return Journal.open(file, IDENTITY, bad -> false, null);
  }

  private void written() throws IOException {
    try (Journal journal = open()) {
      for (Frame frame : FRAMES) {
        journal.append(frame);
      }
    }
  }

  private static List<Frame> frames(Journal journal) throws IOException {
    List<Frame> all = new ArrayList<>();
    Journal.Frames frames = journal.frames();
    for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
      all.add(frame);
    }
    return all;
  }

  private static void requireBeginning(List<Frame> found) {
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).usingRecursiveComparison().isEqualTo(FRAMES.get(i));
    }
  }

  @Test
  void whatWasAppendedIsThereWhenItIsOpenedAgain() throws IOException {
    written();
    try (Journal journal = open()) {
      assertThat(journal.pictures()).isEqualTo(9);
      assertThat(journal.bad()).isEqualTo(4);
      assertThat(frames(journal)).hasSize(5);
      requireBeginning(frames(journal));
    }
  }

  @Test
  void vectorsThatNobodyCanTellApartAreNotTakenOverAndTheFileStays() throws IOException {
    Map<String, String> grown = new java.util.TreeMap<>(IDENTITY);
    grown.put("data_sha256", "new");
    try (Journal journal = Journal.open(file, grown, bad -> false, null)) {
      journal.append(FRAMES.get(0)); // as older versions wrote it, without keys
    }
    byte[] before = Files.readAllBytes(file);
    grown.put("data_sha256", "newer");
    assertThatThrownBy(() -> Journal.open(file, grown, bad -> false, frames -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data_sha256 is new there and newer now")
        .hasMessageContaining("give the command it was begun with")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("--keep-vectors"));
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void cutOffAnywhereItKeepsItsWholeFramesAndGoesOn() throws IOException {
    written();
    byte[] whole = Files.readAllBytes(file);
    int most = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try (Journal journal = open()) {
        List<Frame> found = frames(journal);
        requireBeginning(found);
        assertThat(found.size()).isBetween(most, FRAMES.size() - 1);
        most = found.size();
        for (Frame frame : FRAMES.subList(found.size(), FRAMES.size())) {
          journal.append(frame);
        }
      }
      assertThat(file).hasBinaryContent(whole);
    }
    assertThat(most).isEqualTo(FRAMES.size() - 1);
  }

  @Test
  void aBitThatChangedCutsOffWhatIsBehindIt() throws IOException {
    written();
    byte[] whole = Files.readAllBytes(file);
    int line = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    for (int at = line; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      Files.write(file, damaged);
      try (Journal journal = open()) {
        assertThat(frames(journal)).hasSizeLessThan(FRAMES.size());
        requireBeginning(frames(journal));
      }
    }
  }

  @Test
  void fromAPictureThatWasMendedOnEverythingIsMadeAgain() throws IOException {
    written();
    try (Journal journal = Journal.open(file, IDENTITY, bad -> bad.id().equals("c"), null)) {
      assertThat(journal.pictures()).isEqualTo(4);
      assertThat(journal.bad()).isEqualTo(1);
    }
  }

  @Test
  void thatOfAnotherEmbeddingIsRefusedAndLeftAsItIs() throws IOException {
    written();
    byte[] before = Files.readAllBytes(file);
    Map<String, String> other = Map.of("encoder_sha256", "bb", "dim", "2");
    assertThatThrownBy(() -> Journal.open(file, other, bad -> false, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("encoder_sha256 is aa there and bb now")
        .hasMessageContaining("remove it to start over");
    assertThat(file).hasBinaryContent(before);
  }

  @Test
  void aFileOfSomebodyElseIsRefusedAndLeftAsItIs() throws IOException {
    for (String content : List.of("my diary", "my\ndiary", "{\n")) {
      Files.writeString(file, content);
      assertThatThrownBy(this::open)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no unfinished embedding");
      assertThat(file).hasContent(content);
    }
  }

  @Test
  void oneAtATimeHoldsIt() throws IOException {
    try (Journal journal = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process is working on");
      journal.append(FRAMES.get(0));
    }
    try (Journal again = open()) {
      assertThat(again.pictures()).isEqualTo(2);
    }
  }
}
