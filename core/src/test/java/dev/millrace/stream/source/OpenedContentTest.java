package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a set as streams: what is as long as a set's annotations need not fit into memory. */
class OpenedContentTest {
  private static final String NAME = "annotations.json";

  @TempDir Path folder;

  private final byte[] bytes = new byte[700_000];

  @BeforeEach
  void write() throws IOException {
    new Random(1).nextBytes(bytes);
    Files.write(Files.createDirectory(folder.resolve("plain")).resolve(NAME), bytes);
    try (OutputStream file = Files.newOutputStream(folder.resolve("set.tar"));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(file)) {
      TarArchiveEntry entry = new TarArchiveEntry(NAME);
      entry.setSize(bytes.length);
      tar.putArchiveEntry(entry);
      tar.write(bytes);
      tar.closeArchiveEntry();
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("set.zip")))) {
      ZipEntry entry = new ZipEntry(NAME);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(bytes.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
    }
  }

  private Image.Content content(String set) throws IOException {
    return new Catalogue(null, folder.resolve("cache"))
        .files(folder.resolve(set).toString())
        .get(NAME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "set.tar", "set.zip"})
  void aStreamGivesTheSameBytesAsReadingThemWhole(String set) throws IOException {
    Image.Content content = content(set);
    assertThat(content.read()).isEqualTo(bytes);
    try (InputStream in = content.open()) {
      assertThat(in.read()).isEqualTo(bytes[0] & 0xFF);
      assertThat(in.readAllBytes()).endsWith(bytes[bytes.length - 1]).hasSize(bytes.length - 1);
      assertThat(in.read()).isEqualTo(-1);
    }
    try (InputStream in = content.open()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "set.tar", "set.tar.gz", "set.zip"})
  void anInterruptOfOneReaderClosesTheSetForNobody(String set) throws Exception {
    try (OutputStream file = Files.newOutputStream(folder.resolve("set.tar.gz"));
        GZIPOutputStream gz = new GZIPOutputStream(file)) {
      Files.copy(folder.resolve("set.tar"), gz);
    }
    Image.Content content = content(set);
    for (int i = 0; i < 2; i++) {
      Thread interrupted =
          new Thread(
              () -> {
                Thread.currentThread().interrupt();
                try {
                  content.read();
                } catch (IOException e) {
                  // as Java closes what is read then
                }
              });
      interrupted.start();
      interrupted.join();
      assertThat(content.read()).isEqualTo(bytes);
    }
  }

  @Test
  void anUnpackedTarThatIsDroppedAndOpenedAgainIsUnpackedAgain() throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve("set.tar.gz"));
        GZIPOutputStream gz = new GZIPOutputStream(file)) {
      Files.copy(folder.resolve("set.tar"), gz);
    }
    Image.Content content = content("set.tar.gz");
    for (Path tar : new TarCache(folder.resolve("cache")).tars()) {
      Files.delete(tar);
    }
    Thread.currentThread().interrupt();
    assertThatThrownBy(content::read).isInstanceOf(IOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(content.read()).isEqualTo(bytes);
  }

  @Test
  void aDamagedMemberOfAZipIsRefusedByNameWhereItsStreamEnds() throws IOException {
    Path zip = folder.resolve("set.zip");
    byte[] whole = Files.readAllBytes(zip);
    whole[whole.length / 2] ^= 1;
    Files.write(zip, whole);
    try (InputStream in = content("set.zip").open()) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(NAME)
          .hasMessageContaining("CRC-32");
    }
  }

  @Test
  void aTarThatWasCutSinceItWasListedIsRefusedByName() throws IOException {
    Image.Content content = content("set.tar");
    Path tar = folder.resolve("set.tar");
    byte[] whole = Files.readAllBytes(tar);
    Files.write(tar, java.util.Arrays.copyOf(whole, 300_000));
    try (InputStream in = content.open()) {
      assertThatThrownBy(in::readAllBytes)
          .hasMessageContaining(NAME)
          .hasMessageContaining("ends too early");
    }
  }
}
