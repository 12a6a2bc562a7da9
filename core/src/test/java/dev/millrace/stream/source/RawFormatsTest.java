package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawFormatsTest {
  private static final int RECORD = 3073;

  @TempDir Path folder;
  @TempDir Path cache;

  private DataSet open(Path path) throws IOException {
    return new Catalogue(null, cache).open(path.toString());
  }

  /** Records of these labels; plane c of record i holds i + 50·c + position. */
  private static byte[] batch(int... labels) {
    byte[] batch = new byte[labels.length * RECORD];
    for (int i = 0; i < labels.length; i++) {
      batch[i * RECORD] = (byte) labels[i];
      for (int p = 0; p < 3072; p++) {
        batch[i * RECORD + 1 + p] = (byte) (i + 50 * (p / 1024) + p % 1024);
      }
    }
    return batch;
  }

  private void cifar(String meta, byte[] one, byte[] two, byte[] test) throws IOException {
    if (meta != null) {
      Files.writeString(folder.resolve("batches.meta.txt"), meta);
    }
    Files.write(folder.resolve("data_batch_1.bin"), one);
    Files.write(folder.resolve("data_batch_2.bin"), two);
    Files.write(folder.resolve("test_batch.bin"), test);
  }

  private static byte[] ppm() {
    byte[] header = "P6\n32 32\n255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] ppm = Arrays.copyOf(header, header.length + 3072);
    for (int p = 0; p < 1024; p++) {
      for (int c = 0; c < 3; c++) {
        ppm[header.length + 3 * p + c] = (byte) (1 + 50 * c + p);
      }
    }
    return ppm;
  }

  @Test
  void cifarsBatchesAreThePartsAndItsPlanesAreInterleaved() throws IOException {
    cifar("plane\ncar\nbird\n\n", batch(2, 0), batch(1), batch(1, 2, 0));
    DataSet set = open(folder);
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly(
            "data_batch_1/00000.ppm=bird@-",
            "data_batch_1/00001.ppm=plane@-",
            "data_batch_2/00000.ppm=car@-");
    assertThat(LayoutTest.rows(set.test()))
        .containsExactly(
            "test_batch/00000.ppm=car@-",
            "test_batch/00001.ppm=bird@-",
            "test_batch/00002.ppm=plane@-");
    assertThat(set.train().image(1).bytes()).isEqualTo(ppm());
    assertThat(set.train().classes()).containsExactlyInAnyOrder("plane", "car", "bird");
  }

  @Test
  void cifarIsReadFromItsArchiveByName() throws IOException {
    ArchiveTest.archive(
        folder.resolve("cifar-10-binary.tar.gz"),
        Map.of(
            "cifar-10-batches-bin/data_batch_1.bin", batch(9, 4),
            "cifar-10-batches-bin/test_batch.bin", batch(4),
            "cifar-10-batches-bin/readme.html", new byte[3]));
    DataSet set = new Catalogue(folder, cache).open("cifar10");
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly("data_batch_1/00000.ppm=9@-", "data_batch_1/00001.ppm=4@-");
    assertThat(LayoutTest.rows(set.test())).containsExactly("test_batch/00000.ppm=4@-");
    assertThat(set.train().image(1).bytes()).isEqualTo(ppm());
  }

  @Test
  void aCutCifarBatchIsRefusedByItsName() throws IOException {
    cifar(null, batch(1), Arrays.copyOf(batch(1, 2), 5000), batch(1));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data_batch_2.bin")
        .hasMessageContaining("5000")
        .hasMessageContaining("is it complete?");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 200, 255})
  void aCifarLabelThatIsNoClassIsRefused(int label) throws IOException {
    cifar(null, batch(1), batch(2, label), batch(1));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data_batch_2.bin")
        .hasMessageContaining("label " + label);
  }

  private void save(String name, byte[] bytes) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve(name));
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(file) : file) {
      out.write(bytes);
    }
  }

  /** Images of 3 rows by 2 columns whose bytes count up, and labels. */
  private void idx(String part, String ending, int... labels) throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + 6 * labels.length);
    images.putInt(0x803).putInt(labels.length).putInt(3).putInt(2);
    for (int i = 0; i < 6 * labels.length; i++) {
      images.put((byte) i);
    }
    ByteBuffer marks = ByteBuffer.allocate(8 + labels.length);
    marks.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      marks.put((byte) label);
    }
    save(part + "-images-idx3-ubyte" + ending, images.array());
    save(part + "-labels-idx1-ubyte" + ending, marks.array());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void idxFilesAreReadAsGreyPictures(String ending) throws IOException {
    idx("train", ending, 7, 0, 200);
    idx("t10k", ending, 0);
    DataSet set = open(folder);
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly("train/000000.pgm=7@-", "train/000001.pgm=0@-", "train/000002.pgm=200@-");
    assertThat(LayoutTest.rows(set.test())).containsExactly("t10k/000000.pgm=0@-");
    byte[] header = "P5\n2 3\n255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] pgm = Arrays.copyOf(header, header.length + 6);
    for (int i = 0; i < 6; i++) {
      pgm[header.length + i] = (byte) (6 + i);
    }
    assertThat(set.train().image(1).bytes()).isEqualTo(pgm);
    assertThat(set.train().image(1).bytes()).as("and again").isEqualTo(pgm);
  }

  @Test
  void aMissingIdxFileIsNamed() throws IOException {
    idx("train", ".gz", 1);
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("t10k-images-idx3-ubyte");
  }

  @Test
  void idxFilesThatDoNotBelongTogetherAreRefused() throws IOException {
    idx("t10k", "", 1);
    idx("train", "", 1, 2);
    byte[] labels = Files.readAllBytes(folder.resolve("train-labels-idx1-ubyte"));
    idx("train", "", 1, 2, 3);
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("train")
        .hasMessageContaining("do not belong together");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 12, 20})
  void aCutIdxFileIsRefused(int length) throws IOException {
    idx("t10k", "", 1);
    idx("train", "", 1, 2);
    Path images = folder.resolve("train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), length));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("truncated");
  }

  @Test
  void aCutCompressedIdxFileIsRefusedByItsName() throws IOException {
    idx("t10k", ".gz", 1);
    idx("train", ".gz", 1, 2);
    Path images = folder.resolve("train-images-idx3-ubyte.gz");
    byte[] bytes = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(bytes, bytes.length - 12));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(images.toString())
        .hasMessageContaining("is it complete?");
  }

  @Test
  void idxFilesOfAnotherKindAreRefused() throws IOException {
    idx("t10k", "", 1);
    idx("train", "", 1, 2);
    Files.write(folder.resolve("train-images-idx3-ubyte"), new byte[40]);
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not IDX files");
  }

  private static List<String> others(DataSet set) {
    return set.about().others().stream().map(kind -> kind.files() + " " + kind.what()).toList();
  }

  private void file(String path) throws IOException {
    Files.createDirectories(folder.resolve(path).getParent());
    Files.write(folder.resolve(path), new byte[] {1, 2, 3});
  }

  @Test
  void filesBesideIdxFilesAreCounted() throws IOException {
    idx("train", "", 1, 2);
    idx("t10k", ".gz", 1);
    idx("t10k", "", 1);
    file("notes/a.txt");
    file("notes/b.txt");
    file(".git/config");
    DataSet set = open(folder);
    assertThat(set.train().size()).isEqualTo(2);
    assertThat(others(set)).containsExactlyInAnyOrder("2 .gz", "2 .txt");
    assertThat(set.leftOut().count(LeftOut.Kind.HIDDEN)).isEqualTo(1);
  }

  @Test
  void filesBesideCifarsBatchesAreCounted() throws IOException {
    cifar("plane\ncar\nbird\n", batch(2, 0), batch(1), batch(1));
    file("readme.html");
    file("cifar-10-binary.tar.gz");
    Files.createDirectories(folder.resolve("dogs"));
    DataSet set = open(folder);
    assertThat(others(set)).containsExactlyInAnyOrder("1 .html", "1 .gz");
    assertThat(set.about().notes()).containsExactly("these folders hold nothing: dogs");
  }

  @Test
  void picturesBesideIdxFilesOrCifarsBatchesAreNamed() throws IOException {
    idx("train", "", 1, 2);
    idx("t10k", "", 1);
    file("extra/cat/1.png");
    DataSet mnist = open(folder);
    assertThat(mnist.train().size()).isEqualTo(2);
    assertThat(mnist.about().notes())
        .singleElement()
        .asString()
        .contains("1 pictures lie beside", "extra/cat/1.png");
    for (String part : List.of("train", "t10k")) {
      Files.delete(folder.resolve(part + "-images-idx3-ubyte"));
      Files.delete(folder.resolve(part + "-labels-idx1-ubyte"));
    }
    cifar(null, batch(1), batch(1), batch(1));
    assertThat(open(folder).about().notes())
        .singleElement()
        .asString()
        .contains("1 pictures lie beside", "extra/cat/1.png");
  }

  @Test
  void whatCannotBeListedBesideIdxFilesKeepsNoneOfThemFromBeingRead() throws IOException {
    idx("train", "", 1, 2);
    idx("t10k", "", 1);
    file("\u00e9.txt");
    file("e\u0301.txt"); // one name in normal form C
    DataSet set = open(folder);
    assertThat(set.train().size()).isEqualTo(2);
    assertThat(set.about().notes())
        .singleElement()
        .asString()
        .contains("beside MNIST's files is not counted");
  }

  @Test
  void missingBatchesOfCifarAreNamed() throws IOException {
    cifar(null, batch(1), batch(1), batch(1));
    Files.write(folder.resolve("data_batch_4.bin"), batch(3));
    assertThat(open(folder).about().notes())
        .singleElement()
        .asString()
        .startsWith("data_batch_3.bin of CIFAR is not there");
    Files.write(folder.resolve("data_batch_3.bin"), batch(3));
    assertThat(open(folder).train().size()).isEqualTo(4);
    assertThat(open(folder).about().notes()).isEmpty();
    // A batch of the authors' own has five others beside it.
    Files.write(folder.resolve("data_batch_1.bin"), batch(new int[10_000]));
    Files.delete(folder.resolve("test_batch.bin"));
    assertThat(open(folder).about().notes())
        .singleElement()
        .asString()
        .startsWith("data_batch_5.bin, test_batch.bin of CIFAR are not there");
  }

  @Test
  void aBatchOfCifarThatIsThereTwiceIsRefused() throws IOException {
    cifar(null, batch(1), batch(1), batch(1));
    Files.createDirectories(folder.resolve("copy"));
    Files.write(folder.resolve("copy/data_batch_2.bin"), batch(1));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("copy/data_batch_2.bin and data_batch_2.bin are one batch");
  }

  @Test
  void cifar100WithoutItsTestPartSaysSo() throws IOException {
    Files.writeString(folder.resolve("fine_label_names.txt"), "a\n");
    byte[] batch = new byte[RECORD + 1];
    Files.write(folder.resolve("train.bin"), batch);
    assertThat(open(folder).about().notes())
        .singleElement()
        .asString()
        .startsWith("test.bin of CIFAR is not there");
    Files.write(folder.resolve("test.bin"), batch);
    assertThat(open(folder).test().size()).isEqualTo(1);
  }
}
