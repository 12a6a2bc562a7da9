package dev.millrace.stream.source;

import static dev.millrace.stream.source.LayoutTest.rows;
import static dev.millrace.stream.source.LayoutTest.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts as people have them: read right, or refused by the folder's name with a mend. */
class FoldersTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private DataSet open() throws IOException {
    return open(Folders.AUTO, Need.LABELS);
  }

  private DataSet open(Folders folders, Need need) throws IOException {
    return new Catalogue(null, cache).open(folder.toString(), folders, need);
  }

  private void zip(String name, String... paths) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    try (OutputStream out = Files.newOutputStream(folder.resolve(name));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String path : paths) {
        zip.putNextEntry(new ZipEntry(path));
        zip.write((name + path).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "train, TRAIN",
    "Training, TRAIN",
    "training_set, TRAIN",
    "train-set, TRAIN",
    "TrainSet, TRAIN",
    "train2017, TRAIN",
    "trainval, TRAIN",
    "train_val, TRAIN",
    "trn, TRAIN",
    "train_images, TRAIN",
    "val, VALIDATION",
    "valid, VALIDATION",
    "Validation, VALIDATION",
    "val2, VALIDATION",
    "eval, VALIDATION",
    "dev, VALIDATION",
    "val_set, VALIDATION",
    "TEST, TEST",
    "testing, TEST",
    "test1, TEST",
    "test_set, TEST",
    "test-set, TEST",
    "tst, TEST",
    "cat, ",
    "testtube, ",
    "trainer, ",
    "valley, ",
    "bullet_train, ",
    "devil, ",
    "1, "
  })
  void aNameOfAPartIsKnownInItsManyForms(String name, Part part) {
    assertThat(Part.of(name)).isEqualTo(part);
  }

  @ParameterizedTest
  @CsvSource({
    "instances_train2017, TRAIN", "my-test, TEST", "OldTest, TEST", "seg_train, TRAIN",
    "image_info_test-dev2017, TEST", "cats_val, VALIDATION", "latest, ", "contest_photos, "
  })
  void aNameThatHoldsTheWordOfAPartSeemsToBeOne(String name, Part part) {
    assertThat(Part.within(name)).isEqualTo(part);
  }

  @ParameterizedTest
  @CsvSource({
    "training_set, test_set",
    "Train, Eval",
    "Training, TEST",
    "train2017, val2017",
    "train, dev",
    "train_val, test-set",
    "TRAIN, test1"
  })
  void partsOfOtherNamesAreNoClassesAndNoDomains(String learn, String judge) throws IOException {
    write(folder, learn + "/cat/1.jpg", learn + "/dog/1.jpg", judge + "/cat/2.jpg");
    write(folder, judge + "/dog/2.jpg");
    DataSet set = open();
    assertThat(rows(set.train()))
        .containsExactlyInAnyOrder(learn + "/cat/1.jpg=cat@-", learn + "/dog/1.jpg=dog@-");
    assertThat(rows(set.test()))
        .containsExactlyInAnyOrder(judge + "/cat/2.jpg=cat@-", judge + "/dog/2.jpg=dog@-");
  }

  @Test
  void aPartsFolderThatHoldsNothingButItselfIsNoClass() throws IOException {
    write(folder, "training_set/training_set/cats/1.jpg", "training_set/training_set/dogs/1.jpg");
    write(folder, "test_set/test_set/cats/2.jpg", "test_set/test_set/dogs/2.jpg");
    assertThat(open().train().classes()).containsExactly("cats", "dogs");
    assertThat(open().test().size()).isEqualTo(2);
  }

  @Test
  void partsBelowClassesAreParts() throws IOException {
    write(folder, "cat/train/1.jpg", "cat/test/2.jpg", "dog/train/1.jpg", "dog/test/2.jpg");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("cat/train/1.jpg=cat@-", "dog/train/1.jpg=dog@-");
    assertThat(rows(set.test())).containsExactly("cat/test/2.jpg=cat@-", "dog/test/2.jpg=dog@-");
  }

  @Test
  void partsBelowDomainsAreParts() throws IOException {
    write(folder, "photo/train/cat/1.jpg", "photo/test/cat/2.jpg", "sketch/train/dog/1.jpg");
    DataSet set = open();
    assertThat(rows(set.train()))
        .containsExactly("photo/train/cat/1.jpg=cat@photo", "sketch/train/dog/1.jpg=dog@sketch");
    assertThat(rows(set.test())).containsExactly("photo/test/cat/2.jpg=cat@photo");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train/cat/1.jpg train/dog/1.jpg holdout/cat/2.jpg holdout/dog/2.jpg",
        "seg_train/cat/1.jpg seg_test/cat/2.jpg seg_pred/3.jpg",
        "train/1.jpg test_old/2.jpg",
        "cat/1.jpg dog/1.jpg my_test/1.jpg",
        "cat/1.jpg dog/1.jpg val/1.jpg",
        "train_cats/1.jpg train_dogs/1.jpg test_cats/2.jpg test_dogs/2.jpg",
        "cat/train/1.jpg cat/test/2.jpg dog/3.jpg",
        "a/b/train/1.jpg a/b/test/2.jpg c/d/train/1.jpg c/d/test/2.jpg"
      })
  void whatSeemsToBeAPartAndIsNotUnderstoodIsRefusedEvenWhereNoClassIsWanted(String paths)
      throws IOException {
    write(folder, paths.split(" "));
    for (Need need : new Need[] {Need.LABELS, Need.PARTS}) {
      assertThatThrownBy(() -> open(Folders.AUTO, need))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("--layout flat, class, domain or split")
          .hasMessageMatching("(?s).*(train|test|val)\\w*[/.].*");
    }
    assertThat(open(Folders.AUTO, Need.PICTURES).about().notes()).isNotEmpty();
    assertThat(open(Folders.FLAT, Need.LABELS).train().size()).isEqualTo(paths.split(" ").length);
  }

  @Test
  void layoutSplitTakesWhatSeemsToBeAPartAndCountsTheRest() throws IOException {
    write(folder, "seg_train/cat/1.jpg", "seg_test/cat/2.jpg", "seg_pred/3.jpg", "4.jpg");
    DataSet set = open(Folders.SPLIT, Need.LABELS);
    assertThat(rows(set.train())).containsExactly("seg_train/cat/1.jpg=cat@-");
    assertThat(rows(set.test())).containsExactly("seg_test/cat/2.jpg=cat@-");
    assertThat(set.about().others())
        .extracting(OtherFiles::what)
        .containsExactlyInAnyOrder("seg_pred/", "beside the folders");
    assertThatThrownBy(
            () ->
                new Catalogue(null, cache)
                    .open(folder.resolve("seg_pred").toString(), Folders.SPLIT, Need.LABELS))
        .hasMessageContaining("--layout split");
  }

  @Test
  void layoutClassTakesTopFoldersForClassesWhateverTheyAreCalled() throws IOException {
    write(folder, "train/1.jpg", "test/1.jpg", "images/1.jpg", "images/more/2.jpg");
    assertThat(rows(open(Folders.CLASS, Need.LABELS).train()))
        .containsExactly(
            "images/1.jpg=images@-",
            "images/more/2.jpg=images@-",
            "test/1.jpg=test@-",
            "train/1.jpg=train@-");
    write(folder, "n/x/train/cat/1.jpg");
    Path only = folder.resolve("n");
    assertThat(
            rows(
                new Catalogue(null, cache)
                    .open(only.toString(), Folders.CLASS, Need.LABELS)
                    .train()))
        .containsExactly("cat/1.jpg=cat@-");
  }

  @Test
  void layoutDomainTakesTheFirstFolderForTheDomain() throws IOException {
    write(folder, "photo/cat/a/1.jpg", "sketch/2.jpg", "3.jpg");
    assertThat(rows(open(Folders.DOMAIN, Need.LABELS).train()))
        .containsExactly("3.jpg=-@-", "photo/cat/a/1.jpg=cat@photo", "sketch/2.jpg=-@sketch");
  }

  @Test
  void aPhotoArchiveIsReadAsFlatWhereNoClassIsWanted() throws IOException {
    write(folder, "2022/iphone/1.jpg", "2022/canon/1.jpg", "2023/iphone/1.jpg");
    write(folder, "2023/canon/1.jpg", "2023/loose.jpg");
    assertThatThrownBy(this::open).hasMessageContaining("2023/loose.jpg");
    DataSet set = open(Folders.AUTO, Need.PARTS);
    assertThat(set.train().size()).isEqualTo(5);
    assertThat(set.train().classes()).isEmpty();
    assertThat(set.about().notes()).singleElement().asString().contains("read as flat");
  }

  @Test
  void masksBesidePicturesAreLeftOutAndCounted() throws IOException {
    write(folder, "images/1.jpg", "images/2.jpg", "masks/1.png", "masks/2.png");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("images/1.jpg=-@-", "images/2.jpg=-@-");
    assertThat(set.about().others()).extracting(OtherFiles::files).containsExactly(2);
    assertThat(set.about().notes()).singleElement().asString().contains("masks/");
  }

  @Test
  void vocsSegmentationsAreNoPicturesOfTheirOwn() throws IOException {
    write(folder, "VOCdevkit/VOC2012/JPEGImages/1.jpg", "VOCdevkit/VOC2012/JPEGImages/2.jpg");
    write(folder, "VOCdevkit/VOC2012/SegmentationClass/1.png");
    write(folder, "VOCdevkit/VOC2012/SegmentationObject/1.png");
    assertThat(open().train().size()).isEqualTo(2);
    assertThat(open().train().classes()).isEmpty();
  }

  @Test
  void aFolderCalledImagesInEachPartIsNoClass() throws IOException {
    write(folder, "train/images/1.jpg", "train/labels/1.txt", "valid/images/2.jpg");
    write(folder, "test/images/3.jpg", "data.yaml");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("train/images/1.jpg=-@-");
    assertThat(set.train().classes()).isEmpty();
    assertThat(set.test().size()).isEqualTo(2);
  }

  @Test
  void whatFileServersKeepIsLeftOut() throws IOException {
    write(folder, "cat/1.jpg", "cat/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg", "@eaDir/2.jpg");
    write(folder, "#recycle/3.jpg", "$RECYCLE.BIN/4.jpg", "lost+found/5.jpg", ".thumbnails/6.jpg");
    write(folder, "System Volume Information/7.jpg", "@Recycle/8.jpg");
    assertThat(rows(open().train())).containsExactly("cat/1.jpg=cat@-");
  }

  @Test
  void plainPicturesOfOtherEndingsAreReadAndOthersAreCountedByTheirEnding() throws IOException {
    write(folder, "cat/1.jpg", "cat/2.jfif", "cat/3.jpe", "cat/4.jpg_large", "cat/5.pbm");
    write(folder, "cat/a.heic", "cat/b.HEIC", "cat/c.avif", "cat/labels.csv", "cat/NOTES");
    Files.write(folder.resolve("cat/6"), new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, 0});
    Files.write(folder.resolve("cat/7.tmp_"), new byte[] {'G', 'I', 'F', '8', '9', 'a'});
    DataSet set = open();
    assertThat(set.train().size()).isEqualTo(7);
    assertThat(set.about().others())
        .extracting(kind -> kind.files() + kind.what())
        .containsExactly("2.heic", "1no ending", "1.avif", "1.csv");
    assertThat(set.about().others().get(0).why()).contains("HEIF is not read", "convert");
  }

  @Test
  void aSetOfOtherFilesAloneIsToldWhichItHas() throws IOException {
    write(folder, "a.heic", "b.heic", "c.csv");
    assertThatThrownBy(this::open)
        .hasMessageContaining("none of its 3 files")
        .hasMessageContaining("2 .heic (HEIF is not read; convert them to JPEG), 1 .csv");
  }

  @Test
  void flatArchivesOfDifferentNamesAreClasses() throws IOException {
    zip("cat.zip", "1.jpg", "2.jpg");
    zip("dog.zip", "1.jpg");
    assertThat(rows(open().train()))
        .containsExactly("cat/1.jpg=cat@-", "cat/2.jpg=cat@-", "dog/1.jpg=dog@-");
    assertThat(open(Folders.FLAT, Need.LABELS).train().classes()).isEmpty();
  }

  @Test
  void archivesNamedByWordNetIdsAreClassesAndNumberedOnesAreNotUnlessAsked() throws IOException {
    zip("n01440764.zip", "n01440764_1.jpg");
    zip("n01443537.zip", "n01443537_1.jpg");
    assertThat(open().train().classes()).containsExactly("n01440764", "n01443537");
    Files.delete(folder.resolve("n01440764.zip"));
    Files.delete(folder.resolve("n01443537.zip"));
    zip("shard-000.zip", "1.jpg");
    zip("shard-001.zip", "2.jpg");
    assertThat(open().train().classes()).isEmpty();
    assertThat(open().about().notes()).singleElement().asString().contains("--layout class");
    assertThat(open(Folders.CLASS, Need.LABELS).train().classes())
        .containsExactly("shard-000", "shard-001");
  }

  @Test
  void archivesNamedByPartsAreParts() throws IOException {
    zip("train.zip", "cat/1.jpg", "dog/1.jpg");
    zip("test.zip", "cat/1.jpg");
    DataSet set = open();
    assertThat(rows(set.train())).containsExactly("train/cat/1.jpg=cat@-", "train/dog/1.jpg=dog@-");
    assertThat(rows(set.test())).containsExactly("test/cat/1.jpg=cat@-");
  }

  @Test
  void archivesOfEqualFoldersMayBeDomains() throws IOException {
    zip("photo.zip", "cat/1.jpg", "dog/1.jpg");
    zip("sketch.zip", "cat/1.jpg", "dog/2.jpg");
    assertThat(open().about().notes()).singleElement().asString().contains("--layout domain");
    DataSet set = open(Folders.DOMAIN, Need.LABELS);
    assertThat(rows(set.train()))
        .containsExactly(
            "photo/cat/1.jpg=cat@photo",
            "photo/dog/1.jpg=dog@photo",
            "sketch/cat/1.jpg=cat@sketch",
            "sketch/dog/2.jpg=dog@sketch");
    Files.move(folder.resolve("photo.zip"), folder.resolve("train.zip"));
    Files.move(folder.resolve("sketch.zip"), folder.resolve("test.zip"));
    assertThat(open(Folders.AUTO, Need.LABELS).test().size()).isEqualTo(2);
    Files.delete(folder.resolve("train.zip"));
    Files.delete(folder.resolve("test.zip"));
    zip("photo.zip", "photo/cat/1.jpg", "photo/dog/1.jpg");
    zip("sketch.zip", "sketch/cat/1.jpg", "sketch/dog/2.jpg");
    assertThat(rows(open(Folders.DOMAIN, Need.LABELS).train())).isEqualTo(rows(set.train()));
  }

  @Test
  void yearsMayBeClasses() throws IOException {
    write(folder, "2009/a.jpg", "2010/a.jpg", "2011/b.jpg");
    assertThat(open().train().classes()).containsExactly("2009", "2010", "2011");
    assertThat(open().about().notes()).singleElement().asString().contains("--layout flat");
    assertThat(open(Folders.CLASS, Need.LABELS).about().notes()).isEmpty();
    assertThat(open(Folders.FLAT, Need.LABELS).train().classes()).isEmpty();
  }

  @SuppressWarnings("unchecked")
  private static ArchiveOutputStream<ArchiveEntry> archive(String name, OutputStream out) {
    ArchiveOutputStream<?> archive =
        name.endsWith("zip") ? new ZipArchiveOutputStream(out) : new TarArchiveOutputStream(out);
    return (ArchiveOutputStream<ArchiveEntry>) archive;
  }

  @Test
  void aFolderThatHoldsNothingIsNamed() throws IOException {
    write(folder.resolve("photos"), "cat/1.jpg", "dog/1.jpg", "bear/.DS_Store");
    Files.createDirectories(folder.resolve("photos/fox/red"));
    Files.createDirectories(folder.resolve("photos/.git/refs"));
    String said = "these folders hold nothing: bear, fox";
    Catalogue catalogue = new Catalogue(null, cache);
    assertThat(catalogue.open(folder.resolve("photos").toString()).about().notes())
        .containsExactly(said);
    for (String name : new String[] {"a.zip", "a.tar"}) {
      Path file = folder.resolve(name);
      try (OutputStream out = Files.newOutputStream(file);
          ArchiveOutputStream<ArchiveEntry> archive = archive(name, out)) {
        for (String path : new String[] {"cat/", "dog/", "fox/", "fox/red/", "bear/", ".git/"}) {
          archive.putArchiveEntry(
              name.endsWith("zip") ? new ZipArchiveEntry(path) : new TarArchiveEntry(path));
          archive.closeArchiveEntry();
        }
        for (String path : new String[] {"cat/1.jpg", "dog/1.jpg"}) {
          archive.putArchiveEntry(
              name.endsWith("zip") ? new ZipArchiveEntry(path) : new TarArchiveEntry(path));
          archive.closeArchiveEntry();
        }
      }
      assertThat(catalogue.open(file.toString()).about().notes()).containsExactly(said);
    }
  }

  @Test
  void anArchiveThatHoldsNothingIsNamed() throws IOException {
    zip("cat.zip", "1.jpg");
    zip("dog.zip", "1.jpg");
    zip("fox.zip");
    assertThat(open().about().notes())
        .singleElement()
        .asString()
        .isEqualTo("these archives hold nothing: fox.zip");
  }

  @Test
  void archivesOfWhichSomeHoldFoldersAreTakenTogetherWithAWarning() throws IOException {
    zip("cat.zip", "1.jpg");
    zip("more.zip", "dog/1.jpg");
    assertThat(open().about().notes().get(0)).contains("cat.zip");
  }

  @Test
  void archivesWithinAnArchiveOrAFolderAreNamed() throws IOException {
    zip("all.zip", "n01440764.tar", "n01443537.tar");
    assertThatThrownBy(this::open)
        .hasMessageContaining("it holds archives")
        .hasMessageContaining("n01440764.tar")
        .hasMessageContaining("unpack it once");
    Files.delete(folder.resolve("all.zip"));
    zip("train/a.zip", "1.jpg");
    assertThatThrownBy(this::open)
        .hasMessageContaining("train/a.zip")
        .hasMessageContaining("give " + folder.resolve("train"));
  }
}
