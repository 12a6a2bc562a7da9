package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.stream.ImageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TarCacheTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private Path archive() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    Random random = new Random(1);
    for (int i = 0; i < 30; i++) {
      byte[] bytes = new byte[random.nextInt(5000)];
      random.nextBytes(bytes);
      files.put("c%d/%02d.jpg".formatted(i % 3, i), bytes);
    }
    return ArchiveTest.archive(folder.resolve("set.tar.gz"), files);
  }

  private ImageSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString()).train();
  }

  private Path cached() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.findFirst().orElseThrow();
    }
  }

  /** All names and bytes of a set as one number. */
  private static int all(ImageSet set) throws IOException {
    int hash = 1;
    for (int i = 0; i < set.size(); i++) {
      hash = 31 * hash + set.image(i).id().hashCode();
      hash = 31 * hash + Arrays.hashCode(set.image(i).bytes());
    }
    return hash;
  }

  @Test
  void noDamagedByteOfTheCacheChangesASet() throws IOException {
    Path file = archive();
    int expected = all(open(file));
    byte[] sound = Files.readAllBytes(cached());
    Random random = new Random(2);
    for (int trial = 0; trial < 200; trial++) {
      byte[] bytes = sound.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(cached(), bytes);
      assertThat(all(open(file))).isEqualTo(expected);
    }
    assertThat(Files.readAllBytes(cached())).as("made again").isEqualTo(sound);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "cut at a block", "zeros at the end", "empty", "unsealed"})
  void aCacheThatAPowerCutLeftIsMadeAgain(String how) throws IOException {
    Path file = archive();
    int expected = all(open(file));
    byte[] bytes = Files.readAllBytes(cached());
    Files.write(
        cached(),
        switch (how) {
          case "cut" -> Arrays.copyOf(bytes, 2 * bytes.length / 3);
          case "cut at a block" -> Arrays.copyOf(bytes, 1 << 14);
          case "empty" -> new byte[0];
          case "unsealed" -> Arrays.copyOf(bytes, bytes.length - 20);
          default -> Arrays.copyOf(Arrays.copyOf(bytes, 2 * bytes.length / 3), bytes.length);
        });
    assertThat(all(open(file))).isEqualTo(expected);
    assertThat(Files.readAllBytes(cached())).isEqualTo(bytes);
  }

  @Test
  void damageThatComesWhileASetIsReadIsMended() throws IOException {
    Path file = archive();
    ImageSet set = open(file);
    int expected = all(set);
    byte[] bytes = Files.readAllBytes(cached());
    bytes[bytes.length / 2] ^= 8;
    Files.write(cached(), bytes);
    assertThat(all(set)).isEqualTo(expected);
  }

  @Test
  void damageThatCannotBeMendedIsNoBadPictureButTheEnd() throws IOException {
    Path file = archive();
    ImageSet set = open(file);
    Path tar = cached();
    byte[] bytes = Files.readAllBytes(tar);
    Arrays.fill(bytes, 512, bytes.length / 2, (byte) 7);
    Files.write(tar, bytes);
    Files.delete(file);
    assertThatThrownBy(() -> all(set))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(tar.toString())
        .hasMessageContaining("set.tar.gz");
  }

  @Test
  void othersMayReadTheCache() throws IOException {
    Assumptions.assumeTrue(Files.getFileStore(cache).supportsFileAttributeView("posix"));
    Path probe = Files.createFile(folder.resolve("probe")); // what this user's umask allows
    open(archive());
    assertThat(Files.getPosixFilePermissions(cached()))
        .isEqualTo(Files.getPosixFilePermissions(probe))
        .contains(PosixFilePermission.OWNER_READ);
  }

  @Test
  void aCacheThatCannotBeMadeIsBlamedAndNotTheArchive() throws IOException {
    Path file = archive();
    Path taken = Files.writeString(folder.resolve("taken"), "a file");
    assertThatThrownBy(() -> new Catalogue(null, taken.resolve("cache")).open(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken.toString())
        .hasMessageContaining("MILLRACE_CACHE")
        .message()
        .doesNotContain("complete");
  }

  @Test
  void aFullDiskIsBlamedOnTheCache() {
    IOException e =
        new TarCache(cache).refuses("x.tar.gz", new IOException("No space left on device"));
    assertThat(e)
        .hasMessageContaining(cache.toString())
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("MILLRACE_CACHE");
  }

  @Test
  void aCacheThatIsTooSmallForItsArchivesSaysWhichHadToGo() throws IOException {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    Logger log = (Logger) LoggerFactory.getLogger(UnpackedTar.class);
    log.addAppender(heard);
    try {
      TarCache small = new TarCache(cache, 4 << 10);
      for (String name : new String[] {"one", "two", "three"}) {
        Path file = folder.resolve(name + ".tar.gz");
        ArchiveTest.archive(file, Map.of("1.jpg", new byte[10]));
        UnpackedTar.of(Origin.of(Origin.Form.COMPRESSED_TAR, file), small, () -> false).close();
      }
      assertThat(small.tars()).hasSize(1);
      assertThat(heard.list.stream().filter(event -> event.getLevel() == Level.WARN))
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage)
          .asString()
          .contains("with two.tar.gz unpacked, one-")
          .contains("MILLRACE_UNPACKED_CACHE");
    } finally {
      log.detachAppender(heard);
    }
  }

  @Test
  void theBoundIsThatOfTheEnvironment() {
    assertThat(CacheBound.of(TarCache.BOUND, null)).isEqualTo(20L << 30);
    assertThat(CacheBound.of(TarCache.BOUND, "300")).isEqualTo(300L << 30);
    assertThatThrownBy(() -> CacheBound.of(TarCache.BOUND, "much"))
        .hasMessageContaining("MILLRACE_UNPACKED_CACHE is 'much', expected a whole number");
  }

  @Test
  void anArchiveThatEndsTooEarlySaysSo() throws IOException {
    Path file = archive();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too early")
        .hasMessageContaining("is it complete?");
  }

  @Test
  void severalGzipMembersAreOneTar() throws IOException {
    Path plain = ArchiveTest.archive(folder.resolve("x.tar"), Map.of("a/1.jpg", new byte[3000]));
    byte[] tar = Files.readAllBytes(plain);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < tar.length; at += 1000) {
      try (OutputStream gz = new GzipCompressorOutputStream(out)) {
        gz.write(tar, at, Math.min(1000, tar.length - at));
      }
    }
    Path file = Files.write(folder.resolve("y.tar.gz"), out.toByteArray());
    assertThat(open(file).image(0).bytes()).hasSize(3000);
  }

  @Test
  void anArchiveIsReadAsWhatItIsWhateverItIsCalled() throws IOException {
    Path gz = archive();
    int expected = all(open(gz));
    assertThat(all(open(Files.copy(gz, folder.resolve("gz.tar"))))).isEqualTo(expected);
    Path tar = folder.resolve("plain.tar.gz");
    try (var in =
        new org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream(
            Files.newInputStream(gz))) {
      Files.copy(in, tar);
    }
    assertThat(all(open(tar))).isEqualTo(expected);
    Path bz2 = folder.resolve("set.tar.bz2");
    try (OutputStream out = new BZip2CompressorOutputStream(Files.newOutputStream(bz2))) {
      Files.copy(tar, out);
    }
    assertThat(all(open(bz2))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00fd7zXZ\0", "(\u00b5/\u00fd", "7z\u00bc\u00af'\u001c", "Rar!\u001a"})
  void aFormatThatIsNotReadIsRefusedWithTheMend(String magic) throws IOException {
    Path file = folder.resolve("x.tar");
    Files.write(file, (magic + "rest").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("not read; unpack it with `");
  }

  @Test
  void aCompressedFileThatIsNoTarIsRefusedAndNotKept() throws IOException {
    Path file = folder.resolve("x.tar.gz");
    try (OutputStream out = new GzipCompressorOutputStream(Files.newOutputStream(file))) {
      out.write(new byte[] {1, 2, 3, 4});
      out.write(new byte[1000]);
    }
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no tar");
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aStopEndsTheUnpackingAndLeavesNothing() throws IOException {
    Path file = archive();
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                new Catalogue(null, cache).open(file.toString(), () -> asked.incrementAndGet() > 1))
        .isInstanceOf(CancellationException.class);
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anArchiveThatChangedAfterwardsIsNotTakenForTheOldOne() throws IOException {
    Path file = archive();
    ImageSet set = open(file);
    Path tar = cached();
    byte[] bytes = Files.readAllBytes(tar);
    Arrays.fill(bytes, 512, 1024, (byte) 7);
    Files.write(tar, bytes);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThatThrownBy(() -> all(set))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("changed");
  }
}
