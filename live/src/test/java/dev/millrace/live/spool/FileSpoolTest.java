package dev.millrace.live.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.millrace.live.LiveFolder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSpoolTest {
  @TempDir private Path temp;

  private static byte[] picture(int i) {
    byte[] bytes = new byte[500 + 7 * i];
    Arrays.fill(bytes, (byte) i);
    return bytes;
  }

  @Test
  void aClosedChunkIsASetWithItsPicturesInOrder() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    List<Spool.Part> parts = new ArrayList<>();
    try (FileSpool spool = new FileSpool(live)) {
      for (int i = 0; i < 5; i++) {
        String name = ChunkNames.of(i, "x/k" + i + ".gif", i % 2 == 0 ? "cat" : "dog", picture(i));
        parts.add(new Spool.Part(name, spool.append(picture(i)), picture(i).length));
      }
      spool.sync();
      spool.close(1, parts);
    }
    ImageSet set = Catalogue.standard().open(live.chunk(1).toString()).learnable();
    assertThat(set.size()).isEqualTo(5);
    assertThat(set.classes()).containsExactly("cat", "dog");
    assertThat(set.image(0).id()).endsWith("cat/000000000-k0.jpg");
    assertThat(set.image(0).bytes()).isEqualTo(picture(0));
    assertThat(set.image(1).bytes()).isEqualTo(picture(2));
  }

  @Test
  void aPictureThatIsWrittenInStepsIsTheSameInItsChunk() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    byte[] large = new byte[(2 << 20) + 13];
    new Random(1).nextBytes(large);
    try (FileSpool spool = new FileSpool(live)) {
      List<Spool.Part> parts = new ArrayList<>();
      for (byte[] one : List.of(large, picture(1))) {
        String name = ChunkNames.of(parts.size(), "k" + parts.size() + ".gif", "cat", one);
        long before = spool.length();
        parts.add(new Spool.Part(name, spool.append(one), one.length));
        assertThat(spool.length()).isEqualTo(before + spool.size(one.length));
      }
      spool.sync();
      spool.close(1, parts);
    }
    ImageSet set = Catalogue.standard().open(live.chunk(1).toString()).learnable();
    assertThat(set.image(0).bytes()).isEqualTo(large);
    assertThat(set.image(1).bytes()).isEqualTo(picture(1));
  }

  @Test
  void whatWasNotAcceptedIsCutOffAndWhatWasIsNeverMissing() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    try (FileSpool spool = new FileSpool(live)) {
      spool.append(picture(1));
      long accepted = spool.length();
      spool.append(picture(2));
      spool.cut(accepted);
      assertThat(spool.length()).isEqualTo(accepted);
      assertThatIOException()
          .isThrownBy(() -> spool.cut(accepted + 1))
          .withMessageContaining("open.tar");
    }
  }

  @Test
  void namesLeadNowhereAndFitAHeader() {
    assertThat(ChunkNames.of(7, "../../etc/x\u0000y.png", "../a", new byte[] {'P', '6', '\n'}))
        .doesNotContain("..")
        .endsWith(".ppm");
    assertThat(ChunkNames.of(7, "é".repeat(300), "ü".repeat(300), new byte[0]))
        .isEqualTo(ChunkNames.of(7, "é".repeat(300), "ü".repeat(300), new byte[0]))
        .hasSizeLessThan(TarBlocks.LONGEST_NAME);
    assertThat(ChunkNames.foldered(List.of("cat", "dog"))).isTrue();
    assertThat(ChunkNames.foldered(List.of("train", "dog"))).as("a part's name").isFalse();
    assertThat(ChunkNames.foldered(Arrays.asList("cat", null))).isFalse();
  }

  @Test
  void everyPictureOfAChunkIsInItsSetWhateverItsClassIsCalled() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    List<List<String>> pairs =
        List.of(
            List.of("images", "masks"),
            List.of("image", "label"),
            List.of("img", "gt"),
            List.of("cat", "recycler"),
            List.of("mask", "face"),
            List.of("cat", "dog"));
    try (FileSpool spool = new FileSpool(live)) {
      for (int chunk = 1; chunk <= pairs.size(); chunk++) {
        List<String> labels = pairs.get(chunk - 1);
        boolean folders = ChunkNames.foldered(labels);
        List<Spool.Part> parts = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
          byte[] bytes = picture(i);
          long at = spool.append(bytes);
          String label = folders ? labels.get(i) : null;
          String name = ChunkNames.of(i + 1, "p" + i + ".png", label, bytes);
          parts.add(new Spool.Part(name, at, bytes.length));
        }
        spool.close(chunk, parts);
        ImageSet set = Catalogue.standard().open(live.chunk(chunk).toString()).learnable();
        assertThat(set.size()).as("%s", labels).isEqualTo(2);
        assertThat(folders).as("%s", labels).isEqualTo(chunk >= 5);
      }
    }
  }
}
