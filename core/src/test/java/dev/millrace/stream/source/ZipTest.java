package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipTest {
  private static final byte[] FIRST =
      "first picture, long enough to shrink: aaaaaaaaaa".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SECOND = "second".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  @TempDir Path cache;

  private ImageSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString()).train();
  }

  /** Two pictures, cat/1.png and dog/2.png. */
  private Path zip(boolean stored, Zip64Mode mode, OutputStream to, Path file) throws IOException {
    try (ZipArchiveOutputStream out =
        to == null ? new ZipArchiveOutputStream(file) : new ZipArchiveOutputStream(to)) {
      out.setUseZip64(mode);
      for (byte[] bytes : new byte[][] {FIRST, SECOND}) {
        ZipArchiveEntry entry = new ZipArchiveEntry(bytes == FIRST ? "cat/1.png" : "dog/2.png");
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(stored ? ZipArchiveEntry.STORED : ZipArchiveEntry.DEFLATED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
      }
    }
    return file;
  }

  private Path zip(boolean stored) throws IOException {
    Path file = folder.resolve("x.zip");
    return zip(stored, Zip64Mode.AsNeeded, null, file);
  }

  private static int find(byte[] bytes, byte[] what, int from) {
    for (int i = from; i <= bytes.length - what.length; i++) {
      if (Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  /** The place of the first entry's record in the central directory. */
  private static int directory(byte[] zip) {
    return find(zip, new byte[] {'P', 'K', 1, 2}, 0);
  }

  private void requireSound(ImageSet set) throws IOException {
    assertThat(set.image(0).bytes()).isEqualTo(FIRST);
    assertThat(set.image(0).content().size()).isEqualTo(FIRST.length);
    assertThat(set.image(1).bytes()).isEqualTo(SECOND);
  }

  @Test
  void aFlippedBitInAMemberIsFoundByItsCrc() throws IOException {
    Path file = zip(true);
    byte[] bytes = Files.readAllBytes(file);
    bytes[find(bytes, FIRST, 0) + 3] ^= 4;
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/1.png")
        .hasMessageContaining("CRC-32");
    assertThat(set.image(1).bytes()).isEqualTo(SECOND);
  }

  @Test
  void noFlippedByteOfAZipChangesAPicture() throws IOException {
    Path file = zip(false);
    byte[] sound = Files.readAllBytes(file);
    for (int at = 0; at < sound.length; at++) {
      byte[] bytes = sound.clone();
      bytes[at] ^= 0x21;
      Files.write(file, bytes);
      try {
        ImageSet set = open(file);
        for (int i = 0; i < set.size(); i++) {
          byte[] read = set.image(i).bytes();
          assertThat(Arrays.equals(read, FIRST) || Arrays.equals(read, SECOND))
              .as("byte " + at)
              .isTrue();
        }
      } catch (IOException | IllegalArgumentException e) {
        assertThat(e.getMessage()).contains("x.zip"); // refused by name
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip64", "program in front", "streamed"})
  void otherKindsOfZipsAreRead(String kind) throws IOException {
    Path file = folder.resolve("x.zip");
    switch (kind) {
      case "zip64" -> zip(false, Zip64Mode.Always, null, file);
      case "streamed" -> zip(false, Zip64Mode.AsNeeded, Files.newOutputStream(file), file);
      default -> {
        byte[] zip = Files.readAllBytes(zip(false));
        Files.write(file, ByteBuffer.allocate(5000 + zip.length).position(5000).put(zip).array());
      }
    }
    requireSound(open(file));
  }

  @Test
  void aZipUnderAnotherNameIsReadAsWhatItIs() throws IOException {
    requireSound(open(Files.move(zip(false), folder.resolve("x.tar"))));
    requireSound(open(Files.move(folder.resolve("x.tar"), folder.resolve("pictures"))));
  }

  @Test
  void anEncryptedMemberIsABadPictureByName() throws IOException {
    Path file = zip(false);
    byte[] bytes = Files.readAllBytes(file);
    bytes[directory(bytes) + 8] |= 1;
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/1.png is encrypted");
    assertThat(set.image(1).bytes()).isEqualTo(SECOND);
  }

  @ParameterizedTest
  @CsvSource({"14, LZMA", "95, XZ"})
  void aMemberPackedByAnUnreadMethodIsABadPictureByName(byte method, String name)
      throws IOException {
    Path file = zip(false);
    byte[] bytes = Files.readAllBytes(file);
    bytes[directory(bytes) + 10] = method;
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/1.png is packed by " + name + ", which is not read");
    assertThat(set.image(1).bytes()).isEqualTo(SECOND);
  }

  @Test
  void aMemberOfAnotherVolumeIsABadPictureByName() throws IOException {
    Path file = zip(false);
    byte[] bytes = Files.readAllBytes(file);
    bytes[directory(bytes) + 34] = 1;
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another volume");
  }

  @Test
  void aMemberThatSaysItIsHugeIsRefusedBeforeMemoryIsTaken() throws IOException {
    Path file = zip(false);
    byte[] bytes = Files.readAllBytes(file);
    int size = (int) (Image.MAX_BYTES + 1);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory(bytes) + 24, size);
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThat(set.image(0).content().size()).isEqualTo(size);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/1.png")
        .hasMessageContaining(size + " bytes")
        .hasMessageContaining("512 MiB");
  }

  @Test
  void aMemberThatUnpacksToMoreThanItSaysIsNotReadOn() throws IOException {
    Path file = zip(false);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory(bytes) + 24, 5);
    Files.write(file, bytes);
    ImageSet set = open(file);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cat/1.png")
        .hasMessageContaining("unpacks to more than the 5 bytes");
  }

  @Test
  void linksOfAZipAreFollowed() throws IOException {
    Path file = folder.resolve("x.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(file)) {
      for (String name :
          new String[] {"set/cat/1.png", "set/dog/1.png", "set/dog/2.png", "set/emu"}) {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        boolean link = name.equals("set/emu") || name.equals("set/dog/2.png");
        entry.setUnixMode(link ? 0120777 : 0100644);
        out.putArchiveEntry(entry);
        String text = name.equals("set/emu") ? "cat" : link ? "../cat/1.png" : name;
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.closeArchiveEntry();
      }
    }
    ImageSet set = open(file);
    assertThat(LayoutTest.rows(set))
        .containsExactly(
            "cat/1.png=cat@-", "dog/1.png=dog@-", "dog/2.png=dog@-", "emu/1.png=emu@-");
    assertThat(set.image(2).bytes()).isEqualTo(set.image(0).bytes());
    assertThat(set.image(3).bytes()).isEqualTo(set.image(0).bytes());
  }
}
