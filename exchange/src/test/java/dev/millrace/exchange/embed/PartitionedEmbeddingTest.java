package dev.millrace.exchange.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.file.Sha256;
import dev.millrace.inference.Encoder;
import dev.millrace.launch.Command;
import dev.millrace.launch.Launched;
import dev.millrace.launch.Launcher;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionedEmbeddingTest {
  /** Three batches of 250, the last one of 110. */
  private static final int PICTURES = 610;

  @TempDir static Path shared;
  private static Path encoder;
  private static Path set;

  /** The same with two bad pictures, in the first and in the last partition. */
  private static Path spotted;

  @TempDir Path folder;
  private Path out;

  @BeforeAll
  static void data() throws IOException {
    Natives.load();
    encoder = shared.resolve("encoder.safetensors");
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
            8,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(1, "encoder"));
      EncoderFile.write(encoder, net.net(), 8, Normalisation.imagenet(), Map.of());
    }
    set = pictures(shared.resolve("set"));
    spotted = pictures(shared.resolve("spotted"));
    Files.writeString(spotted.resolve("a/0000.ppm"), "no picture");
    Files.writeString(spotted.resolve("b/0608.ppm"), "no picture");
  }

  private static Path pictures(Path data) throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      byte[] head = "P6 9 8 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = Arrays.copyOf(head, head.length + 3 * 9 * 8);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3));
      }
      Path file = data.resolve("%s/%04d.ppm".formatted(i < 305 ? "a" : "b", i));
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    }
    return data;
  }

  @BeforeEach
  void out() {
    out = folder.resolve("vectors");
  }

  private PartitionedEmbedding.Request request(Path data, Path to, int partition) {
    return new PartitionedEmbedding.Request(
        encoder,
        List.of(data.toString()),
        "all",
        0,
        to,
        new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
        0.01,
        Folders.AUTO,
        partition);
  }

  private static Embedding.Outcome embed(PartitionedEmbedding.Request request) throws IOException {
    return PartitionedEmbedding.embed(request, new Embedding.Listener() {});
  }

  /** Every file by name, with its checksum. */
  private static Map<String, String> files(Path of) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(of)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(of.relativize(file).toString(), Sha256.of(file));
      }
    }
    return all;
  }

  private static List<String> rows(String parquet) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement ask = duck.createStatement();
        ResultSet found =
            ask.executeQuery(
                "SELECT id, path, part, label, vector::VARCHAR AS numbers FROM '"
                    + parquet
                    + "' ORDER BY id")) {
      while (found.next()) {
        rows.add(
            String.join(
                " ",
                found.getString("id"),
                found.getString("path"),
                found.getString("part"),
                found.getString("label"),
                found.getString("numbers")));
      }
    }
    return rows;
  }

  @Test
  void partitionsHoldTheRowsOfOneFileToTheBitAndBeginWhereBatchesDo() throws Exception {
    Path file = folder.resolve("one.parquet");
    Embedding.embed(
        new Embedding.Request(
            encoder,
            List.of(spotted.toString()),
            "all",
            0,
            file,
            new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
            0.01,
            Folders.AUTO,
            false),
        new Embedding.Listener() {});
    Embedding.Outcome outcome = embed(request(spotted, out, 100));
    assertThat(outcome.images()).isEqualTo(PICTURES - 2);
    assertThat(outcome.quarantined()).isEqualTo(2);
    assertThat(files(out).keySet())
        .containsExactlyInAnyOrder(
            "part-00000.parquet",
            "part-00001.parquet",
            "part-00002.parquet",
            "_embedding.json",
            "_quarantine.jsonl",
            "_SHA256SUMS",
            "_SUCCESS");
    assertThat(rows(out + "/*.parquet")).isEqualTo(rows(file.toString())).hasSize(PICTURES - 2);
    assertThat(rows(out + "/part-00001.parquet")).hasSize(250);
    assertThat(Files.readAllLines(PartitionedEmbedding.quarantine(out)))
        .isEqualTo(Files.readAllLines(Embedding.quarantine(file)))
        .hasSize(2);
    // As sha256sum -c reads them.
    assertThat(Files.readString(out.resolve("_SHA256SUMS")))
        .contains(files(out).get("part-00002.parquet") + "  part-00002.parquet\n");
  }

  @Test
  void whatWasStoppedGoesOnAtItsNextPartitionAndEndsWithTheSameBytes() throws Exception {
    embed(request(set, out, 250));
    Path stopped = folder.resolve("stopped");
    assertThatThrownBy(
            () ->
                PartitionedEmbedding.embed(
                    request(set, stopped, 250),
                    new Embedding.Listener() {
                      private boolean one;

                      @Override
                      public void embedded(int done, int of, long bad) {
                        one |= done == 250;
                      }

                      @Override
                      public boolean stop() {
                        return one;
                      }
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(stopped.resolve("_SUCCESS")).doesNotExist();
    FileTime old = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(stopped.resolve("part-00000.parquet"), old);
    assertThat(embed(request(set, stopped, 250)).computed()).isEqualTo(PICTURES - 250);
    assertThat(Files.getLastModifiedTime(stopped.resolve("part-00000.parquet"))).isEqualTo(old);
    assertThat(files(stopped)).isEqualTo(files(out));
  }

  /** Makes partitions in this process; some are lost, with half a file left behind. */
  private static final class Losing implements Launcher {
    private final AtomicInteger started = new AtomicInteger();
    private final int lost;

    Losing(int lost) {
      this.lost = lost;
    }

    @Override
    public Launched start(Command command) {
      int number = started.incrementAndGet();
      return new Launched() {
        @Override
        public int await(Consumer<String> lines) throws IOException {
          if (number <= lost) {
            return -1;
          }
          List<String> words = command.arguments();
          assertThat(words.get(0)).isEqualTo(PartitionedEmbedding.COMMAND);
          assertThat(command.needs()).allMatch(Files::exists);
          PartitionedEmbedding.make(
              Path.of(words.get(1)), Integer.parseInt(words.get(2)), () -> false);
          assertThat(command.gives()).exists();
          return 0;
        }

        @Override
        public void stop() {
          // never asked for in a test that ends
        }

        @Override
        public String failure(int code) {
          return "lost";
        }
      };
    }

    @Override
    public int slots() {
      return 2;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  @Test
  void processesSideBySideWriteTheSameBytesAndALostOneIsMadeAgain() throws Exception {
    embed(request(set, out, 250));
    Path many = folder.resolve("many");
    Losing launcher = new Losing(1);
    PartitionedEmbedding.embed(request(set, many, 250), launcher, 2, new Embedding.Listener() {});
    assertThat(launcher.started).hasValue(4);
    assertThat(files(many)).isEqualTo(files(out));
  }

  @Test
  void aPartitionThatIsLostTwiceEndsTheCallWithItsNameAndTheNextCallMakesIt() throws Exception {
    assertThatThrownBy(
            () ->
                PartitionedEmbedding.embed(
                    request(set, out, 250), new Losing(99), 1, new Embedding.Listener() {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("part-00000.parquet failed 2 times: lost");
    assertThat(embed(request(set, out, 250)).computed()).isEqualTo(PICTURES);
  }

  @Test
  void anotherEmbeddingACompleteOneAndOtherFilesAreRefusedWithTheMend() throws Exception {
    Files.createDirectories(out);
    Files.writeString(out.resolve("mine.txt"), "mine");
    assertThatThrownBy(() -> embed(request(set, out, 250)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("holds other files");
    Files.delete(out.resolve("mine.txt"));
    assertThatThrownBy(
            () ->
                PartitionedEmbedding.embed(
                    request(set, out, 250), new Losing(99), 1, new Embedding.Listener() {}))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> embed(request(set, out, 500)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("partition is 250 there and 500 now");
    assertThatThrownBy(() -> embed(request(set.resolve("a"), out, 250)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("the beginning of another embedding");
    embed(request(set, out, 250));
    assertThatThrownBy(() -> embed(request(set, out, 250)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is complete already");
  }

  @Test
  void aMachineThatSeesOtherPicturesMakesNoPartition() throws Exception {
    assertThatThrownBy(
            () ->
                PartitionedEmbedding.embed(
                    request(set, out, 250), new Losing(99), 1, new Embedding.Listener() {}))
        .isInstanceOf(IOException.class);
    Path about = out.resolve("_embedding.json");
    Files.writeString(about, Files.readString(about).replace(set.toString(), spotted.toString()));
    assertThatThrownBy(() -> PartitionedEmbedding.make(out, 0, () -> false))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("every machine must see the same encoder and pictures");
    assertThat(out.resolve("part-00000.parquet")).doesNotExist();
  }

  @Test
  void badPicturesOfARefusalAreListedAndMendedTheSameCallGoesOn() throws IOException {
    Path data = pictures(folder.resolve("data"));
    for (int i = 0; i < 7; i++) {
      Files.writeString(data.resolve("a/%04d.ppm".formatted(10 * i)), "no picture");
    }
    byte[] good = Files.readAllBytes(set.resolve("a/0020.ppm"));
    Files.write(data.resolve("a/0020.ppm"), Arrays.copyOf(good, good.length - 1));
    PartitionedEmbedding.Request request = request(data, out, 250);
    assertThatThrownBy(() -> embed(request))
        .hasMessageContaining("7 of the first 250")
        .hasMessageContaining("0000.ppm")
        .hasMessageContaining("0020.ppm");
    assertThat(Files.readAllLines(PartitionedEmbedding.quarantine(out))).hasSize(7);

    // One that is mended under its size, and others under new ones; two stay bad.
    for (int i = 0; i < 5; i++) {
      String name = "a/%04d.ppm".formatted(10 * i);
      Files.copy(set.resolve(name), data.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(embed(request).quarantined()).isEqualTo(2);
    Path straight = folder.resolve("straight");
    embed(request(data, straight, 250));
    assertThat(files(out)).isEqualTo(files(straight));
  }

  @Test
  void goodPicturesThatChangedTheirSizesAreRefused() throws IOException {
    Path data = pictures(folder.resolve("data"));
    for (int i = 0; i < 7; i++) {
      Files.writeString(data.resolve("a/%04d.ppm".formatted(10 * i)), "no picture");
    }
    PartitionedEmbedding.Request request = request(data, out, 250);
    assertThatThrownBy(() -> embed(request)).hasMessageContaining("mend them");
    Files.writeString(data.resolve("a/0001.ppm"), "P6 1 1 255\nabc");
    assertThatThrownBy(() -> embed(request))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("pictures that were good have other sizes now");
  }
}
