package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.ImageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryNamesTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private DataSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString());
  }

  private static List<String> ids(ImageSet set) {
    return IntStream.range(0, set.size()).mapToObj(i -> set.image(i).id()).toList();
  }

  /** A zip whose names are in an encoding that no flag tells; each file holds its name. */
  private Path zip(String file, Charset charset, String... names) throws IOException {
    Path path = folder.resolve(file);
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(path)) {
      out.setEncoding(charset.name());
      out.setUseLanguageEncodingFlag(false);
      out.setCreateUnicodeExtraFields(ZipArchiveOutputStream.UnicodeExtraFieldPolicy.NEVER);
      for (String name : names) {
        out.putArchiveEntry(new ZipArchiveEntry(name));
        out.write(name.getBytes(StandardCharsets.UTF_8));
        out.closeArchiveEntry();
      }
    }
    return path;
  }

  private Path tar(String file, Charset charset, String... names) throws IOException {
    Path path = folder.resolve(file);
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(Files.newOutputStream(path), charset.name())) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (String name : names) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
      }
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-8, 猫/1.png, 狗/1.png, 鸟/1.png",
    "GBK, 猫/1.png, 狗/1.png, 鸟/1.png",
    "GBK, 猫猫/1.png, 狗/1.png, 鸡/1.png", // the first is UTF-8 as well, of other letters
    "windows-31j, ねこ/1.png, いぬ/1.png, 表示/1.png", // 表 ends in a backslash's byte
    "EUC-JP, ねこ/1.png, いぬ/1.png, とり/1.png",
    "Big5, 小貓/1.png, 小狗/1.png, 小鳥/1.png",
    "IBM437, Käfer/1.png, Vögel/1.png, Füchse/1.png",
    "windows-1252, Käfer/1.png, Vögel/1.png, Füchse/1.png",
    "IBM866, кошка/1.png, собака/1.png, птица/1.png"
  })
  void namesOfEveryEncodingAreTheSameInZipAndTar(String charset, String a, String b, String c)
      throws IOException {
    DataSet plain = open(zip("plain.zip", StandardCharsets.UTF_8, a, b, c));
    assertThat(ids(plain.train())).containsExactlyInAnyOrder(a, b, c);
    DataSet zip = open(zip("x.zip", Charset.forName(charset), a, b, c));
    DataSet tar = open(tar("x.tar", Charset.forName(charset), a, b, c));
    assertThat(zip.fingerprint()).isEqualTo(plain.fingerprint());
    assertThat(tar.fingerprint()).isEqualTo(plain.fingerprint());
    for (int i = 0; i < 3; i++) {
      assertThat(new String(tar.train().image(i).bytes(), StandardCharsets.UTF_8))
          .isEqualTo(tar.train().image(i).id());
    }
  }

  @Test
  void aDozenHangulAreKorean() throws IOException {
    String[] names = {"고양이/1.png", "강아지/1.png", "비둘기/1.png", "다람쥐/1.png", "토끼/1.png"};
    assertThat(ids(open(zip("x.zip", Charset.forName("EUC-KR"), names)).train()))
        .containsExactlyInAnyOrder(names);
  }

  @Test
  void noTwoNamesBecomeOneWhateverTheirBytes() throws IOException {
    // Every byte from 128 on, each a class: no encoding of words has them all.
    Map<String, byte[]> files = new TreeMap<>();
    for (int b = 128; b < 256; b++) {
      files.put((char) b + "/1.png", new byte[] {(byte) b});
    }
    Path path = folder.resolve("bytes.tar");
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(Files.newOutputStream(path), "ISO-8859-1")) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
        entry.setSize(1);
        out.putArchiveEntry(entry);
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
    DataSet set = open(path);
    assertThat(set.train().size()).isEqualTo(128);
    assertThat(set.train().classes()).hasSize(128);
  }

  @Test
  void aPaxHeaderThatIsNotUtf8IsDecodedAsTheOtherNames() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String name : List.of("猫/1.png", "狗/1.png")) {
      byte[] path = name.getBytes("GBK");
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      record.write(("%d path=".formatted(path.length + 9)).getBytes(StandardCharsets.US_ASCII));
      record.write(path);
      record.write('\n');
      TarTest.entry(tar, 'x', "pax", "", record.toByteArray());
      TarTest.entry(tar, '0', "short", "", new byte[] {1});
    }
    tar.write(new byte[1024]);
    Path file = Files.write(folder.resolve("pax.tar"), tar.toByteArray());
    assertThat(ids(open(file).train())).containsExactlyInAnyOrder("猫/1.png", "狗/1.png");
  }

  @Test
  void infoZipsUnicodePathIsBelieved() throws IOException {
    Path path = folder.resolve("x.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(path)) {
      out.setEncoding("IBM437");
      out.setUseLanguageEncodingFlag(false);
      out.setCreateUnicodeExtraFields(ZipArchiveOutputStream.UnicodeExtraFieldPolicy.ALWAYS);
      out.putArchiveEntry(new ZipArchiveEntry("猫/1.png"));
      out.closeArchiveEntry();
    }
    assertThat(ids(open(path).train())).containsExactly("猫/1.png");
  }

  @Test
  void backslashesOfAZipAreSeparatorsWhereNothingElseIs() throws IOException {
    Path zip = zip("w.zip", StandardCharsets.UTF_8, "cat\\1.png", "cat\\2.png", "dog\\1.png");
    assertThat(ids(open(zip).train())).containsExactly("cat/1.png", "cat/2.png", "dog/1.png");
  }

  @Test
  void aBackslashIsALetterInAFolderAndInItsTarAndZip() throws IOException {
    Assumptions.assumeTrue(folder.getFileSystem().getSeparator().equals("/"));
    Path set = folder.resolve("set");
    LayoutTest.write(set, "cat/a\\b.png", "cat/a/b.png", "dog/1.png");
    String[] names = {"cat/a\\b.png", "cat/a/b.png", "dog/1.png"};
    Path zip = folder.resolve("unix.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      for (String name : names) {
        ZipArchiveEntry entry = new ZipArchiveEntry(name) {};
        entry.setUnixMode(0100644);
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
      }
    }
    DataSet plain = open(set);
    assertThat(ids(plain.train())).contains("cat/a\\b.png", "cat/a/b.png");
    assertThat(open(tar("x.tar", StandardCharsets.UTF_8, names)).fingerprint())
        .isEqualTo(plain.fingerprint());
    assertThat(open(zip).fingerprint()).isEqualTo(plain.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.zip", "x.tar"})
  void dotsAndRootsAreNoPartOfAPath(String file) throws IOException {
    String[] names = {"./cat/1.png", "/cat/2.png", "cat//3.png", "x/../dog/1.png"};
    Path path =
        file.endsWith("zip")
            ? zip(file, StandardCharsets.UTF_8, names)
            : tar(file, StandardCharsets.UTF_8, names);
    assertThat(ids(open(path).train()))
        .containsExactly("cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.zip", "x.tar"})
  void aPictureThatLeadsOutIsRefusedByNameAndAnotherFileIsCounted(String file) throws IOException {
    boolean zip = file.endsWith("zip");
    Charset utf8 = StandardCharsets.UTF_8;
    String[] bad = {"cat/1.png", "../cat/2.png"};
    Path path = zip ? zip(file, utf8, bad) : tar(file, utf8, bad);
    assertThatThrownBy(() -> open(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file)
        .hasMessageContaining("../cat/2.png")
        .hasMessageContaining("leads out");
    String[] notes = {"cat/1.png", "../notes.txt"};
    DataSet set = open(zip ? zip(file, utf8, notes) : tar(file, utf8, notes));
    assertThat(set.train().size()).isEqualTo(1);
    assertThat(set.leftOut().count(LeftOut.Kind.OUTSIDE)).isEqualTo(1);
    assertThat(set.leftOut().json().toString()).contains("../notes.txt");
  }

  @Test
  void aSecondEntryOfOneNameInAZipIsRefusedByName() throws IOException {
    Path zip = zip("x.zip", StandardCharsets.UTF_8, "cat/1.png", "./cat/1.png", "dog/1.png");
    assertThatThrownBy(() -> open(zip))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cat/1.png twice");
  }

  @Test
  void composedAndDecomposedNamesAreOneClass() throws IOException {
    String composed = Normalizer.normalize("Käfer", Normalizer.Form.NFC);
    String decomposed = Normalizer.normalize("Käfer", Normalizer.Form.NFD);
    Path set = folder.resolve("set");
    LayoutTest.write(
        set, "train/" + decomposed + "/1.png", "test/" + composed + "/2.png", "train/Ibis/1.png");
    DataSet read = open(set);
    assertThat(read.train().classes()).containsExactly("Ibis", composed);
    assertThat(ids(read.train())).contains("train/" + composed + "/1.png");
    assertThat(read.train().image(1).bytes()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "x.zip", "x.tar"})
  void twoPicturesThatAreOneInNormalFormAreRefusedByBothNames(String form) throws IOException {
    String[] names = {"cat/\u00e4.png", "cat/a\u0308.png"};
    Path path = folder.resolve("set");
    if (form.equals("folder")) {
      LayoutTest.write(path, names);
    } else {
      path =
          form.endsWith("zip")
              ? zip(form, StandardCharsets.UTF_8, names)
              : tar(form, StandardCharsets.UTF_8, names);
    }
    Path set = path;
    assertThatThrownBy(() -> open(set))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cat/\\u00E4.png")
        .hasMessageContaining("cat/a\\u0308.png");
  }

  @Test
  void namesAreKeptWhateverElseTheyHold() throws IOException {
    String deep = "d/".repeat(200) + "1.png";
    String[] names = {
      "cat/1.png",
      "cat/1.PNG",
      "Cat/1.png",
      "cat /1.png",
      "cat./1.png",
      "c:t/1.png",
      "cat/a\nb.png",
      "cat/\u001b[31m.png",
      "cat/" + "x".repeat(200) + ".png",
      deep
    };
    DataSet tar = open(tar("x.tar", StandardCharsets.UTF_8, names));
    assertThat(ids(tar.train())).containsExactlyInAnyOrder(names);
    assertThat(open(zip("x.zip", StandardCharsets.UTF_8, names)).fingerprint())
        .isEqualTo(tar.fingerprint());
  }

  @Test
  void hiddenFilesAndFoldersAreCountedAlikeInFolderZipAndTar() throws IOException {
    String[] names = {
      "cat/1.png", ".git/a", ".git/b/c", "cat/.DS_Store", "__MACOSX/cat/._1.png", "cat/.x/1.png"
    };
    Path set = folder.resolve("set");
    LayoutTest.write(set, names);
    Map<String, Object> json = open(set).leftOut().json();
    assertThat(json.toString()).contains("count=4").contains(".git").contains("cat/.DS_Store");
    for (Path archive :
        List.of(
            zip("x.zip", StandardCharsets.UTF_8, names),
            tar("x.tar", StandardCharsets.UTF_8, names))) {
      assertThat(open(archive).leftOut().count(LeftOut.Kind.HIDDEN)).isEqualTo(4);
    }
  }

  @Test
  void aNamelessEntryIsCounted() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    TarTest.entry(tar, '0', "", "", new byte[] {1});
    TarTest.entry(tar, '0', "cat/1.png", "", new byte[] {1});
    tar.write(new byte[1024]);
    DataSet set = open(Files.write(folder.resolve("x.tar"), tar.toByteArray()));
    assertThat(set.train().size()).isEqualTo(1);
    assertThat(set.leftOut().count(LeftOut.Kind.NAMELESS)).isEqualTo(1);
  }

  /** Makes a file whose name has these bytes, a character each. */
  private static void onDisk(Path set, String raw, byte... content) throws IOException {
    Files.createDirectories(set);
    StringBuilder uri = new StringBuilder(set.toUri().toString());
    for (char c : raw.toCharArray()) {
      uri.append(c < 0x80 ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    Path file = Path.of(URI.create(uri.toString()));
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileOnDiskWhoseNameIsNotUtf8LeavesTheNamesOfOthersAlone() throws IOException {
    Path set = folder.resolve("set");
    LayoutTest.write(set, "猫/1.png", "猫/2.png", "鸟/ä.png");
    DataSet before = open(set);
    onDisk(set, "\u00e9.txt", (byte) 1);
    DataSet after = open(set);
    assertThat(after.fingerprint()).isEqualTo(before.fingerprint());
    assertThat(after.train().classes()).containsExactlyInAnyOrder("猫", "鸟");
    onDisk(set, NameEncoding.raw("猫/".getBytes(StandardCharsets.UTF_8)) + "\u00e9.png", (byte) 1);
    DataSet more = open(set);
    assertThat(ids(more.train())).contains("猫/1.png", "猫/2.png", "猫/é.png", "鸟/ä.png");
    assertThat(more.train().image(ids(more.train()).indexOf("猫/é.png")).bytes()).isNotEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void twoFilesOnDiskOfOneNameInTwoEncodingsAreRefused() throws IOException {
    Path set = folder.resolve("set");
    LayoutTest.write(set, "cat/é.png", "dog/1.png");
    onDisk(set, "cat/\u00e9.png");
    assertThatThrownBy(() -> open(set))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two files are called cat/é.png")
        .hasMessageContaining("rename one");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderIsTheSameSetInEveryLocale() throws Exception {
    Assumptions.assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
    Path set = folder.resolve("set");
    LayoutTest.write(set, "猫/1.png", "猫/2.png", "狗/1.png", "鸟/ä.png");
    DataSet here = open(set);
    assertThat(here.train().classes()).containsExactlyInAnyOrder("猫", "狗", "鸟");
    assertThat(elsewhere(set)).endsWith(here.fingerprint() + " 4");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderOfArchivesIsTheSameSetInEveryLocale() throws Exception {
    Assumptions.assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
    Path set = Files.createDirectories(folder.resolve("set"));
    Files.move(tar("x.tar", StandardCharsets.UTF_8, "1.png", "ä.png"), set.resolve("猫.tar"));
    Path dogs = tar("y.tar", StandardCharsets.UTF_8, "2.png");
    try (GZIPOutputStream gz =
        new GZIPOutputStream(Files.newOutputStream(set.resolve("狗.tar.gz")))) {
      Files.copy(dogs, gz);
    }
    DataSet here = open(set);
    assertThat(here.train().classes()).containsExactlyInAnyOrder("猫", "狗");
    assertThat(elsewhere(set)).endsWith(here.fingerprint() + " 3");
    assertThat(elsewhere(set)).endsWith(here.fingerprint() + " 3"); // from the cache
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderOfShardsIsTheSameSetInEveryLocale() throws Exception {
    Assumptions.assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
    Path set = Files.createDirectories(folder.resolve("set"));
    Files.move(
        tar("x.tar", StandardCharsets.UTF_8, "1.png", "1.cls"),
        Files.createDirectories(set.resolve("鸟")).resolve("猫.tar"));
    Files.move(tar("y.tar", StandardCharsets.UTF_8, "1.png", "1.cls"), set.resolve("狗.tar"));
    DataSet here = open(set);
    assertThat(ids(here.train())).containsExactly("狗/1.png", "鸟/猫/1.png");
    assertThat(elsewhere(set)).endsWith(here.fingerprint() + " 2");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aTarOrShardIsOpenedWhoseNameIsNotUtf8() throws Exception {
    Path set = folder.resolve("set");
    byte[] pictures = Files.readAllBytes(tar("x.tar", StandardCharsets.UTF_8, "1.png"));
    onDisk(set, "\u00e9.tar", pictures);
    onDisk(set, "\u00e8.tar", pictures);
    DataSet here = open(set);
    assertThat(here.train().classes()).containsExactlyInAnyOrder("é", "è");
    assertThat(elsewhere(set)).endsWith(here.fingerprint() + " 2");
    Path shards = folder.resolve("shards");
    byte[] samples = Files.readAllBytes(tar("y.tar", StandardCharsets.UTF_8, "1.png", "1.cls"));
    onDisk(shards, "\u00e9.tar", samples);
    onDisk(shards, "\u00e8.tar", samples);
    DataSet packed = open(shards);
    assertThat(ids(packed.train())).containsExactlyInAnyOrder("é/1.png", "è/1.png");
    assertThat(packed.train().image(0).bytes()).asString().isEqualTo("1.png");
    assertThat(elsewhere(shards)).endsWith(packed.fingerprint() + " 2");
  }

  /** What another process lists, whose locale is POSIX's: fingerprint and number of pictures. */
  private String elsewhere(Path set) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Fingerprint.class.getName(),
                set.toString(),
                cache.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("LC_ALL", "C");
    Process other = builder.start();
    String text = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    other.waitFor();
    return text;
  }

  /** Prints a set's fingerprint and how many bytes-bearing pictures it has. */
  static final class Fingerprint {
    public static void main(String[] args) throws Exception {
      DataSet set = new Catalogue(null, Path.of(args[1])).open(args[0]);
      int read = 0;
      for (int i = 0; i < set.train().size(); i++) {
        read += set.train().image(i).bytes().length > 0 ? 1 : 0;
      }
      System.out.print("\n" + set.fingerprint() + " " + read);
    }
  }
}
