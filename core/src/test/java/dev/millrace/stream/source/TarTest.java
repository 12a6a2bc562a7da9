package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TarTest {
  @TempDir Path folder;
  @TempDir Path cache;
  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  /** Writes a ustar entry; names are a character per byte. */
  static void entry(ByteArrayOutputStream tar, char type, String name, String link, byte[] bytes) {
    header(tar, type, name, link, bytes.length);
    tar.writeBytes(bytes);
    tar.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
  }

  static void header(ByteArrayOutputStream tar, char type, String name, String link, long size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0" + "0000000\0" + "0000000\0" + "%011o\0".formatted(size));
    put(header, 136, "00000000000\0" + "        " + type);
    put(header, 157, link);
    put(header, 257, "ustar\00000");
    seal(header);
    tar.writeBytes(header);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static void seal(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
  }

  private void file(String name, String text) {
    entry(tar, '0', name, "", text.getBytes(StandardCharsets.US_ASCII));
  }

  private void link(char type, String name, String target) {
    entry(tar, type, name, target, new byte[0]);
  }

  private Path end() throws IOException {
    tar.write(new byte[1024]);
    return Files.write(folder.resolve("x.tar"), tar.toByteArray());
  }

  private DataSet open() throws IOException {
    return open(end());
  }

  private DataSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString());
  }

  /** Each picture as {@code id=content}. */
  private static List<String> held(ImageSet set) {
    return IntStream.range(0, set.size())
        .mapToObj(set::image)
        .map(
            i -> {
              try {
                return i.id() + "=" + new String(i.bytes(), StandardCharsets.US_ASCII);
              } catch (IOException e) {
                return i.id() + "!" + e.getMessage();
              }
            })
        .toList();
  }

  @Test
  void linksAreWhatTheyLeadTo() throws IOException {
    file("set/cat/1.png", "a");
    link('1', "set/cat/hard.png", "set/cat/1.png");
    link('1', "set/cat/chain.png", "set/cat/hard.png");
    link('1', "set/cat/early.png", "set/dog/later.png");
    link('2', "set/dog/soft.png", "../cat/1.png");
    link('2', "set/dog/twice.png", "./soft.png");
    link('2', "set/emu", "cat");
    file("set/dog/later.png", "b");
    assertThat(held(open().train()))
        .containsExactly(
            "cat/1.png=a",
            "cat/chain.png=a",
            "cat/early.png=b",
            "cat/hard.png=a",
            "dog/later.png=b",
            "dog/soft.png=a",
            "dog/twice.png=a",
            "emu/1.png=a",
            "emu/chain.png=a",
            "emu/early.png=b",
            "emu/hard.png=a");
  }

  @Test
  void linksLeadIntoHiddenFoldersAsOnDisk() throws IOException {
    file("set/.store/7f/object", "a");
    link('2', "set/cat/1.png", "../.store/7f/object");
    file("set/dog/1.png", "b");
    assertThat(held(open().train())).containsExactly("cat/1.png=a", "dog/1.png=b");
  }

  @Test
  void aDeadLinkIsMetByNameIfItIsNamedLikeAPictureCountedIfSurelyNoneElseRefused()
      throws IOException {
    file("cat/1.png", "a");
    link('2', "cat/2.png", "../../elsewhere.png");
    link('1', "cat/3.png", "cat/none.png");
    link('2', "cat/4.png", "4.png");
    link('2', "notes.txt", "/etc/notes.txt");
    DataSet set = open();
    assertThat(held(set.train()))
        .hasSize(4)
        .anyMatch(s -> s.startsWith("cat/2.png!") && s.contains("../../elsewhere.png"))
        .anyMatch(s -> s.startsWith("cat/3.png!") && s.contains("cat/none.png"))
        .anyMatch(s -> s.startsWith("cat/4.png!"));
    assertThat(set.leftOut().count(LeftOut.Kind.DEAD_LINK)).isEqualTo(1);
    tar.reset();
    file("cat/1.png", "a");
    link('2', "dog", "../dog");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dog is a link to ../dog");
  }

  @Test
  void aLinkBackToItsFolderIsRefusedByName() throws IOException {
    file("set/cat/1.png", "a");
    link('2', "set/cat/again", "..");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set/cat/again is a link back");
  }

  @Test
  void linksThatMultiplyAreStopped() throws IOException {
    file("d0/1.png", "a");
    for (int i = 1; i < 60; i++) {
      link('2', "d" + i + "/a", "../d" + (i - 1));
      link('2', "d" + i + "/b", "../d" + (i - 1));
    }
    Path file = end();
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                new Catalogue(null, cache)
                    .open(file.toString(), () -> asked.incrementAndGet() > 100))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void anEntryStandsForEarlierOnesOfItsNameAndTheyAreCounted() throws IOException {
    file("cat/1.png", "old");
    link('1', "cat/2.png", "cat/1.png");
    file("cat/1.png", "new");
    DataSet set = open();
    assertThat(held(set.train())).containsExactly("cat/1.png=new", "cat/2.png=old");
    assertThat(set.leftOut().count(LeftOut.Kind.SUPERSEDED)).isEqualTo(1);
  }

  @Test
  void devicesAndPipesAreCountedAndTheRestGoesOn() throws IOException {
    link('3', "cat/null", "");
    link('6', "cat/pipe.png", "");
    file("cat/1.png", "a");
    DataSet set = open();
    assertThat(held(set.train())).containsExactly("cat/1.png=a");
    assertThat(set.leftOut().json().toString()).contains("count=2").contains("cat/pipe.png");
  }

  @Test
  void concatenatedTarsAreReadAsOne() throws IOException {
    file("cat/1.png", "a");
    tar.write(new byte[10240]);
    file("cat/2.png", "b");
    assertThat(held(open().train())).containsExactly("cat/1.png=a", "cat/2.png=b");
  }

  /** What is warned of while a tar is opened. */
  private List<String> warned(int zeros) throws IOException {
    file("cat/1.png", "a");
    tar.write(new byte[zeros]);
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    Logger log = (Logger) LoggerFactory.getLogger(Tar.class);
    log.addAppender(heard);
    try {
      assertThat(held(open(Files.write(folder.resolve("x.tar"), tar.toByteArray())).train()))
          .containsExactly("cat/1.png=a");
    } finally {
      log.detachAppender(heard);
    }
    return heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aTarWhoseRestIsZerosIsWarnedOf() throws IOException {
    assertThat(warned(50 * 512))
        .singleElement()
        .asString()
        .contains("x.tar: 25600 bytes of zeros follow its last entry", "get it again");
  }

  @Test
  void theZerosThatTarWritesItselfAreNotWarnedOf() throws IOException {
    assertThat(warned(10240)).isEmpty();
  }

  @Test
  void aTarCutBetweenTwoEntriesIsRefused() throws IOException {
    file("cat/1.png", "a");
    Path file = Files.write(folder.resolve("x.tar"), tar.toByteArray());
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("without the mark of a tar's end; is it complete?");
  }

  @ParameterizedTest
  @ValueSource(ints = {700, 512 + 40, 1024 + 20})
  void aTarCutAnywhereIsRefused(int length) throws IOException {
    file("cat/1.png", "a".repeat(300));
    file("cat/2.png", "a");
    byte[] whole = tar.toByteArray();
    Path file = Files.write(folder.resolve("x.tar"), Arrays.copyOf(whole, length));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is it complete?");
  }

  @Test
  void aDamagedHeaderIsRefusedWithItsPlace() throws IOException {
    file("cat/1.png", "a");
    file("cat/2.png", "b");
    Path file = end();
    byte[] bytes = Files.readAllBytes(file);
    bytes[1024] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at byte 1024");
  }

  @Test
  void aSparseFileIsReadWithItsZeros() throws IOException {
    byte[] data = "abcdefg".getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream one = new ByteArrayOutputStream();
    header(one, 'S', "cat/1.png", "", data.length);
    byte[] header = one.toByteArray();
    Arrays.fill(header, 345, 512, (byte) 0);
    put(header, 257, "ustar  \0");
    put(header, 386, "%011o\0%011o\0%011o\0%011o\0".formatted(3, 4, 600, 3));
    put(header, 483, "%011o\0".formatted(1000));
    seal(header);
    tar.writeBytes(header);
    tar.writeBytes(Arrays.copyOf(data, 512));
    file("cat/2.png", "b");
    DataSet set = open();
    byte[] expected = new byte[1000];
    System.arraycopy(data, 0, expected, 3, 4);
    System.arraycopy(data, 4, expected, 600, 3);
    assertThat(set.train().image(0).bytes()).isEqualTo(expected);
    assertThat(set.train().image(0).content().size()).isEqualTo(1000);
    assertThat(set.train().image(1).bytes()).containsExactly('b');
  }

  @Test
  void aHardLinkThatBringsItsBytesIsReadOver() throws IOException {
    file("cat/1.png", "a");
    entry(tar, '1', "cat/2.png", "cat/1.png", new byte[] {'a'});
    header(tar, '1', "cat/3.png", "cat/1.png", 1); // as GNU tar: a size, and no bytes
    file("cat/4.png", "b");
    assertThat(held(open().train()))
        .containsExactly("cat/1.png=a", "cat/2.png=a", "cat/3.png=a", "cat/4.png=b");
  }

  @Test
  void aHugeMemberIsABadOneByNameAndSizeAndTheRestGoesOn() throws IOException {
    long size = (3L << 30) + 1;
    Path file = folder.resolve("x.tar");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      header(tar, '0', "cat/0.png", "", size);
      out.write(ByteBuffer.wrap(tar.toByteArray()));
      tar.reset();
      file("dog/0.png", "b");
      tar.write(new byte[1024]);
      out.write(ByteBuffer.wrap(tar.toByteArray()), 512 + (size + 511) / 512 * 512); // a hole
    }
    ImageSet set = open(file).train();
    assertThat(set.size()).isEqualTo(2);
    assertThat(set.image(0).content().size()).isEqualTo(size);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/0.png")
        .hasMessageContaining(Long.toString(size))
        .hasMessageContaining(Long.toString(Image.MAX_BYTES));
    assertThat(set.image(1).bytes()).containsExactly('b');
  }

  @Test
  void aStopEndsTheListing() throws IOException {
    for (int i = 0; i < 5000; i++) {
      file("cat/%d.png".formatted(i), "a");
    }
    Path file = end();
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                new Catalogue(null, cache).open(file.toString(), () -> asked.incrementAndGet() > 2))
        .isInstanceOf(CancellationException.class);
  }
}
