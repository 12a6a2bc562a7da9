package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.RunExamination;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageList;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that read along a set whose pictures lie elsewhere when they go on. */
class PackedAnewTest {
  private static final int PICTURES = 40;

  /** The first of its file. */
  private static final int BAD = 20;

  @TempDir Path folder;

  private record Lying(byte[] bytes, long place) implements Image.Content {
    @Override
    public byte[] read() {
      return bytes.clone();
    }

    @Override
    public long size() {
      return bytes.length;
    }
  }

  private static byte[] bytes(int i) {
    byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 3 * 16 * 16);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3));
    }
    return bytes;
  }

  private static Image image(int i, IntToLongFunction places) {
    byte[] bytes = i == BAD ? Arrays.copyOf(bytes(i), 5) : bytes(i);
    return new Image("%02d".formatted(i), -1, -1, new Lying(bytes, places.applyAsLong(i)));
  }

  private static Catalogue lying(IntToLongFunction places, int without) {
    return Catalogue.standard()
        .with(
            new ImageList(
                "held",
                IntStream.range(0, PICTURES)
                    .filter(i -> i != without)
                    .mapToObj(i -> image(i, places))
                    .toList()));
  }

  /** The bad picture is mended, and its neighbour spoiled, which keeps its length. */
  private static Catalogue another() {
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      byte[] bytes = bytes(i);
      if (i == BAD + 1) {
        Arrays.fill(bytes, (byte) 0);
      }
      images.add(new Image("%02d".formatted(i), -1, -1, new Lying(bytes, asListed(i))));
    }
    return Catalogue.standard().with(new ImageList("held", images));
  }

  /** Two files. */
  private static long asListed(int i) {
    return (long) (i / BAD) << Image.Content.PLACE_BITS | i % BAD * 100L;
  }

  /** One file, in another order. */
  private static long anew(int i) {
    return i * 7L % PICTURES;
  }

  private static Settings settings(String check) {
    return Settings.defaults(Catalogue.wordOf("held"))
        .with(Map.of("width", 4, "size", 8, "epochs", 2, "batch", 10, "queue", 20, "threads", 1))
        .with(Map.of("check", check, "max-bad", 0.2, "shuffle-buffer", 7, "checkpoint-steps", 2));
  }

  private Path stopped(String check, int steps) throws IOException {
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(steps);
    Millrace.pretrain(settings(check), lying(PackedAnewTest::asListed, -1), run, stop, stop);
    return run;
  }

  private static void resume(Path run, Catalogue sets) throws IOException {
    Millrace.resume(run, sets, Resumption.unchanged(), event -> {}, () -> false);
  }

  @ParameterizedTest
  @CsvSource({"before,1", "before,6", "meanwhile,1", "meanwhile,6"})
  void aRunGoesOnInTheOrderInWhichItBegan(String check, int steps) throws IOException {
    Path straight = folder.resolve("straight");
    Millrace.pretrain(
        settings(check), lying(PackedAnewTest::asListed, -1), straight, event -> {}, () -> false);
    Path run = stopped(check, steps);
    resume(run, lying(PackedAnewTest::anew, -1));
    assertThat(run.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));

    Path without = folder.resolve("without");
    Files.move(run, folder.resolve("first"));
    Files.move(stopped(check, steps), without);
    resume(without, lying(PackedAnewTest::asListed, BAD));
    assertThat(without.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
  }

  @Test
  void anOrderThatIsDamagedIsRefusedByName() throws IOException {
    Path run = stopped("before", 3);
    Path order = run.resolve("checks/0.lying");
    assertThat(RunExamination.of(run))
        .anyMatch(one -> one.file().equals("checks/0.lying") && one.ok());
    byte[] bytes = Files.readAllBytes(order);
    bytes[9] ^= 1;
    Files.write(order, bytes);
    assertThat(RunExamination.of(run))
        .anyMatch(one -> one.file().equals("checks/0.lying") && !one.ok());
    assertThatThrownBy(() -> resume(run, lying(PackedAnewTest::asListed, -1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0.lying")
        .hasMessageContaining("does not fit its checksum");
    Files.delete(order);
    resume(run, lying(PackedAnewTest::asListed, -1));
  }

  @Test
  void asManyOtherPicturesAreNotReadInItsOrder() throws IOException {
    Path run = stopped("before", 3);
    Files.delete(run.resolve("checks/0.json"));
    assertThatThrownBy(() -> resume(run, another()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is the order of 39 good pictures")
        .hasMessageContaining("has 39 now, others");
  }

  @Test
  void anOrderOfAnOlderVersionIsRead() throws IOException {
    Path straight = folder.resolve("straight");
    Millrace.pretrain(
        settings("before"),
        lying(PackedAnewTest::asListed, -1),
        straight,
        event -> {},
        () -> false);
    Path run = stopped("before", 3);
    Path order = run.resolve("checks/0.lying");
    byte[] bytes = Files.readAllBytes(order);
    byte[] numbers = Arrays.copyOfRange(bytes, 4 + 32, bytes.length - 32);
    byte[] sum = HexFormat.of().parseHex(Sha256.of(numbers));
    Files.write(
        order, ByteBuffer.allocate(numbers.length + sum.length).put(numbers).put(sum).array());
    resume(run, lying(PackedAnewTest::anew, -1));
    assertThat(run.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({"restart, branch", "wsd, branch", "wsd, merge"})
  void ordersOfChunksThatAreLearnedAreLetGo(String schedule, String publish) throws IOException {
    Path run = folder.resolve("run");
    Settings three =
        settings("before")
            .with(Map.of("stream", "instance", "chunks", 3, "batch", 4, "queue", 4, "max-bad", 0.5))
            .with(Map.of("schedule", schedule, "publish", publish));
    Millrace.pretrain(three, lying(PackedAnewTest::asListed, -1), run, event -> {}, () -> false);
    try (Stream<Path> files = Files.list(run.resolve("checks"))) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .contains("0.json", "2.lying")
          .doesNotContain("0.lying");
    }
  }
}
