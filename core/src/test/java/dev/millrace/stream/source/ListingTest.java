package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private final AtomicInteger reads = new AtomicInteger();

  private Listing one(String path, int first, int size) {
    TreeMap<String, Image.Content> files = new TreeMap<>();
    files.put(
        path,
        new Image.Content() {
          @Override
          public byte[] read() {
            reads.incrementAndGet();
            byte[] bytes = new byte[size];
            bytes[0] = (byte) first;
            bytes[1] = (byte) (first >> 8);
            return bytes;
          }

          @Override
          public long size() {
            return size;
          }
        });
    return Listing.of(files, new LeftOut.Tally(), new TreeSet<>());
  }

  private Listing merged(int shards, java.util.function.IntUnaryOperator size) {
    Listing all = Listing.of(new TreeMap<>(), new LeftOut.Tally(), new TreeSet<>());
    for (int i = 0; i < shards; i++) {
      all.merge(one("000001.jpg", i, size.applyAsInt(i)), i + ".tar", () -> false);
    }
    return all;
  }

  @Test
  void shardsOfTheSameKeysAreNotReadWhereTheirSizesDiffer() {
    assertThat(merged(1000, i -> 10 + i).files()).hasSize(1000);
    assertThat(reads).hasValue(0);
  }

  @Test
  void shardsOfTheSameKeysAndSizesAreReadOnce() {
    assertThat(merged(1000, i -> 10).files()).hasSize(1000);
    assertThat(reads).hasValue(1000);
  }

  @Test
  void copiesAreCounted() {
    Listing all = merged(2, i -> 10);
    all.merge(one("000001.jpg", 1, 10), "copy.tar", () -> false);
    assertThat(all.files()).hasSize(2);
    assertThat(all.leftOut().done().count(LeftOut.Kind.COPY)).isEqualTo(1);
  }

  @Test
  void aHugeFileIsABadPictureByItsNameAndSize() throws IOException {
    LayoutTest.write(folder, "cat/1.png", "dog/1.png");
    Path huge = folder.resolve("cat/2.png");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(5L << 30); // a hole
    }
    DataSet set = new Catalogue(null, cache).open(folder.toString());
    assertThat(set.train().size()).isEqualTo(3);
    assertThat(set.train().image(1).content().size()).isEqualTo(5L << 30);
    assertThatThrownBy(() -> set.train().image(1).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(huge.toString())
        .hasMessageContaining("5368709120 bytes")
        .hasMessageContaining("512 MiB");
    assertThat(set.train().image(2).bytes()).isNotEmpty();
  }

  @Test
  void aPipeInAFolderIsCountedAndNotReadFrom() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
    LayoutTest.write(folder, "cat/1.png");
    new ProcessBuilder("/usr/bin/mkfifo", folder.resolve("cat/2.png").toString()).start().waitFor();
    DataSet set = new Catalogue(null, cache).open(folder.toString());
    assertThat(set.train().size()).isEqualTo(1);
    assertThat(set.leftOut().count(LeftOut.Kind.SPECIAL)).isEqualTo(1);
  }

  @Test
  void aStopEndsTheListingOfAFolder() throws IOException {
    LayoutTest.write(folder, "cat/1.png", "dog/1.png");
    assertThatThrownBy(() -> new Catalogue(null, cache).open(folder.toString(), () -> true))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void thePicturesOfAFolderAreThoseThatASetOfItWouldHave() throws IOException {
    byte[] png = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'};
    Path real = Files.createDirectories(folder.resolve("real"));
    Files.createDirectories(real.resolve("@eaDir/a.jpg"));
    Path other = Files.createDirectories(folder.resolve("other"));
    for (String name :
        new String[] {"b.jpg", "._b.jpg", "@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg", "notes.txt"}) {
      Files.write(real.resolve(name), png);
    }
    Files.write(other.resolve("a.png"), png);
    Files.createSymbolicLink(real.resolve("linked"), other);
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertThat(Catalogue.pictures(link))
        .containsExactly(link.resolve("b.jpg"), link.resolve("linked/a.png"));
    assertThat(Catalogue.bytes(link.resolve("linked/a.png"))).isEqualTo(png);
  }
}
