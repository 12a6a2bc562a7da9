package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    AtomicFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  @Test
  void anyFlippedBitOfTheRecordIsRefusedByName() throws IOException {
    Seal.of(folder).add(file("a", "1"), file("deep/b", "2"));
    Path record = folder.resolve(Seal.NAME);
    byte[] intact = Files.readAllBytes(record);
    for (int bit = 0; bit < 8 * intact.length; bit++) {
      byte[] flipped = intact.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(record, flipped);
      assertThatThrownBy(() -> Seal.of(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(record + " is damaged");
    }
    Files.write(record, java.util.Arrays.copyOf(intact, intact.length - 1));
    assertThatThrownBy(() -> Seal.of(folder)).hasMessageContaining("damaged");
    Files.write(record, intact);
    assertThat(Seal.of(folder).names()).containsExactlyInAnyOrder("a", "deep/b");
  }

  @Test
  void aSealedFileThatChangedOrWentIsRefusedAndOneThatIsReplacedIsNot() throws IOException {
    Path file = file("a", "old");
    Seal.of(folder).add(file);
    Files.writeString(file, "odd");
    assertThatThrownBy(() -> Seal.of(folder).require(file, "mend it"))
        .hasMessageStartingWith(file + " is damaged: expected checksum " + Sha256.of("old"))
        .hasMessageEndingWith("; mend it");
    Files.delete(file);
    assertThatThrownBy(() -> Seal.of(folder).require(file, "mend it"))
        .hasMessageContaining("found no such file");
    Seal seal = Seal.of(folder);
    seal.drop(file);
    // A kill here leaves the file unsealed, whether old or new.
    assertThatCode(() -> Seal.of(folder).require(file, "")).doesNotThrowAnyException();
    file("a", "new");
    seal.add(file);
    assertThat(Seal.of(folder).expected(file)).isEqualTo(Sha256.of("new"));
  }

  @Test
  void aFolderOfAnOlderVersionHasNothingToRefuse() throws IOException {
    assertThat(Seal.of(folder).fits(file("a", "1"))).isTrue();
    assertThat(Seal.of(folder).names()).isEmpty();
  }

  @Test
  void anyFlippedBitOfASealedTextShowsOrLeavesItsContentAsItWas() {
    String object = "{\"value\":90.5,\"name\":\"kn\\\"n\"}";
    byte[] sealed = SealedText.seal(object).getBytes(StandardCharsets.UTF_8);
    assertThat(SealedText.open(new String(sealed, StandardCharsets.UTF_8))).isEqualTo(object);
    for (int bit = 0; bit < 8 * sealed.length; bit++) {
      byte[] flipped = sealed.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      String text = SealedText.open(new String(flipped, StandardCharsets.UTF_8));
      // A flip in the seal's own name makes it another field; the content before it is untouched.
      assertThat(text == null || text.startsWith(object.substring(0, object.length() - 1)))
          .isTrue();
    }
    assertThat(SealedText.open(object)).as("of an older version").isEqualTo(object);
  }

  @Test
  void aLogKnowsWhetherWhatAMarkCountsOnIsStillThere() throws IOException {
    Path file = folder.resolve("log");
    AppendLog.Mark mark;
    try (AppendLog log = AppendLog.open(file)) {
      log.append("one");
      mark = log.mark();
      log.append("two");
    }
    try (AppendLog log = AppendLog.open(file)) {
      log.append("three");
      assertThat(log.mark()).isEqualTo(new AppendLog.Mark(14, Sha256.of("one\ntwo\nthree\n")));
    }
    assertThat(AppendLog.fits(file, mark)).isTrue();
    AppendLog.cut(file, mark);
    assertThat(file).content().isEqualTo("one\n");
    Files.writeString(file, "onf\n");
    assertThat(AppendLog.fits(file, mark)).isFalse();
    Files.writeString(file, "on");
    assertThat(AppendLog.fits(file, mark)).isFalse();
  }

  @Test
  void aFailureOfAnOpenFileNamesTheFile() {
    Path file = Path.of("run", "metrics.jsonl");
    assertThat(Reason.named(file, new IOException("Input/output error")))
        .hasMessage(file + ": Input/output error");
    IOException named = new IOException("metrics.jsonl is odd");
    assertThat(Reason.named(file, named)).isSameAs(named);
  }
}
