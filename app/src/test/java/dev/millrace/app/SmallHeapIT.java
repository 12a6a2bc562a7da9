package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in a heap that one of the pictures does not fit into. */
final class SmallHeapIT {
  private static final String HEAP = "-Xmx96m";

  @TempDir private static Path folder;

  private static Path set;

  @BeforeAll
  static void aSetWithOneLargePicture() throws IOException {
    set = Photos.flat(folder.resolve("set"), 40, 48, 40);
    noise(set.resolve("large.png"), 6000, 6400);
  }

  /** A PNG of noise, 115 MB, of rows that are written as they come. */
  private static void noise(Path file, int width, int height) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      DataOutputStream numbers = new DataOutputStream(head);
      numbers.writeInt(width);
      numbers.writeInt(height);
      numbers.write(new byte[] {8, 2, 0, 0, 0});
      chunk(out, "IHDR", head.toByteArray());
      ByteArrayOutputStream some = new ByteArrayOutputStream();
      DeflaterOutputStream rows =
          new DeflaterOutputStream(some, new Deflater(Deflater.NO_COMPRESSION));
      byte[] row = new byte[1 + 3 * width];
      Random random = new Random(1);
      for (int y = 0; y < height; y++) {
        random.nextBytes(row);
        row[0] = 0;
        rows.write(row);
        if (some.size() > 1 << 20) {
          chunk(out, "IDAT", some.toByteArray());
          some.reset();
        }
      }
      rows.finish();
      chunk(out, "IDAT", some.toByteArray());
      chunk(out, "IEND", new byte[0]);
    }
  }

  private static void chunk(OutputStream out, String name, byte[] bytes) throws IOException {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(type);
    crc.update(bytes);
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(bytes.length);
    data.write(type);
    data.write(bytes);
    data.writeInt((int) crc.getValue());
  }

  private static Command.Ended run(String... args) throws Exception {
    return Command.start(List.of(HEAP), "dev.millrace.app.Main", args).await();
  }

  @Test
  void aPictureBeyondTheHeapIsListedByNameAndTheOthersAreCounted() throws Exception {
    Command.Ended ended = run("data", "info", set.toString(), "--threads", "2", "--json");
    assertThat(ended.code()).as(ended.toString()).isZero();
    assertThat(ended.err()).doesNotContain("Exception", "\tat ");
    JsonNode json = ended.json();
    assertThat(json.toString()).contains("large.png", "heap").contains("41");
  }

  @Test
  void aPictureBeyondTheHeapIsLeftOutByNameAndTheOthersAreLearned() throws Exception {
    Path out = folder.resolve("run");
    Command.Ended ended =
        run(
            "pretrain",
            "--data",
            set.toString(),
            "--out",
            out.toString(),
            "--width",
            "4",
            "--size",
            "16",
            "--epochs",
            "1",
            "--batch",
            "20",
            "--queue",
            "40",
            "--threads",
            "2",
            "--max-bad",
            "0.1");
    assertThat(ended.code()).as(ended.toString()).isZero();
    assertThat(out.resolve("encoder.safetensors")).isRegularFile();
    assertThat(Files.readString(out.resolve("quarantine.jsonl"))).contains("large.png", "heap");
    assertThat(Command.lines(out.resolve("metrics.jsonl"))).isEqualTo(2);
  }
}
