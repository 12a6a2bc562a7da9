package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class LayoutTest {
  @TempDir Path folder;
  @TempDir Path cache;

  /** Writes files whose content is their own path. */
  static void write(Path folder, String... paths) throws IOException {
    for (String path : paths) {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, path);
    }
  }

  /** Each picture as {@code id=class@domain}, sorted as the set has them. */
  static List<String> rows(ImageSet set) {
    return IntStream.range(0, set.size())
        .mapToObj(set::image)
        .map(
            i ->
                "%s=%s@%s"
                    .formatted(
                        i.id(),
                        i.label() == Image.NONE ? "-" : set.classes().get(i.label()),
                        i.domain() == Image.NONE ? "-" : set.domains().get(i.domain())))
        .toList();
  }

  private DataSet open() throws IOException {
    return new Catalogue(null, cache).open(folder.toString());
  }

  @Test
  void trainAndTestFoldersAreTheTwoParts() throws IOException {
    write(folder, "train/cat/1.jpg", "train/dog/1.png", "test/cat/2.JPEG", "test/emu/1.webp");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("train/cat/1.jpg=cat@-", "train/dog/1.png=dog@-");
    assertThat(rows(set.test())).containsExactly("test/cat/2.JPEG=cat@-", "test/emu/1.webp=emu@-");
    assertThat(set.train().classes()).containsExactly("cat", "dog", "emu");
    assertThat(set.test().classes()).isEqualTo(set.train().classes());
    assertThat(set.name()).isEqualTo(folder.getFileName().toString());
    assertThat(set.splits()).containsOnlyKeys("train", "test");
  }

  @Test
  void partsAreKnownByTheirOtherNamesInAnyCase() throws IOException {
    write(folder, "Training/cat/1.jpg", "valid/cat/2.jpg", "TEST/cat/3.jpg");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("Training/cat/1.jpg=cat@-");
    assertThat(rows(set.validation())).containsExactly("valid/cat/2.jpg=cat@-");
    assertThat(rows(set.test())).containsExactly("TEST/cat/3.jpg=cat@-");
  }

  @Test
  void picturesAreReadFromTheFolder() throws IOException {
    write(folder, "cat/1.jpg", "dog/1.jpg");
    assertThat(open().train().image(1).bytes())
        .isEqualTo("dog/1.jpg".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aLoneTrainFolderStaysAPart() throws IOException {
    write(folder, "train/cat/1.jpg", "train/dog/1.jpg");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("train/cat/1.jpg=cat@-", "train/dog/1.jpg=dog@-");
    assertThat(set.test().size()).isZero();
  }

  @Test
  void theSameClassesInSeveralFoldersMakeTheFoldersDomains() throws IOException {
    write(folder, "photo/cat/1.jpg", "photo/dog/1.jpg", "sketch/cat/1.jpg", "sketch/dog/1.jpg");
    DataSet set = open();
    assertThat(rows(set.train()))
        .containsExactly(
            "photo/cat/1.jpg=cat@photo",
            "photo/dog/1.jpg=dog@photo",
            "sketch/cat/1.jpg=cat@sketch",
            "sketch/dog/1.jpg=dog@sketch");
    assertThat(set.train().domains()).containsExactly("photo", "sketch");
  }

  @Test
  void foldersOfDifferentClassesAreNoDomains() throws IOException {
    write(folder, "a/x/1.jpg", "b/y/1.jpg", "c/z/1.jpg");
    DataSet set = open();
    assertThat(set.train().domains()).isEmpty();
    assertThat(set.train().classes()).containsExactly("a", "b", "c");
  }

  @Test
  void foldersThatAreDatesAreNoClassesAndNamesKeepThem() throws IOException {
    write(folder, "2026/11/27/1.jpg", "2026/11/28/1.jpg", "2026/11/28/2.jpg");
    DataSet set = open();
    assertThat(rows(set.train()))
        .containsExactly("2026/11/27/1.jpg=-@-", "2026/11/28/1.jpg=-@-", "2026/11/28/2.jpg=-@-");
    assertThat(set.about().notes()).singleElement().asString().contains("--layout class");
    // The next month changes nobody's name.
    write(folder, "2026/12/01/1.jpg", "3.jpg");
    assertThat(rows(open().train())).contains("2026/11/27/1.jpg=-@-").hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-28",
        "2026-11",
        "20261128",
        "2026.11.28",
        "2026/2026-11-28",
        "2026/11/20261128",
        "DCIM/2026/11",
        "2026/11/2026-11-28"
      })
  void datesAreKnownInTheFormsOfCamerasAndUploads(String date) {
    assertThat(Dates.all(List.of(date + "/1.jpg", "beside.jpg"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026", "7", "11/28", "2026/13", "cat/2026x11", "123456789", "2026-11-28x"})
  void whatIsNoDateStaysAClass(String name) {
    assertThat(Dates.all(List.of(name + "/1.jpg"))).isFalse();
  }

  @Test
  void daysWithinClassesLeaveTheClasses() throws IOException {
    write(folder, "cat/2026-11-27/1.jpg", "dog/2026-11-28/1.jpg", "dog/2026-11-27/2.jpg");
    assertThat(open().train().classes()).isNotEmpty();
    assertThat(Dates.all(List.of("cat/2026-11-27/1.jpg", "dog/2026-11-28/1.jpg"))).isFalse();
  }

  @Test
  void classFoldersAreLabels() throws IOException {
    write(folder, "b/1.jpg", "a/2.bmp", "a/1.gif", "c/1.tif");
    assertThat(rows(open().train()))
        .containsExactly("a/1.gif=a@-", "a/2.bmp=a@-", "b/1.jpg=b@-", "c/1.tif=c@-");
  }

  @Test
  void aFlatFolderIsUnlabelled() throws IOException {
    write(folder, "2.jpg", "1.jpg");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("1.jpg=-@-", "2.jpg=-@-");
    assertThat(set.train().classes()).isEmpty();
    assertThat(set.train().domains()).isEmpty();
  }

  @Test
  void aSingleTopFolderIsStrippedWithAReadmeBesideIt() throws IOException {
    write(folder, "README.md", "set-1.0/LICENCE", "set-1.0/cat/1.jpg", "set-1.0/dog/1.jpg");
    assertThat(rows(open().train())).containsExactly("cat/1.jpg=cat@-", "dog/1.jpg=dog@-");
  }

  @Test
  void severalTopFoldersInsideOneAnotherAreStripped() throws IOException {
    write(folder, "a/b/test/cat/1.jpg", "a/b/train/cat/1.jpg", "a/notes.txt");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("train/cat/1.jpg=cat@-");
    assertThat(rows(set.test())).containsExactly("test/cat/1.jpg=cat@-");
  }

  @Test
  void aSingleClassKeepsItsFolder() throws IOException {
    write(folder, "cat/1.jpg", "cat/2.jpg", "notes/deep/er/x.txt");
    assertThat(rows(open().train())).containsExactly("cat/1.jpg=cat@-", "cat/2.jpg=cat@-");
  }

  @Test
  void tinyImageNetsAnnotationsLabelItsValidationPart() throws IOException {
    write(
        folder,
        "tiny/train/n01/images/a.JPEG",
        "tiny/train/n02/images/b.JPEG",
        "tiny/val/images/val_0.JPEG",
        "tiny/val/images/val_1.JPEG",
        "tiny/test/images/test_0.JPEG");
    Files.writeString(
        folder.resolve("tiny/val/val_annotations.txt"),
        "val_0.JPEG\tn02\t0\t0\t63\t63\nval_1.JPEG\tn01\t0\t0\t63\t63\n");
    DataSet set = open();
    assertThat(set.train().classes()).containsExactly("n01", "n02");
    assertThat(rows(set.test()))
        .containsExactly("val/images/val_0.JPEG=n02@-", "val/images/val_1.JPEG=n01@-");
  }

  @Test
  void hiddenFilesAndWhatArchiversAddAreLeftOut() throws IOException {
    write(folder, "cat/1.jpg", "cat/._1.jpg", ".git/x/2.jpg", "__MACOSX/cat/1.jpg");
    assertThat(rows(open().train())).containsExactly("cat/1.jpg=cat@-");
  }

  @Test
  void filesThatAreNoPicturesAreCountedInTheLog() throws IOException {
    write(folder, "cat/1.jpg", "cat/2.jpg", "cat/3.jpg", "cat/1.txt", "cat/notes", "README.md");
    Logger log = (Logger) LoggerFactory.getLogger(OtherFiles.class);
    Level before = log.getLevel();
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    log.setLevel(Level.INFO);
    log.addAppender(heard);
    try {
      open();
    } finally {
      log.detachAppender(heard);
      log.setLevel(before);
    }
    assertThat(heard.list)
        .singleElement()
        .satisfies(e -> assertThat(e.getLevel()).isEqualTo(Level.INFO))
        .satisfies(
            e ->
                assertThat(e.getFormattedMessage())
                    .contains("3 files", "not pictures", "1 .md", "1 no ending"));
  }

  @Test
  void anEmptyFolderIsRefused() {
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("no pictures")
        .hasMessageContaining("0 files");
  }

  @Test
  void aFolderWithoutPicturesSaysHowManyFilesItHas() throws IOException {
    write(folder, "a/1.txt", "b/2.csv");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none of its 2 files")
        .hasMessageContaining(".jpg");
  }

  @Test
  void theFingerprintDependsOnIdsAndClassNamesButNotOnThePlace(@TempDir Path other)
      throws IOException {
    write(folder, "train/a/1.jpg", "test/a/2.jpg");
    write(other, "top/train/a/1.jpg", "top/test/a/2.jpg");
    Catalogue catalogue = new Catalogue(null, cache);
    String print = open().fingerprint();
    assertThat(print).matches("[0-9a-f]{64}");
    assertThat(catalogue.open(other.toString()).fingerprint()).isEqualTo(print);
    // The same ids and label numbers under other class names are another set.
    Labelled.Row a = new Labelled.Row("1", "a", null, () -> new byte[0]);
    Labelled.Row b = new Labelled.Row("1", "b", null, () -> new byte[0]);
    Labelled.Row none = new Labelled.Row("1", null, null, () -> new byte[0]);
    assertThat(
            List.of(a, b, none).stream()
                .map(r -> new Layout.Parts(List.of(r), List.of()))
                .map(p -> LocalSets.dataSet("s", p, false, Metric.TOP1).fingerprint()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aLinkedSetAndLinkedClassFoldersAreRead(@TempDir Path elsewhere) throws IOException {
    write(elsewhere, "all/cat/1.jpg", "one/2.jpg", "dogs/3.jpg");
    Files.createSymbolicLink(elsewhere.resolve("all/dog"), elsewhere.resolve("dogs"));
    Files.createSymbolicLink(elsewhere.resolve("all/cat/2.jpg"), elsewhere.resolve("one/2.jpg"));
    Path photos = Files.createSymbolicLink(folder.resolve("photos"), elsewhere.resolve("all"));
    DataSet set = new Catalogue(null, cache).open(photos.toString());
    assertThat(rows(set.train()))
        .containsExactly("cat/1.jpg=cat@-", "cat/2.jpg=cat@-", "dog/3.jpg=dog@-");
    assertThat(set.train().image(2).bytes())
        .isEqualTo("dogs/3.jpg".getBytes(StandardCharsets.UTF_8));
    assertThat(set.name()).isEqualTo("photos");
  }

  @Test
  void aLinkThatLoopsIsRefusedByItsName() throws IOException {
    write(folder, "cat/1.jpg", "dog/1.jpg");
    Path loop = Files.createSymbolicLink(folder.resolve("cat/again"), folder);
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(loop.toString())
        .hasMessageContaining("link back to a folder that it lies in")
        .hasMessageContaining("remove the link");
  }

  @Test
  void aLoopInAHiddenFolderIsNobodysBusiness() throws IOException {
    write(folder, "cat/1.jpg", ".cache/x/1.jpg");
    Files.createSymbolicLink(folder.resolve(".cache/x/again"), folder);
    assertThat(rows(open().train())).containsExactly("cat/1.jpg=cat@-");
  }

  @Test
  void aClassFolderLinkedToNowhereIsRefusedAndADeadPictureStaysToBeQuarantined()
      throws IOException {
    write(folder, "cat/1.jpg");
    Files.createSymbolicLink(folder.resolve("cat/2.jpg"), folder.resolve("gone.jpg"));
    ImageSet set = open().train();
    assertThat(rows(set)).containsExactly("cat/1.jpg=cat@-", "cat/2.jpg=cat@-");
    assertThatThrownBy(() -> set.image(1).bytes()).isInstanceOf(IOException.class);
    Path dead = Files.createSymbolicLink(folder.resolve("dog"), folder.resolve("unmounted"));
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(dead.toString())
        .hasMessageContaining("leads nowhere");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cover.jpg", "extra/1.jpg"})
  void aPictureBesideTrainAndTestDoesNotMakeThemClasses(String stray) throws IOException {
    write(folder, "train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg");
    write(folder, stray);
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("{train,test}/CLASS/image")
        .hasMessageContaining("1 of its 5 pictures")
        .hasMessageContaining(stray)
        .hasMessageContaining("move it into place");
  }

  @Test
  void aPictureBesideALoneTrainFolderIsRefused() throws IOException {
    write(folder, "set/train/cat/1.jpg", "set/train/dog/1.jpg", "set/cover.png");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cover.png");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cover.jpg", "photo/cover.jpg", "photo/cat/more/cover.jpg"})
  void aPictureBesideDomainsDoesNotMakeThemClasses(String stray) throws IOException {
    write(folder, "photo/cat/1.jpg", "photo/dog/1.jpg", "sketch/cat/1.jpg", "sketch/dog/1.jpg");
    write(folder, stray);
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DOMAIN/CLASS/image")
        .hasMessageContaining("1 of its 5 pictures")
        .hasMessageContaining(stray);
  }

  @Test
  void aPictureBesideTheOneFolderAroundTheClassesDoesNotMakeItAClass() throws IOException {
    write(folder, "cover.jpg", "set-1.0/cat/1.jpg", "set-1.0/dog/1.jpg");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set-1.0/CLASS/image")
        .hasMessageContaining("cover.jpg");
    write(folder, "set-1.0/train/1/1.jpg", "set-1.0/train/2/1.jpg", "set-1.0/test/1/1.jpg");
    assertThatThrownBy(this::open)
        .hasMessageContaining("set-1.0 lies as {train,test}/CLASS/image")
        .hasMessageContaining("cat/1.jpg, dog/1.jpg");
  }

  @Test
  void manyStraysAreCountedAndAFewNamed() throws IOException {
    for (int i = 0; i < 9; i++) {
      write(folder, "train/cat/%d.jpg".formatted(i), "val/cat/%d.jpg".formatted(i), i + ".jpg");
    }
    assertThatThrownBy(this::open)
        .hasMessageContaining("9 of its 27 pictures do not")
        .hasMessageContaining("0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, …; move them");
  }

  @Test
  void aCameraRollOfManyDepthsAndAClassCalledTrainStayAsTheyWere() throws IOException {
    write(folder, "1.jpg", "2.jpg", "may/3.jpg", "may/4.jpg", "may/trip/5.jpg");
    assertThat(open().train().size()).isEqualTo(5);
    write(folder, "toys/train/1.jpg", "toys/car/1.jpg");
    DataSet toys = new Catalogue(null, cache).open(folder.resolve("toys").toString());
    assertThat(toys.train().classes()).containsExactly("car", "train");
  }

  @Test
  void aFolderNameThatEveryClassHasInsideTellsNoDomains() throws IOException {
    write(folder, "n01/images/1.jpg", "n02/images/2.jpg");
    DataSet set = open();
    assertThat(set.train().classes()).containsExactly("n01", "n02");
    assertThat(set.train().domains()).isEmpty();
  }
}
