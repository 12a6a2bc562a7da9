package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CIFAR in its four forms; pickles are written byte by byte as Python 2 wrote the authors' own. */
class CifarTest {
  private static final int PICTURE = 3072;

  @TempDir Path folder;
  @TempDir Path cache;

  /** A stack machine's program. */
  private static final class Program {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Program code(int... codes) {
      for (int code : codes) {
        out.write(code);
      }
      return this;
    }

    Program ascii(String text) {
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      return this;
    }

    Program four(int number) {
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
      return this;
    }

    /** A short string of Python 2. */
    Program word(String word) {
      return code('U', word.length()).ascii(word);
    }

    Program words(String... words) {
      code(']', '(');
      for (String word : words) {
        word(word);
      }
      return code('e');
    }

    Program numbers(int... numbers) {
      code(']', '(');
      for (int number : numbers) {
        code('K', number);
      }
      return code('e');
    }

    /** An array {@code [rows, 3072]} as numpy 1 is pickled by Python 2. */
    Program array(byte[] bytes) {
      ascii("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n");
      code('K', 0, 0x85).word("b").code(0x87, 'R', '(', 'K', 1);
      code('J').four(bytes.length / PICTURE).code('M', PICTURE & 0xff, PICTURE >> 8, 0x86);
      ascii("cnumpy\ndtype\n").word("u1").code('K', 0, 'K', 1, 0x87, 'R');
      code('(', 'K', 3).word("|").code('N', 'N', 'N').code('J').four(-1).code('J').four(-1);
      code('K', 0, 't', 'b', 0x89, 'T').four(bytes.length);
      out.writeBytes(bytes);
      return code('t', 'b');
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  private static Program dictionary() {
    return new Program().code(0x80, 2, '}', '(');
  }

  private static byte[] end(Program program) {
    return program.code('u', '.').bytes();
  }

  private static byte[] planes(int pictures, int seed) {
    byte[] planes = new byte[pictures * PICTURE];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (byte) (seed + i / PICTURE + i * 7);
    }
    return planes;
  }

  private static byte[] ten(byte[] planes, int... labels) {
    return end(
        dictionary()
            .word("batch_label")
            .word("training batch 1 of 5")
            .word("labels")
            .numbers(labels)
            .word("data")
            .array(planes)
            .word("filenames")
            .words("a.png", "b.png"));
  }

  private static byte[] hundred(byte[] planes, int[] fine, int[] coarse) {
    return end(
        dictionary()
            .word("filenames")
            .words("a.png", "b.png")
            .word("fine_labels")
            .numbers(fine)
            .word("coarse_labels")
            .numbers(coarse)
            .word("data")
            .array(planes));
  }

  private static byte[] binary(byte[] planes, int[] coarse, int... fine) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < fine.length; i++) {
      if (coarse != null) {
        out.write(coarse[i]);
      }
      out.write(fine[i]);
      out.write(planes, i * PICTURE, PICTURE);
    }
    return out.toByteArray();
  }

  private DataSet open(Path path) throws IOException {
    return new Catalogue(null, cache).open(path.toString());
  }

  private static void requireSame(DataSet one, DataSet other) throws IOException {
    assertThat(one.fingerprint()).isEqualTo(other.fingerprint());
    assertThat(one.sizes()).isEqualTo(other.sizes());
    assertThat(one.hierarchy()).isEqualTo(other.hierarchy());
    for (int i = 0; i < one.train().size(); i++) {
      assertThat(one.train().image(i).bytes()).isEqualTo(other.train().image(i).bytes());
    }
    assertThat(one.test().image(0).bytes()).isEqualTo(other.test().image(0).bytes());
  }

  private Path python(String folderName) throws IOException {
    Path python = Files.createDirectories(folder.resolve(folderName));
    Files.write(
        python.resolve("batches.meta"),
        end(
            dictionary()
                .word("label_names")
                .words("plane", "car", "bird")
                .word("num_vis")
                .code('K', 1)));
    Files.write(python.resolve("data_batch_1"), ten(planes(2, 1), 2, 0));
    Files.write(python.resolve("data_batch_2"), ten(planes(1, 5), 1));
    Files.write(python.resolve("test_batch"), ten(planes(2, 9), 1, 1));
    Files.writeString(python.resolve("readme.html"), "<html>");
    return python;
  }

  @Test
  void thePythonFormOfCifar10IsTheBinaryOneToTheByte() throws IOException {
    Path python = python("cifar-10-batches-py");
    Path binary = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    Files.writeString(binary.resolve("batches.meta.txt"), "plane\ncar\nbird\n\n");
    Files.write(binary.resolve("data_batch_1.bin"), binary(planes(2, 1), null, 2, 0));
    Files.write(binary.resolve("data_batch_2.bin"), binary(planes(1, 5), null, 1));
    Files.write(binary.resolve("test_batch.bin"), binary(planes(2, 9), null, 1, 1));
    DataSet set = open(python);
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly(
            "data_batch_1/00000.ppm=bird@-",
            "data_batch_1/00001.ppm=plane@-",
            "data_batch_2/00000.ppm=car@-");
    requireSame(set, open(binary));
  }

  @Test
  void bothFormsOfCifar100HaveFineClassesAndCoarseGroups() throws IOException {
    Path python = Files.createDirectories(folder.resolve("cifar-100-python"));
    Files.write(
        python.resolve("meta"),
        end(
            dictionary()
                .word("fine_label_names")
                .words("apple", "bear", "pear")
                .word("coarse_label_names")
                .words("animals", "fruit")));
    Files.write(
        python.resolve("train"), hundred(planes(3, 1), new int[] {2, 1, 0}, new int[] {1, 0, 1}));
    Files.write(python.resolve("test"), hundred(planes(1, 4), new int[] {1}, new int[] {0}));
    Path binary = Files.createDirectories(folder.resolve("cifar-100-binary"));
    Files.writeString(binary.resolve("fine_label_names.txt"), "apple\nbear\npear\n");
    Files.writeString(binary.resolve("coarse_label_names.txt"), "animals\nfruit\n");
    Files.write(binary.resolve("train.bin"), binary(planes(3, 1), new int[] {1, 0, 1}, 2, 1, 0));
    Files.write(binary.resolve("test.bin"), binary(planes(1, 4), new int[] {0}, 1));
    DataSet set = open(python);
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly(
            "train/00000.ppm=pear@-", "train/00001.ppm=bear@-", "train/00002.ppm=apple@-");
    assertThat(set.hierarchy())
        .isEqualTo(
            Map.of(
                "pear", List.of("fruit"),
                "apple", List.of("fruit"),
                "bear", List.of("animals")));
    requireSame(set, open(binary));
    Catalogue known = new Catalogue(folder, cache);
    requireSame(known.open("cifar100"), set);
    assertThat(known.open("cifar100-coarse").train().classes()).containsExactly("animals", "fruit");
    assertThat(LayoutTest.rows(known.open("cifar100-coarse").test()))
        .containsExactly("test/00000.ppm=animals@-");
  }

  @Test
  void theArchivesAreFoundByNameAndCifar100IsNotTakenForCifar10() throws IOException {
    ArchiveTest.archive(
        folder.resolve("cifar100.tar.gz"),
        Map.of(
            "x/fine_label_names.txt", "a\n".getBytes(StandardCharsets.US_ASCII),
            "x/train.bin", binary(planes(1, 1), new int[] {0}, 0),
            "x/test.bin", binary(planes(1, 1), new int[] {0}, 0)));
    Catalogue known = new Catalogue(folder, cache);
    assertThatThrownBy(() -> known.open("cifar10")).hasMessageContaining("is not here");
    assertThat(known.open("cifar100").train().size()).isEqualTo(1);
    Path python = python("cifar-10-batches-py");
    assertThat(known.open("cifar10").train().size()).isEqualTo(3);
    Files.move(python, folder.resolve("elsewhere"));
    ArchiveTest.archive(
        folder.resolve("cifar-10-python.tar.gz"),
        Map.of(
            "cifar-10-batches-py/data_batch_1", ten(planes(2, 1), 2, 0),
            "cifar-10-batches-py/test_batch", ten(planes(1, 1), 2)));
    assertThat(known.open("cifar10").train().size()).isEqualTo(2);
  }

  /** As Python 3 pickles for Python 2: bytes as letters, to be encoded by a call. */
  @Test
  void arraysThatPython3WroteAreReadToo() throws IOException {
    byte[] planes = planes(1, 3);
    String letters = new String(planes, StandardCharsets.ISO_8859_1);
    byte[] utf = letters.getBytes(StandardCharsets.UTF_8);
    Program program = new Program().code(0x80, 2, '}', '(');
    program.code('X').four(6).ascii("labels").numbers(0).code('X').four(4).ascii("data");
    program.ascii("cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\n").code('K', 0, 0x85);
    program.ascii("c_codecs\nencode\n").code('X').four(1).ascii("b");
    program.code('X').four(6).ascii("latin1").code(0x86, 'R', 0x87, 'R', '(', 'K', 1, 'K', 1);
    program.code('M', PICTURE & 0xff, PICTURE >> 8, 0x86).ascii("cnumpy\ndtype\n");
    program.code('X').four(2).ascii("u1").code(0x89, 0x88, 0x87, 'R', 0x89);
    program.ascii("c_codecs\nencode\n").code('X').four(utf.length);
    program.out.writeBytes(utf);
    program.code('X').four(6).ascii("latin1").code(0x86, 'R', 't', 'b');
    Files.write(folder.resolve("data_batch_1"), end(program));
    DataSet set = open(folder);
    byte[] ppm = set.train().image(0).bytes();
    assertThat(ppm[ppm.length - 1]).isEqualTo(planes[PICTURE - 1]);
    assertThat(ppm[ppm.length - 3]).isEqualTo(planes[PICTURE / 3 - 1]);
  }

  /** Made by golden/cifar.py. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 5})
  void arraysThatNumpyPickledAreReadInEveryProtocol(int protocol) throws IOException {
    Files.copy(
        Path.of("src/test/resources/golden/cifar/protocol-" + protocol),
        folder.resolve("data_batch_1"));
    DataSet set = open(folder);
    assertThat(LayoutTest.rows(set.train())).containsExactly("data_batch_1/00000.ppm=4@-");
    byte[] ppm = set.train().image(0).bytes();
    for (int i = 0; i < PICTURE; i++) {
      int at = ppm.length - PICTURE + 3 * (i % 1024) + i / 1024;
      assertThat(ppm[at]).isEqualTo((byte) (7 * i + 3));
    }
  }

  @Test
  void whatAPickleWouldExecuteIsNotAndDamageIsRefusedByName() throws IOException {
    Path ran = folder.resolve("ran");
    Program evil = new Program().code(0x80, 2, '}', '(').word("labels").numbers(0).word("data");
    evil.ascii("cos\nsystem\n").word("touch " + ran).code(0x85, 'R');
    Files.write(folder.resolve("data_batch_1"), end(evil));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data_batch_1 is no batch of CIFAR")
        .hasMessageContaining("[labels, data]");
    assertThat(ran).doesNotExist();
    byte[] good = ten(planes(2, 1), 2, 0);
    for (int length : new int[] {3, 40, 200, good.length - 50}) {
      Files.write(folder.resolve("data_batch_1"), Arrays.copyOf(good, length));
      assertThatThrownBy(() -> open(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("data_batch_1");
    }
    Files.write(folder.resolve("data_batch_1"), ten(planes(2, 1), 2));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("has 2 pictures and 1 numbers in its `labels`; is it complete?");
    Files.write(folder.resolve("data_batch_1"), ten(planes(2, 1), 2, 77));
    assertThatThrownBy(() -> open(folder)).hasMessageContaining("label 77, which is no class");
  }
}
