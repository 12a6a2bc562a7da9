package dev.millrace.stream.source;

import static dev.millrace.stream.source.LayoutTest.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tars in a tar, as ImageNet's training pictures come. */
class TarOfTarsTest {
  @TempDir Path folder;
  @TempDir Path cache;
  private Path tars;

  @BeforeEach
  void tarsOfClasses() throws IOException {
    tars = Files.createDirectories(folder.resolve("tars"));
    Random random = new Random(1);
    for (String name : new String[] {"n01440764", "n01443537", "n02084071"}) {
      Map<String, byte[]> pictures = new TreeMap<>();
      for (int i = 0; i < 7; i++) {
        byte[] bytes = new byte[1 + random.nextInt(3000)];
        random.nextBytes(bytes);
        pictures.put("%s_%d.JPEG".formatted(name, i), bytes);
      }
      ArchiveTest.archive(tars.resolve(name + ".tar"), pictures);
    }
  }

  /** All files of the folder in one archive. */
  private Path packed(String name, String around) throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (var files = Files.list(tars)) {
      for (Path file : files.toList()) {
        all.put(around + file.getFileName(), Files.readAllBytes(file));
      }
    }
    return ArchiveTest.archive(folder.resolve(name), all);
  }

  private DataSet open(Path set) throws IOException {
    return new Catalogue(null, cache).open(set.toString());
  }

  private DataSet open(Path set, Folders folders) throws IOException {
    return new Catalogue(null, cache).open(set.toString(), folders, Need.LABELS);
  }

  private static void assertSameBytes(ImageSet one, ImageSet other) throws IOException {
    assertThat(one.size()).isEqualTo(other.size());
    for (int i = 0; i < one.size(); i++) {
      assertThat(one.image(i).content().read()).isEqualTo(other.image(i).content().read());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.tar", "all.tar.gz"})
  void itIsTheFolderOfItsTars(String name) throws IOException {
    ImageSet folderOfTars = open(tars).train();
    assertThat(folderOfTars.classes()).containsExactly("n01440764", "n01443537", "n02084071");
    for (String around : new String[] {"", "train/"}) {
      ImageSet set = open(packed(name, around)).train();
      assertThat(rows(set)).isEqualTo(rows(folderOfTars)).hasSize(21);
      assertSameBytes(set, folderOfTars);
      cache = Files.createDirectory(folder.resolve("other" + around.length()));
    }
  }

  @Test
  void aLargeOneIsKeptAsPlacesInItsFile() throws IOException {
    Path tar = packed("all.tar", "");
    DataSet listed = open(tar);
    KeptIndex.packed(cache, KeptIndex.origin(tar), listed, Folders.AUTO, Need.LABELS, 1);
    DataSet again = open(tar);
    assertThat(again.train()).isInstanceOf(PackedSet.class);
    assertThat(again.fingerprint()).isEqualTo(listed.fingerprint());
    assertThat(rows(again.train())).isEqualTo(rows(listed.train()));
    assertSameBytes(again.train(), listed.train());
  }

  @Test
  void namesOfPartsAreParts() throws IOException {
    Files.move(tars.resolve("n01440764.tar"), tars.resolve("train.tar"));
    Files.move(tars.resolve("n01443537.tar"), tars.resolve("test.tar"));
    Files.delete(tars.resolve("n02084071.tar"));
    DataSet set = open(packed("all.tar", ""));
    assertThat(set.train().size()).isEqualTo(7);
    assertThat(set.test().size()).isEqualTo(7);
  }

  @Test
  void whatElseLiesInItIsNamed() throws IOException {
    ArchiveTest.archive(tars.resolve("more.zip"), Map.of("1.jpg", new byte[1]));
    assertThatThrownBy(() -> open(packed("all.tar", "")))
        .hasMessageContaining("it holds archives")
        .hasMessageContaining("unpack it once");
  }

  @Test
  void oneThatIsCutOffIsNamed() throws IOException {
    Path last = tars.resolve("n02084071.tar");
    byte[] bytes = Files.readAllBytes(last);
    Files.write(last, Arrays.copyOf(bytes, 1024 + 300));
    assertThatThrownBy(() -> open(packed("all.tar", "")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("all.tar: n02084071.tar cannot be read as an archive")
        .hasMessageContaining("is it complete?");
  }

  @Test
  void shardsInItAreNotTakenForFolders() throws IOException {
    Map<String, byte[]> shard = Map.of("1.jpg", new byte[1], "1.cls", new byte[] {'3'});
    for (String name : new String[] {"n01440764", "n01443537", "n02084071"}) {
      ArchiveTest.archive(tars.resolve(name + ".tar"), new TreeMap<>(shard));
    }
    Path tar = packed("all.tar", "");
    assertThatThrownBy(() -> open(tar))
        .hasMessageContaining("all.tar is a tar of shards")
        .hasMessageContaining("--layout folders");
    assertThat(open(tar, Folders.FOLDERS).train().classes()).hasSize(3);
  }
}
