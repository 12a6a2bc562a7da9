package dev.millrace.study.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve(Ledger.NAME);
  }

  private static ObjectNode line(String id, String status) {
    ObjectNode line = new ObjectMapper().createObjectNode();
    return line.put("kind", "run").put("id", id).put("status", status);
  }

  private void append(ObjectNode... lines) throws IOException {
    try (Ledger ledger = Ledger.open(file)) {
      for (ObjectNode line : lines) {
        ledger.append(line);
      }
    }
  }

  @Test
  void whatWasAppendedIsDoneForWhoeverReadsTheFile() throws IOException {
    append(line("a", "done"), line("b", "failed"));
    Ledger read = Ledger.read(file);
    assertThat(read.done("a")).isTrue();
    assertThat(read.done("b")).isFalse();
    assertThat(read.failed("b")).isTrue();
    assertThat(read.line("a")).isEqualTo(line("a", "done"));
  }

  @Test
  void anIdIsDoneOnce() throws IOException {
    append(line("a", "done"));
    try (Ledger ledger = Ledger.open(file)) {
      assertThat(ledger.append(line("a", "done"))).isFalse();
    }
    assertThat(Files.readAllLines(file)).hasSize(1);
  }

  @Test
  void aFailedRunMayBeDoneLater() throws IOException {
    append(line("a", "failed"), line("a", "done"));
    Ledger read = Ledger.read(file);
    assertThat(read.done("a")).isTrue();
    assertThat(read.failed("a")).isFalse();
  }

  @Test
  void aHalfWrittenLastLineIsTakenOffAndTheNextStandsAlone() throws IOException {
    append(line("a", "done"));
    Files.writeString(file, "{\"kind\":\"run\",\"id\":\"b\",\"sta", StandardOpenOption.APPEND);
    assertThat(Ledger.read(file).all()).hasSize(1);
    append(line("c", "done"));
    assertThat(Files.readAllLines(file)).hasSize(2);
    Ledger read = Ledger.read(file);
    assertThat(read.done("a")).isTrue();
    assertThat(read.done("b")).isFalse();
    assertThat(read.done("c")).isTrue();
  }

  @Test
  void aDamagedLineWithinIsNamed() throws IOException {
    append(line("a", "done"));
    Files.writeString(file, "{\"kind\":\"run\"\n", StandardOpenOption.APPEND);
    Files.writeString(file, line("c", "done") + "\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> Ledger.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("delete that line");
  }

  @Test
  void aLedgerThatIsNotThereIsEmpty() throws IOException {
    assertThat(Ledger.read(file).all()).isEmpty();
  }
}
