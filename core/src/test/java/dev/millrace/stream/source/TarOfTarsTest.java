package dev.millrace.stream.source;

import static dev.millrace.stream.source.LayoutTest.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
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
    for (String around : new String[] {"", "train/", "ImageNet/"}) {
      ImageSet set = open(packed(name, around)).train();
      assertThat(rows(set).stream().map(row -> row.replaceFirst("^train/", "")).toList())
          .isEqualTo(rows(folderOfTars))
          .hasSize(21);
      assertSameBytes(set, folderOfTars);
      cache = Files.createDirectory(folder.resolve("other" + around.length()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.tar", "all.tar.gz"})
  void aLargeOneIsKeptAsPlacesInItsFile(String name) throws IOException {
    Path tar = packed(name, "");
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

  @Test
  void foldersAroundItsTarsMeanWhatTheyMeanAroundPictures() throws IOException {
    DataSet test = open(packed("one.tar", "test/"));
    assertThat(test.test().size()).isEqualTo(21);
    assertThat(test.test().classes()).hasSize(3);

    Map<String, byte[]> both = new TreeMap<>();
    both.put("train/n01440764.tar", Files.readAllBytes(tars.resolve("n01440764.tar")));
    both.put("train/n01443537.tar", Files.readAllBytes(tars.resolve("n01443537.tar")));
    both.put("val/n01440764.tar", Files.readAllBytes(tars.resolve("n02084071.tar")));
    DataSet parts = open(ArchiveTest.archive(folder.resolve("both.tar"), both));
    assertThat(parts.train().size()).isEqualTo(14);
    assertThat(rows(parts.test()))
        .hasSize(7)
        .allMatch(row -> row.startsWith("val/n01440764/") && row.contains("=n01440764@"));
  }

  @Test
  void besideOtherArchivesOfAFolderItIsOpenedToo() throws IOException {
    Path imageNet = Files.createDirectories(folder.resolve("imagenet"));
    Files.move(packed("all.tar", ""), imageNet.resolve("ILSVRC2012_img_train.tar"));
    assertThat(rows(open(imageNet).train())).isEqualTo(rows(open(tars).train()));
    ArchiveTest.archive(
        imageNet.resolve("ILSVRC2012_img_val.tar"),
        Map.of("ILSVRC2012_val_00000001.JPEG", new byte[1]));
    assertThatThrownBy(() -> open(imageNet)).hasMessageContaining("call the folders train/, val/");
    Files.move(imageNet.resolve("ILSVRC2012_img_train.tar"), imageNet.resolve("train.tar"));
    Files.move(imageNet.resolve("ILSVRC2012_img_val.tar"), imageNet.resolve("val.tar"));
    DataSet both = open(imageNet);
    assertThat(both.train().size()).isEqualTo(21);
    assertThat(both.train().classes()).hasSize(3);
    assertThat(both.test().size()).isOne();
  }

  @Test
  void whatIsHiddenOrEmptyInItIsLeftOut() throws IOException {
    ArchiveTest.archive(tars.resolve("._n01440764.tar"), Map.of("1.jpg", new byte[1]));
    ArchiveTest.archive(tars.resolve("empty.tar"), Map.of());
    Map<String, byte[]> more = new TreeMap<>();
    more.put("1.jpg", new byte[1]);
    more.put("._1.jpg", new byte[1]);
    more.put("__MACOSX/1.jpg", new byte[1]);
    more.put(".DS_Store", new byte[1]);
    ArchiveTest.archive(tars.resolve("n09999999.tar"), more);
    DataSet set = open(packed("all.tar", ""));
    assertThat(set.train().size()).isEqualTo(22);
    assertThat(set.train().classes()).contains("n09999999").doesNotContain("empty");
  }

  @Test
  void numberedTarsWithEqualNamesAreTakenTogetherAndKeepTheirPictures() throws IOException {
    Path numbered = Files.createDirectories(folder.resolve("numbered"));
    Map<String, byte[]> all = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      Path tar = numbered.resolve("part-%d.tar".formatted(i));
      ArchiveTest.archive(tar, Map.of("1.jpg", new byte[] {(byte) i}, "2.jpg", new byte[] {9}));
      all.put(tar.getFileName().toString(), Files.readAllBytes(tar));
    }
    ImageSet inOne = open(ArchiveTest.archive(folder.resolve("all.tar"), all)).train();
    ImageSet inFolder = open(numbered).train();
    assertThat(rows(inOne)).isEqualTo(rows(inFolder));
    assertSameBytes(inOne, inFolder);
  }

  @Test
  void numberedTarsInAFolderMakeNoClassOfEqualNames() throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      Path tar = folder.resolve("part-%d.tar".formatted(i));
      ArchiveTest.archive(tar, Map.of("1.jpg", new byte[] {(byte) i}, "2.jpg", new byte[] {9}));
      all.put("images/" + tar.getFileName(), Files.readAllBytes(tar));
    }
    ImageSet set = open(ArchiveTest.archive(folder.resolve("all.tar"), all), Folders.AUTO).train();
    assertThat(set.classes()).isEmpty();
    assertThat(set.size()).isEqualTo(4);
    assertThat(set.image(1).id()).isEqualTo("images/1~images~part-1.tar.jpg");
  }

  @Test
  void namesInMessagesAreReadable() throws IOException {
    Path broken = tars.resolve("Vögel.tar");
    Files.write(broken, Arrays.copyOf(Files.readAllBytes(tars.resolve("n01440764.tar")), 800));
    assertThatThrownBy(() -> open(packed("all.tar", "")))
        .hasMessageContaining("all.tar: Vögel.tar cannot be read as an archive");
  }

  @Test
  void archivesThatAreNotOpenedAreNamed() throws IOException {
    byte[] tar = Files.readAllBytes(tars.resolve("n01440764.tar"));
    ArchiveTest.archive(
        tars.resolve("n02084071.tar"), Map.of("1.jpg", new byte[1], "more.tar", tar));
    assertThat(open(packed("deep.tar", "")).about().notes())
        .singleElement()
        .asString()
        .contains("archives in n02084071.tar")
        .contains("more.tar");
    Path beside =
        ArchiveTest.archive(
            folder.resolve("beside.tar"), Map.of("1.jpg", new byte[1], "more.tar", tar));
    assertThat(
            new Catalogue(null, cache)
                .open(beside.toString(), Folders.FLAT, Need.LABELS)
                .about()
                .notes())
        .singleElement()
        .asString()
        .contains("are not opened: more.tar");
  }

  @Test
  void oneShardAmongItsTarsIsEnoughToAsk() throws IOException {
    ArchiveTest.archive(
        tars.resolve("n02084071.tar"), Map.of("1.jpg", new byte[1], "1.cls", new byte[] {'3'}));
    assertThatThrownBy(() -> open(packed("all.tar", ""))).hasMessageContaining("a tar of shards");
  }

  @Test
  void whoAsksForAllFilesIsGivenThoseInItsTars() throws IOException {
    Catalogue catalogue = new Catalogue(null, cache);
    Path tar = packed("all.tar", "");
    assertThat(catalogue.files(tar.toString()))
        .hasSize(21)
        .containsKey("n01440764/n01440764_0.JPEG");
    assertThat(catalogue.contents(tar.toString()).leftOut().isEmpty()).isTrue();
  }

  @Test
  void picturesSayWhereTheyLie() throws IOException {
    ImageSet inOne = open(packed("all.tar", "")).train();
    ImageSet inFolder = open(tars).train();
    for (int i = 1; i < inOne.size(); i++) {
      assertThat(inOne.image(i).content().place())
          .isGreaterThan(inOne.image(i - 1).content().place());
      assertThat(inFolder.image(i).content().place() >> Image.Content.PLACE_BITS).isEqualTo(i / 7);
    }
  }
}
