package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private Path shard(String name, String... entries) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String entry : entries) {
      String[] parts = entry.split("=", 2);
      TarTest.entry(tar, '0', parts[0], "", parts[1].getBytes(StandardCharsets.UTF_8));
    }
    tar.write(new byte[1024]);
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, tar.toByteArray());
  }

  private DataSet open(Path place) throws IOException {
    return new Catalogue(null, cache).open(place.toString());
  }

  /** A picture a line: name, class, domain. */
  static List<String> words(ImageSet set) {
    return IntStream.range(0, set.size())
        .mapToObj(
            i -> {
              Image image = set.image(i);
              return "%s %s %s"
                  .formatted(
                      image.id(),
                      image.label() == Image.NONE ? "-" : set.classes().get(image.label()),
                      image.domain() == Image.NONE ? "-" : set.domains().get(image.domain()));
            })
        .toList();
  }

  private static List<String> bytes(ImageSet set) throws IOException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      Image.Content content = set.image(i).content();
      String text = new String(content.read(), StandardCharsets.UTF_8);
      assertThat(content.size()).isEqualTo(text.length());
      assertThat(content.head(2)).asString().isEqualTo(text.substring(0, 2));
      assertThat(content.open().readAllBytes()).asString().isEqualTo(text);
      all.add(text);
    }
    return all;
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("sets"))) {
      return files.filter(f -> f.toString().endsWith(".set")).toList();
    }
  }

  @Test
  void aTarWithClassesBesidePicturesIsASetWithTheseClasses() throws IOException {
    DataSet set =
        open(
            shard(
                "x.tar",
                "b.jpg=picture b",
                "b.cls=dog",
                "a.cls=cat\n",
                "a.jpg=picture a",
                "c.png=picture c",
                "c.json={\"label\": 7, \"domain\": \"sketch\"}"));
    assertThat(words(set.train())).containsExactly("b.jpg dog -", "a.jpg cat -", "c.png 7 sketch");
    assertThat(bytes(set.train())).containsExactly("picture b", "picture a", "picture c");
    assertThat(set.test().size()).isZero();
    assertThat(set.train().classes()).containsExactly("7", "cat", "dog");
  }

  @Test
  void severalTarsAreOneSetWhosePartsTheirNamesSay() throws IOException {
    shard("train/0001.tar", "a.jpg=second", "a.cls=1");
    shard("train/0000.tar", "a.jpg=first", "a.cls=0");
    shard("val/0000.tar", "v.jpg=judge", "v.cls=0", "v.txt=words");
    Files.writeString(folder.resolve("README.md"), "about");
    DataSet set = open(folder);
    assertThat(words(set.train())).containsExactly("train/0000/a.jpg 0 -", "train/0001/a.jpg 1 -");
    assertThat(bytes(set.train())).containsExactly("first", "second");
    assertThat(words(set.test())).containsExactly("val/0000/v.jpg 0 -");
    assertThat(set.about().others().stream().map(OtherFiles::what)).contains(".md", ".txt");
  }

  @Test
  void aSampleSaysItsPartItself() throws IOException {
    DataSet set =
        open(
            shard(
                "x.tar",
                "a.jpg=one",
                "a.json={\"cls\": \"x\", \"split\": \"train\"}",
                "b.jpg=two",
                "b.json={\"cls\": \"x\", \"split\": \"test\"}"));
    assertThat(words(set.train())).containsExactly("a.jpg x -");
    assertThat(words(set.test())).containsExactly("b.jpg x -");
  }

  @Test
  void nothingOfAShardIsSwallowed() throws IOException {
    DataSet set =
        open(
            shard(
                "x.tar",
                "a.jpg=one",
                "a.cls=1",
                "a.seg.png=a mask",
                "b.jpg=no class",
                "lost.cls=3",
                ".hidden=h"));
    assertThat(words(set.train())).containsExactly("a.jpg 1 -", "b.jpg - -");
    assertThat(set.about().notes()).contains("1 of 2 pictures have no class: b.jpg");
    assertThat(set.about().others().stream().map(o -> o.what() + o.files()))
        .containsExactlyInAnyOrder(".png1", ".cls1");
    assertThat(set.leftOut().count(LeftOut.Kind.HIDDEN)).isEqualTo(1);
  }

  @Test
  void aShardThatCannotBeUnderstoodIsRefusedByName() throws IOException {
    Path twice = shard("twice.tar", "a.jpg=one", "a.cls=1", "b.jpg=x", "b.cls=2", "a.jpg=two");
    assertThatThrownBy(() -> open(twice)).hasMessageContaining("holds a.jpg twice");
    Path broken = shard("broken.tar", "a.jpg=one", "a.cls=1", "b.jpg=x", "b.json=[1]");
    assertThatThrownBy(() -> open(broken)).hasMessageContaining("b.json is no JSON object");
    Path empty = shard("empty.tar", "a.jpg=one", "a.cls=1", "b.jpg=x", "b.cls= ");
    assertThatThrownBy(() -> open(empty)).hasMessageContaining("b.cls holds no class");
    Path split = shard("s.tar", "a.jpg=one", "a.json={\"cls\":1,\"split\":\"monday\"}");
    assertThatThrownBy(() -> open(split)).hasMessageContaining("the split 'monday'");
    byte[] whole = Files.readAllBytes(shard("cut.tar", "a.jpg=one", "a.cls=1", "b.jpg=two"));
    Path cut = Files.write(folder.resolve("cut.tar"), java.util.Arrays.copyOf(whole, 2300));
    assertThatThrownBy(() -> open(cut)).hasMessageContaining("cut.tar cannot be read as");
  }

  @Test
  void aTarOfFoldersStaysWhatItWas() throws IOException {
    DataSet set = open(shard("x.tar", "cat/1.jpg=one", "dog/2.jpg=two", "notes.txt=x"));
    assertThat(words(set.train())).containsExactly("cat/1.jpg cat -", "dog/2.jpg dog -");
  }

  @Test
  void theIndexIsKeptAndMadeAnewWhenAShardIsAnother() throws IOException {
    Path tar = shard("x.tar", "a.jpg=one", "a.cls=1");
    String before = open(tar).fingerprint();
    assertThat(kept()).hasSize(1);
    FileTime made = Files.getLastModifiedTime(kept().get(0));
    Files.setLastModifiedTime(kept().get(0), FileTime.fromMillis(1000));
    assertThat(open(tar).fingerprint()).isEqualTo(before);
    assertThat(Files.getLastModifiedTime(kept().get(0))).isEqualTo(FileTime.fromMillis(1000));
    shard("x.tar", "a.jpg=one", "a.cls=1", "b.jpg=two", "b.cls=2");
    assertThat(words(open(tar).train())).containsExactly("a.jpg 1 -", "b.jpg 2 -");
    assertThat(kept()).hasSize(1);
    assertThat(Files.getLastModifiedTime(kept().get(0))).isGreaterThanOrEqualTo(made);
  }

  @Test
  void aFlippedBitOfTheIndexIsSeenAndMended() throws IOException {
    Path tar = shard("x.tar", "a.jpg=one", "a.cls=1", "b.jpg=two", "b.cls=2");
    List<String> before = words(open(tar).train());
    Path index = kept().get(0);
    byte[] good = Files.readAllBytes(index);
    for (int at = 0; at < good.length; at += 7) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(index, bad);
      assertThat(words(open(tar).train())).isEqualTo(before);
    }
    assertThat(Files.readAllBytes(index)).isEqualTo(good);
  }

  @Test
  void withoutARoomForTheIndexTheSetIsReadAllTheSame() throws IOException {
    Path nowhere = Files.writeString(folder.resolve("file"), "no folder");
    Path tar = shard("sub/x.tar", "a.jpg=one", "a.cls=1");
    DataSet set = new Catalogue(null, nowhere).open(tar.toString());
    assertThat(bytes(set.train())).containsExactly("one");
  }

  @Test
  void aPackedTarOfFoldersIsTheListedOnePictureByPicture() throws IOException {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      entries.add(
          "%s/%s/%02d.jpg=picture %d".formatted(i % 5 == 0 ? "test" : "train", i % 3, i, i));
    }
    Path tar = shard("x.tar", entries.toArray(String[]::new));
    DataSet listed = open(tar);
    assertThat(listed.train()).isNotInstanceOf(PackedSet.class);
    DataSet packed =
        KeptIndex.packed(
            cache, KeptIndex.origin(tar), listed, Folders.AUTO, Need.LABELS, listed.train().size());
    assertThat(packed.train()).isInstanceOf(PackedSet.class);
    assertThat(packed.fingerprint()).isEqualTo(listed.fingerprint());
    assertThat(packed.sizes()).isEqualTo(listed.sizes());
    for (String part : listed.splits().keySet()) {
      assertThat(words(packed.splits().get(part))).isEqualTo(words(listed.splits().get(part)));
      assertThat(bytes(packed.splits().get(part))).isEqualTo(bytes(listed.splits().get(part)));
    }
    DataSet again = open(tar);
    assertThat(again.train()).isInstanceOf(PackedSet.class);
    assertThat(again.fingerprint()).isEqualTo(listed.fingerprint());
    assertThat(again.about()).isEqualTo(listed.about());
    assertThat(open2(tar, Folders.FLAT).train()).isNotInstanceOf(PackedSet.class);
  }

  private DataSet open2(Path tar, Folders folders) throws IOException {
    return new Catalogue(null, cache).open(tar.toString(), folders, Need.LABELS);
  }

  private static List<String> names(PackedFile shard) {
    return IntStream.range(0, shard.head().rows()).mapToObj(shard::name).toList();
  }

  private OneShard one(Path tar) throws IOException {
    Origin file = Origin.of(Origin.Form.PLAIN, tar);
    return new OneShard(ShardFiles.Form.TAR, file, "x/", Part.TRAIN, cache, 1);
  }

  @Test
  void aShardThatWasListedIsNotListedAgainUnlessItIsAnotherOrWhatIsKeptIsDamaged()
      throws IOException {
    Path tar = shard("x.tar", "a.jpg=one", "a.cls=1", "b.jpg=two", "b.json={\"split\":\"test\"}");
    OneShard shard = one(tar);
    List<String> listed = names(shard.listed(() -> false));
    assertThat(listed).containsExactly("x/a.jpg", "x/b.jpg");
    byte[] bytes = Files.readAllBytes(tar);
    Files.delete(tar);
    assertThat(names(shard.listed(() -> false))).isEqualTo(listed);
    Path kept;
    try (Stream<Path> files = Files.list(cache.resolve("sets/shards"))) {
      kept = files.findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(kept);
    good[good.length / 2] ^= 1;
    Files.write(kept, good);
    assertThatThrownBy(() -> shard.listed(() -> false)).isInstanceOf(IOException.class);
    Files.write(tar, bytes);
    assertThat(names(one(tar).listed(() -> false))).isEqualTo(listed);
    shard("x.tar", "c.jpg=three", "c.cls=1");
    assertThat(names(one(tar).listed(() -> false))).containsExactly("x/c.jpg");
    OneShard.forget(List.of(one(tar)), cache);
    assertThat(kept).doesNotExist();
  }

  @Test
  void manyShardsAreOneSetInTheOrderOfTheirNamesWithAllThatWasCounted() throws IOException {
    List<String> expected = new ArrayList<>();
    List<String> judged = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String key = "k%02d".formatted(i);
      shard(
          "m/%02d.tar".formatted(i),
          key + ".jpg=picture " + i,
          key
              + ".json={\"cls\": \"c%d\", \"split\": \"%s\"}"
                  .formatted(i % 3, i % 2 == 0 ? "train" : "val"),
          "bare.jpg=none",
          ".hidden=h",
          "x.txt=words");
      (i % 2 == 0 ? expected : judged).add("%02d/%s.jpg c%d -".formatted(i, key, i % 3));
      expected.add("%02d/bare.jpg - -".formatted(i));
    }
    try (Stream<Path> files = Files.list(folder.resolve("m"))) {
      for (Path file : files.toList()) {
        MemoryStore.put("memory://many/m/" + file.getFileName(), Files.readAllBytes(file), "1");
      }
    }
    // Of another machine, several are listed at a time wherever this runs.
    DataSet set = new Catalogue(null, cache).open("memory://many/m");
    assertThat(set.about()).isEqualTo(open(folder.resolve("m")).about());
    assertThat(words(set.train())).isEqualTo(expected);
    assertThat(words(set.test())).isEqualTo(judged);
    assertThat(bytes(set.test())).startsWith("picture 1", "picture 3").hasSize(30);
    assertThat(set.leftOut().count(LeftOut.Kind.HIDDEN)).isEqualTo(60);
    assertThat(set.about().others().stream().map(o -> o.what() + o.files())).contains(".txt60");
    assertThat(set.about().notes().get(0)).startsWith("60 of 120 pictures have no class: ");
  }

  @Test
  void manyShardsDoNotStayOpen() throws IOException {
    for (int i = 0; i < 80; i++) {
      shard("s/%03d.tar".formatted(i), "a.jpg=picture " + i, "a.cls=" + i % 2);
    }
    DataSet set = open(folder.resolve("s"));
    assertThat(bytes(set.train())).hasSize(80).contains("picture 79");
  }

  @Test
  void tablesBesideTarsAndPicturesAreLeftOutUnlessTheyHoldPictures() throws IOException {
    shard("i/00000.tar", "1.jpg=one", "1.txt=words", "1.json={\"url\": \"x\"}");
    Files.writeString(folder.resolve("i/00000.parquet"), "url and caption");
    Files.writeString(folder.resolve("i/00000_stats.json"), "{}");
    DataSet set = open(folder.resolve("i"));
    assertThat(bytes(set.train())).containsExactly("one");
    assertThat(set.about().others().stream().map(OtherFiles::what)).contains(".parquet");

    shard("w/0.tar", "1.jpg=one", "1.cls=cat");
    Files.writeString(folder.resolve("w/meta.parquet"), "url and caption");
    set = open(folder.resolve("w"));
    assertThat(words(set.train())).containsExactly("0/1.jpg cat -");
    assertThat(set.about().others().stream().map(OtherFiles::what)).contains(".parquet");

    Path pictures = Files.createDirectories(folder.resolve("p/cat"));
    Files.write(pictures.resolve("no-ending"), new byte[] {(byte) 0xff, (byte) 0xd8, -1, -32, 0});
    Files.writeString(folder.resolve("p/meta.parquet"), "url and caption");
    assertThat(open(folder.resolve("p")).train().size()).isEqualTo(1);
  }

  @Test
  void aFolderOfTablesAloneIsRefusedByTheTable() throws IOException {
    Files.writeString(folder.resolve("0.parquet"), "no table at all");
    Files.writeString(folder.resolve("README.md"), "about");
    Files.writeString(folder.resolve("LICENSE"), "do");
    assertThatThrownBy(() -> open(folder)).hasMessageContaining("0.parquet cannot be read");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 80})
  void aShardThatChangedSinceItWasListedIsNotRead(int shards) throws IOException {
    for (int i = 0; i < shards; i++) {
      shard("s/%02d.tar".formatted(i), "a.jpg=picture a", "a.cls=1");
    }
    ImageSet set = open(folder.resolve("s")).train();
    Path first = folder.resolve("s/00.tar");
    Files.setLastModifiedTime(first, FileTime.fromMillis(5000));
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessage(first + " changed since it was listed; bring it back, or start again");
    Files.delete(first);
    assertThatThrownBy(() -> set.image(0).bytes()).hasMessageContaining("bring it back");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 80})
  void aShardIsReadOnAfterAnInterrupt(int shards) throws IOException {
    for (int i = 0; i < shards; i++) {
      shard("s/%02d.tar".formatted(i), "a.jpg=picture a", "a.cls=1");
    }
    ImageSet set = open(folder.resolve("s")).train();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> set.image(0).bytes()).isInstanceOf(IOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(set.image(0).bytes()).asString().isEqualTo("picture a");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> set.image(0).bytes()).isInstanceOf(IOException.class);
    assertThat(Thread.interrupted()).isTrue();
    Files.setLastModifiedTime(folder.resolve("s/00.tar"), FileTime.fromMillis(5000));
    assertThatThrownBy(() -> set.image(0).bytes())
        .hasMessageContaining("00.tar changed since it was listed");
  }

  @Test
  void whatChangesWhileItIsListedIsNotKept() throws IOException {
    Path tar = shard("s/0.tar", "a.jpg=one", "a.cls=1");
    shard("s/1.tar", "a.jpg=two", "a.cls=1");
    int[] asked = new int[1];
    assertThatThrownBy(
            () ->
                new Catalogue(null, cache)
                    .open(
                        folder.resolve("s").toString(),
                        () -> {
                          // Asked after the origins were taken, and before the last file is read.
                          if (++asked[0] == 5) {
                            assertThat(tar.toFile().setLastModified(5000)).isTrue();
                          }
                          return false;
                        }))
        .hasMessageContaining("changed since it was listed");
    assertThat(kept()).isEmpty();
    Path one = shard("x.tar", "cat/1.jpg=one", "dog/2.jpg=two");
    DataSet listed = open(one);
    Origin before = KeptIndex.origin(one);
    Files.setLastModifiedTime(one, FileTime.fromMillis(5000));
    assertThatThrownBy(() -> KeptIndex.packed(cache, before, listed, Folders.AUTO, Need.LABELS, 1))
        .hasMessageContaining("changed since it was listed");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void manyCompressedFilesDoNotStayOpenEither() throws IOException {
    List<Origin> origins = new ArrayList<>();
    try (PackedWriter writer = new PackedWriter(cache)) {
      for (int i = 0; i < 70; i++) {
        Path tar = shard("c/%02d.tar".formatted(i), "a.jpg=picture " + i);
        Path gz = folder.resolve("c/%02d.tar.gz".formatted(i));
        try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(gz))) {
          out.write(Files.readAllBytes(tar));
        }
        origins.add(KeptIndex.origin(gz));
        int origin = writer.origin(origins.get(i));
        writer.add(Part.TRAIN, i + "/a.jpg", null, null, origin, 512, ("picture " + i).length());
      }
      DataSet set = writer.write("x", null, About.NOTHING, LeftOut.NONE).dataSet("x");
      assertThat(bytes(set.train())).hasSize(70).contains("picture 69");
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        assertThat(open.filter(fd -> led(fd).matches(cache + "/[^/]+\\.tar")).count())
            .isLessThanOrEqualTo(64);
      }
      assertThat(bytes(set.train())).contains("picture 0");
    }
  }

  private static String led(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void noTwoPicturesOfASetHaveOneName() throws IOException {
    shard("s/x.tar", "y/z.jpg=one", "y/z.cls=1");
    shard("s/x/y.tar", "z.jpg=two", "z.cls=1");
    assertThatThrownBy(() -> open(folder.resolve("s")))
        .hasMessageContaining("y.tar holds z.jpg twice, or another shard has x/y/z.jpg");
    shard("t/a.tar", "1.jpg=one", "1.cls=1");
    Path upper = shard("t/a.TAR", "1.jpg=two", "1.cls=1");
    try (Stream<Path> files = Files.list(upper.getParent())) {
      assumeTrue(files.count() == 2, "names here tell no capital letters");
    }
    assertThatThrownBy(() -> open(folder.resolve("t"))).hasMessageContaining("has a/1.jpg");
  }

  private DataSet shards(Path place) throws IOException {
    return open2(place, Folders.SHARDS);
  }

  private Path link(String name, Path to) throws IOException {
    Path link = folder.resolve(name);
    Files.createDirectories(link.getParent());
    return Files.createSymbolicLink(link, to);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aShardThatIsALinkToNothingIsRefusedByNameAndNotLeftOut() throws IOException {
    for (String name : List.of("1.tar", "more", "1.parquet")) {
      String set = "of-" + name;
      shard(set + "/0.tar", "a.jpg=one", "a.cls=1");
      if (name.endsWith(".parquet")) {
        Files.delete(folder.resolve(set + "/0.tar"));
      }
      Path dead = link(set + "/" + name, folder.resolve("gone"));
      assertThatThrownBy(() -> open(folder.resolve(set)))
          .hasMessageContaining(dead + " is a link that leads nowhere");
      assertThatThrownBy(() -> shards(folder.resolve(set)))
          .hasMessageContaining(dead + " is a link that leads nowhere");
    }
    shard("classes/cat.tar", "1.jpg=one");
    Path dogs = link("classes/dog.zip", folder.resolve("gone"));
    assertThatThrownBy(() -> open(folder.resolve("classes")))
        .hasMessageContaining(dogs + " cannot be read");
    shard("notes/0.tar", "a.jpg=one", "a.cls=1");
    link("notes/about.txt", folder.resolve("gone"));
    link("notes/.hidden", folder.resolve("gone"));
    assertThat(words(open(folder.resolve("notes")).train())).containsExactly("0/a.jpg 1 -");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFolderWithoutEndIsNoLoosePicture() throws IOException {
    shard("loop/0.tar", "a.jpg=one", "a.cls=1");
    Path back = link("loop/back", folder.resolve("loop"));
    assertThatThrownBy(() -> shards(folder.resolve("loop")))
        .hasMessageContaining(back + " is a link back to a folder that it lies in");
  }

  @Test
  void askedForShardsTheTableSaysWhatIsWrongWithItAndAnEmptyFolderIsEmpty() throws IOException {
    Path table = Files.createDirectories(folder.resolve("spark")).resolve("part-0.parquet");
    Files.writeString(table, "no table at all");
    for (String beside : List.of("_SUCCESS", "strange")) {
      Files.writeString(table.resolveSibling(beside), "");
      assertThatThrownBy(() -> shards(table.getParent()))
          .hasMessageContaining("part-0.parquet cannot be read as a shard");
    }
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> shards(empty)).hasMessageContaining(empty + " is empty");
  }

  @Test
  void classesThatAreNotUtf8AreDecodedByTheGuessOfNamesAndStayApart() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String label : List.of("K\u00fche", "K\u00f6he")) {
      TarTest.entry(tar, '0', label.length() + label.charAt(1) + ".jpg", "", new byte[] {1});
      byte[] raw = label.getBytes(StandardCharsets.ISO_8859_1);
      TarTest.entry(tar, '0', label.length() + label.charAt(1) + ".cls", "", raw);
    }
    tar.write(new byte[1024]);
    Path file = Files.write(folder.resolve("latin.tar"), tar.toByteArray());
    assertThat(open(file).train().classes()).containsExactly("K\u00f6he", "K\u00fche");
  }

  @Test
  void classesApartFromTheirPicturesAreSaid() throws IOException {
    // The look at the first entries finds a picture with its class; the listing goes by neighbours.
    Path tar = shard("x.tar", "a.cls=1", "b.cls=2", "a.jpg=picture", "b.jpg=picture");
    DataSet set = open(tar);
    assertThat(set.train().classes()).isEmpty();
    assertThat(set.about().notes()).singleElement().asString().contains("2 KEY.cls stand apart");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"label\": [\"a\", \"b\"]}",
        "{\"label\": {\"a\": 1}}",
        "{\"class\": 1.5}",
        "{\"label\": true, \"domain\": []}"
      })
  void aLabelThatIsNoNameIsNone(String json) throws IOException {
    Path tar = shard("x.tar", "a.jpg=picture", "a.json=" + json);
    assertThat(open2(tar, Folders.AUTO).about().layout()).doesNotContain("WebDataset");
    DataSet shards = open2(tar, Folders.SHARDS);
    assertThat(words(shards.train())).containsExactly("a.jpg - -");
    assertThat(shards.about().notes())
        .singleElement()
        .asString()
        .startsWith("1 labels are neither a text nor a whole number")
        .contains("a.json has the");
  }

  @Test
  void anotherFieldThatIsANameIsTheLabel() throws IOException {
    Path tar = shard("x.tar", "a.jpg=picture", "a.json={\"label\": [1], \"class\": \"cat\"}");
    assertThat(words(open(tar).train())).containsExactly("a.jpg cat -");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void twoShardsThatLookAlikeAreRefusedByBothNames() throws IOException {
    shard("\u00e4.tar", "a.jpg=first", "a.cls=0");
    shard("a\u0308.tar", "a.jpg=second", "a.cls=1");
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\\u00E4.tar and a\\u0308.tar look alike");
  }

  @Test
  void twoShardsOfAnotherMachineThatLookAlikeAreRefusedByBothNames() {
    List<RemoteStore.Found> found =
        List.of(
            new RemoteStore.Found("s3://b/set/a\u0308.tar", 1, 1, "1"),
            new RemoteStore.Found("s3://b/set/\u00e4.tar", 1, 1, "2"));
    assertThatThrownBy(() -> ShardFiles.of("s3://b/set", found, cache))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("s3://b/set: a\\u0308.tar and \\u00E4.tar look alike");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aBackslashIsALetterOfAShardsName() throws IOException {
    shard("a/b.tar", "a.jpg=first", "a.cls=0");
    shard("a\\b.tar", "a.jpg=second", "a.cls=1");
    assertThat(words(open(folder).train())).containsExactly("a/b/a.jpg 0 -", "a\\b/a.jpg 1 -");
  }

  @Test
  void endingsMayBeInCapitals() throws IOException {
    DataSet set = open(shard("x.tar", "a.JPG=picture", "a.CLS=cat"));
    assertThat(words(set.train())).containsExactly("a.JPG cat -");
  }

  @Test
  void aCompressedTarAmongPlainOnesIsRefusedByName() throws IOException {
    shard("a.tar", "a.jpg=picture", "a.cls=1");
    Files.write(folder.resolve("b.tar.gz"), new byte[600]);
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("b.tar.gz")
        .hasMessageContaining("expected plain ones");
  }

  @Test
  void whatStandsInThePlaceOfPicturesIsSaid() throws IOException {
    Path dots = shard("dots.tar", "img.v1.0000.jpg=picture", "img.v1.0000.cls=1");
    assertThatThrownBy(() -> open2(dots, Folders.SHARDS))
        .hasMessageContaining("dots.tar has no pictures in its shards")
        .hasMessageContaining("ends at the first dot");
    Path tars = shard("tars.tar", "a.tar=no picture");
    assertThatThrownBy(() -> open2(tars, Folders.SHARDS))
        .hasMessageContaining("but archives: unpack it once");
  }
}
