package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  @TempDir Path folder;
  @TempDir Path cache;

  /** 60 files of different, incompressible content in two parts and three classes. */
  private static Map<String, byte[]> files() {
    Random random = new Random(1);
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      byte[] bytes = new byte[random.nextInt(5000)];
      random.nextBytes(bytes);
      files.put(
          "%s/c%d/a-rather-long-name-%03d.jpg".formatted(i % 4 == 0 ? "test" : "train", i % 3, i),
          bytes);
    }
    return files;
  }

  static Path archive(Path file, Map<String, byte[]> files) throws IOException {
    String name = file.getFileName().toString();
    OutputStream out = Files.newOutputStream(file);
    if (name.endsWith(".zip")) {
      write(new ZipArchiveOutputStream(out), files, (path, size) -> new ZipArchiveEntry(path));
    } else {
      OutputStream packed = name.endsWith("gz") ? new GzipCompressorOutputStream(out) : out;
      TarArchiveOutputStream tar = new TarArchiveOutputStream(packed);
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      write(
          tar,
          files,
          (path, size) -> {
            TarArchiveEntry entry = new TarArchiveEntry(path);
            entry.setSize(size);
            return entry;
          });
    }
    return file;
  }

  private interface Entries<E> {
    E of(String path, int size);
  }

  private static <E extends ArchiveEntry> void write(
      ArchiveOutputStream<E> out, Map<String, byte[]> files, Entries<E> entries)
      throws IOException {
    try (out) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putArchiveEntry(entries.of(file.getKey(), file.getValue().length));
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
  }

  private static void truncate(Path file, double share) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, (int) (share * bytes.length)));
  }

  private DataSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString());
  }

  private List<Path> cached() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"set.tar", "set.tar.gz", "set.tgz", "set.zip", "SET.ZIP"})
  void everyPictureComesBackByteForByte(String name) throws IOException {
    Map<String, byte[]> files = files();
    String lower = name.equals("SET.ZIP") ? "lower.zip" : name;
    Path file = archive(folder.resolve(lower), files);
    if (!lower.equals(name)) {
      file = Files.move(file, folder.resolve(name));
    }
    DataSet set = open(file);
    assertThat(set.train().size()).isEqualTo(45);
    assertThat(set.test().size()).isEqualTo(15);
    assertThat(set.train().classes()).containsExactly("c0", "c1", "c2");
    for (ImageSet part : set.splits().values()) {
      for (int i = part.size() - 1; i >= 0; i--) {
        assertThat(part.image(i).bytes()).isEqualTo(files.get(part.image(i).id()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"set.tar", "set.tar.gz", "set.zip"})
  void severalThreadsReadInAnyOrder(String name) throws Exception {
    Map<String, byte[]> files = files();
    ImageSet train = open(archive(folder.resolve(name), files)).train();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Void>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(t);
        Callable<Void> reader =
            () -> {
              for (int k = 0; k < 300; k++) {
                int i = random.nextInt(train.size());
                assertThat(train.image(i).bytes()).isEqualTo(files.get(train.image(i).id()));
              }
              return null;
            };
        done.add(threads.submit(reader));
      }
      for (Future<Void> one : done) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aLeadingDotAndTopFolderAreStripped() throws IOException {
    Path file =
        archive(
            folder.resolve("set.tar"),
            Map.of("./top/a/1.jpg", new byte[] {1}, "./top/b/1.jpg", new byte[] {2}));
    assertThat(LayoutTest.rows(open(file).train())).containsExactly("a/1.jpg=a@-", "b/1.jpg=b@-");
  }

  @Test
  void aCompressedTarIsUnpackedOnceIntoTheCache() throws IOException {
    Path file = archive(folder.resolve("set.tar.gz"), files());
    open(file);
    Path tar = cached().get(0);
    assertThat(cached()).hasSize(1);
    assertThat(tar.getFileName().toString()).startsWith("set-").endsWith(".tar");
    Files.setLastModifiedTime(tar, FileTime.fromMillis(1_000_000));
    open(file);
    assertThat(cached()).containsExactly(tar);
    assertThat(Files.getLastModifiedTime(tar).toMillis()).isEqualTo(1_000_000);
  }

  @Test
  void equallyNamedArchivesInTwoFoldersDoNotShareACache() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    Files.createDirectories(folder.resolve("b"));
    Path one = archive(folder.resolve("a/set.tar.gz"), Map.of("x/1.jpg", new byte[] {1, 2}));
    Path two = archive(folder.resolve("b/set.tar.gz"), Map.of("x/1.jpg", new byte[] {3, 4}));
    Files.setLastModifiedTime(one, FileTime.fromMillis(5_000_000));
    Files.setLastModifiedTime(two, FileTime.fromMillis(5_000_000));
    assertThat(open(one).train().image(0).bytes()).containsExactly(1, 2);
    assertThat(open(two).train().image(0).bytes()).containsExactly(3, 4);
    assertThat(cached()).hasSize(2);
  }

  @Test
  void aChangedArchiveIsUnpackedAgain() throws IOException {
    Path file = archive(folder.resolve("set.tar.gz"), Map.of("x/1.jpg", new byte[] {1}));
    Files.setLastModifiedTime(file, FileTime.fromMillis(5_000_000));
    assertThat(open(file).train().image(0).bytes()).containsExactly(1);
    archive(file, Map.of("x/1.jpg", new byte[] {2}));
    assertThat(open(file).train().image(0).bytes()).containsExactly(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut.tar.gz", "cut.tgz", "cut.zip", "cut.tar"})
  void aTruncatedArchiveIsRefusedByItsName(String name) throws IOException {
    Path file = archive(folder.resolve(name), files());
    truncate(file, 0.6);
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("is it complete?");
    assertThat(cached()).as("nothing half unpacked stays").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"page.tar.gz", "page.zip", "page.tar"})
  void somethingElseUnderAnArchivesNameIsRefusedByItsName(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "<html>404 not found</html>".repeat(100));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("is it complete?");
  }

  @Test
  void anArchiveWithoutPicturesIsRefused() throws IOException {
    Path file = archive(folder.resolve("set.zip"), Map.of("a/notes.txt", new byte[] {1}));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set.zip")
        .hasMessageContaining("no pictures");
  }

  @Test
  void aFolderOfArchivesIsTheArchivesTogether() throws IOException {
    archive(folder.resolve("one.zip"), Map.of("a/1.jpg", new byte[] {1}));
    archive(folder.resolve("two.tar"), Map.of("b/1.jpg", new byte[] {2}));
    assertThat(LayoutTest.rows(open(folder).train())).containsExactly("a/1.jpg=a@-", "b/1.jpg=b@-");
  }

  @Test
  void equallyNamedPicturesOfSeveralArchivesAllStay() throws IOException {
    archive(
        folder.resolve("mon.zip"),
        Map.of("IMG_1.jpg", new byte[] {1}, "IMG_2.jpg", new byte[] {2}));
    archive(folder.resolve("tue.zip"), Map.of("IMG_1.jpg", new byte[] {3}));
    archive(folder.resolve("tue.tar"), Map.of("IMG_1.jpg", new byte[] {4}));
    DataSet set = open(folder);
    assertThat(LayoutTest.rows(set.train()))
        .containsExactly(
            "IMG_1.jpg=-@-", "IMG_1~tue.tar.jpg=-@-", "IMG_1~tue.zip.jpg=-@-", "IMG_2.jpg=-@-");
    assertThat(set.train().image(0).bytes()).containsExactly(1);
    assertThat(set.train().image(1).bytes()).containsExactly(4);
    assertThat(set.train().image(2).bytes()).containsExactly(3);
    assertThat(open(folder).fingerprint()).isEqualTo(set.fingerprint());
  }

  @Test
  void equallyNamedPicturesOfSeveralArchivesKeepTheirClass() throws IOException {
    archive(folder.resolve("a.zip"), Map.of("cat/1.jpg", new byte[] {1}));
    archive(
        folder.resolve("b.zip"),
        Map.of("cat/1.jpg", new byte[] {2}, "cat/1~b.zip.jpg", new byte[] {3}));
    DataSet set = open(folder);
    assertThat(set.train().classes()).containsExactly("cat");
    assertThat(set.train().size()).isEqualTo(3);
    assertThat(LayoutTest.rows(set.train())).doesNotHaveDuplicates();
  }

  @Test
  void aCopyOfAPictureInAnotherArchiveIsTakenOnce() throws IOException {
    archive(folder.resolve("a.zip"), Map.of("cat/1.jpg", new byte[] {1}));
    archive(folder.resolve("b.zip"), Map.of("cat/1.jpg", new byte[] {2}));
    archive(folder.resolve("c.zip"), Map.of("cat/1.jpg", new byte[] {2}));
    archive(folder.resolve("d.zip"), Map.of("cat/1.jpg", new byte[] {1}));
    assertThat(LayoutTest.rows(open(folder).train()))
        .containsExactly("cat/1.jpg=cat@-", "cat/1~b.zip.jpg=cat@-");
  }

  @Test
  void whatAKilledProcessLeftInTheCacheIsRemoved() throws IOException {
    Path left = partial("set", "123");
    Path foreign = Files.writeString(cache.resolve("film.mkv.partial"), "not ours");
    Path young = Files.writeString(cache.resolve("set-1a-2b-0123abcd.tar124.partial"), "now");
    Files.setLastModifiedTime(foreign, FileTime.fromMillis(5_000_000));
    Path file = archive(folder.resolve("set.tar.gz"), files());
    open(file);
    assertThat(left).doesNotExist();
    assertThat(foreign).exists();
    assertThat(young).exists();
    Path again = partial("set", "125");
    open(file); // finds the set unpacked, and sweeps all the same
    assertThat(again).doesNotExist();
  }

  @Test
  void whatAnotherProcessIsUnpackingIsLeftAlone() throws Exception {
    Path busy = partial("set", "123");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                busy.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD) // a JVM may have something to say
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('!');
      new TarCache(cache).sweep();
      assertThat(busy).exists();
    } finally {
      other.destroyForcibly().waitFor();
    }
    new TarCache(cache).sweep();
    assertThat(busy).doesNotExist();
  }

  private Path partial(String name, String number) throws IOException {
    Path file =
        Files.writeString(
            cache.resolve(name + "-1a-2b-0123abcd.tar" + number + ".partial"), "half");
    return Files.setLastModifiedTime(file, FileTime.fromMillis(5_000_000));
  }

  /** A process that holds a file's lock until it is killed. */
  static final class Holder {
    public static void main(String[] args) throws Exception {
      FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
      FileLock lock = channel.lock();
      System.out.print(lock.isValid() ? '!' : '?');
      System.out.flush();
      Thread.sleep(60_000);
    }
  }

  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @ValueSource(strings = {"a.zip", "a.tar", "a.tar.gz"})
  void aListingThatEndsEarlyLeavesNoFileOpen(String name) throws IOException {
    Path file = archive(folder.resolve(name), files());
    Listing whole = Archive.list(file, 0, cache, () -> false); // unpacks to the cache
    try {
      List<Path> before = open();
      assertThatThrownBy(() -> Archive.list(file, 0, cache, () -> true))
          .isInstanceOf(CancellationException.class);
      assertThat(open()).isEqualTo(before);
    } finally {
      // A listing that nobody reaches any more may close its file between the two looks.
      Reference.reachabilityFence(whole);
    }
  }

  /** What this process has open of the archive and of what was unpacked of it. */
  private List<Path> open() throws IOException {
    List<Path> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.exists(descriptor)) {
          Path led = Files.readSymbolicLink(descriptor);
          if (led.startsWith(folder) || led.startsWith(cache)) {
            open.add(led);
          }
        }
      }
    }
    return open;
  }
}
