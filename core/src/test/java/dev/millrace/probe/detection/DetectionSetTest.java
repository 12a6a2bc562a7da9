package dev.millrace.probe.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class DetectionSetTest {
  private final SortedMap<String, Image.Content> files = new TreeMap<>();

  private void text(String path, String content) {
    files.put(path, () -> content.getBytes(StandardCharsets.UTF_8));
  }

  private void picture(String path) {
    files.put(path, () -> Rectangles.grey(40, 30));
  }

  private static String object(String name, String box) {
    String[] b = box.split(" ");
    return ("<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%s</xmin>"
            + "<ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>")
        .formatted(name, b[0], b[1], b[2], b[3]);
  }

  private static String voc(String... objects) {
    return "<annotation><size><width>40</width><height>30</height></size>"
        + String.join("", objects)
        + "</annotation>";
  }

  /** A sound VOC set of two pictures to learn from and one to judge by. */
  private void vocSet() {
    text("V/ImageSets/Main/train.txt", "a\nb\n");
    text("V/ImageSets/Main/test.txt", "c\n");
    for (String id : List.of("a", "b", "c")) {
      picture("V/JPEGImages/" + id + ".ppm");
      text("V/Annotations/" + id + ".xml", voc(object("cat", "1 1 10 10")));
    }
  }

  private DetectionSet read() throws IOException {
    return DetectionSet.read("mine", files);
  }

  private static List<String> ids(List<AnnotatedPicture> pictures) {
    return pictures.stream().map(p -> p.image().id()).toList();
  }

  @Test
  void vocSplitsClassesAndBoxesAreRead() throws IOException {
    vocSet();
    text("V/Annotations/b.xml", voc(object("dog", "3 4 40 30"), object("cat", "2 2 5 6")));
    DetectionSet set = read();
    assertThat(set.classes()).containsExactly("cat", "dog");
    assertThat(ids(set.train())).containsExactly("V/JPEGImages/a.ppm", "V/JPEGImages/b.ppm");
    assertThat(ids(set.judged())).containsExactly("V/JPEGImages/c.ppm");
    assertThat(set.judgedName()).isEqualTo("test");
    // VOC's first pixel is 1, and its last is within the box.
    assertThat(set.train().get(1).truths().get(0)).isEqualTo(new Truth(new Box(2, 3, 40, 30), 1));
    assertThat(set.findings().sentences()).isEmpty();
  }

  @Test
  void boxesWithoutAreaAreSkippedByName() throws IOException {
    vocSet();
    text(
        "V/Annotations/a.xml",
        voc(object("cat", "5 5 5 9"), object("cat", "9 9 4 12"), object("cat", "5 5 6 6")));
    DetectionSet set = read();
    assertThat(set.train().get(0).truths()).hasSize(1);
    assertThat(set.findings().found(Findings.Kind.ZERO_AREA))
        .hasSize(2)
        .first()
        .asString()
        .contains("V/Annotations/a.xml object 1, cat [5.0, 5.0, 5.0, 9.0]");
    assertThat(set.findings().sentences())
        .anyMatch(s -> s.startsWith("skipped boxes of zero area (2): V"));
  }

  @Test
  void aPartWithoutABoxThatCountsIsRefusedWithWhatWasSkipped() throws IOException {
    vocSet();
    text("V/Annotations/c.xml", voc(object("cat", "12 5 2 9")));
    assertThatThrownBy(this::read)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1 to judge by, with 0 boxes")
        .hasMessageContaining("skipped boxes of zero area (1)");
  }

  @Test
  void boxesOutsideAreSkippedAndThoseReachingOutAreClipped() throws IOException {
    vocSet();
    text(
        "V/Annotations/a.xml",
        voc(object("cat", "50 1 60 10"), object("cat", "31 21 90 90"), object("cat", "0 0 41 31")));
    DetectionSet set = read();
    assertThat(set.train().get(0).truths().stream().map(Truth::box))
        .containsExactly(new Box(30, 20, 40, 30), new Box(0, 0, 40, 30));
    assertThat(set.findings().found(Findings.Kind.OUTSIDE)).hasSize(1);
    // A pixel too far is rounding, and not worth a word.
    assertThat(set.findings().found(Findings.Kind.REACHING)).hasSize(1);
  }

  @Test
  void classesThatNothingTeachesAreSkippedByName() throws IOException {
    vocSet();
    text("V/Annotations/c.xml", voc(object("cow", "1 1 9 9"), object("cat", "1 1 9 9")));
    DetectionSet set = read();
    assertThat(set.classes()).containsExactly("cat");
    assertThat(set.test().get(0).truths()).hasSize(1);
    assertThat(set.findings().found(Findings.Kind.UNKNOWN_CLASS))
        .singleElement()
        .asString()
        .contains("V/Annotations/c.xml object 1, cow");
  }

  @Test
  void picturesAndAnnotationsWithoutEachOtherAreLeftOutByName() throws IOException {
    vocSet();
    picture("V/JPEGImages/lonely.ppm");
    text("V/Annotations/blind.xml", voc(object("cat", "1 1 9 9")));
    text("V/ImageSets/Main/test.txt", "c\nnowhere\n");
    DetectionSet set = read();
    assertThat(set.findings().found(Findings.Kind.NO_ANNOTATION))
        .containsExactly("V/JPEGImages/lonely.ppm");
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE))
        .containsExactly("V/Annotations/blind.xml", "V/nowhere of the test list");
    assertThat(set.train()).hasSize(2);
    assertThat(set.test()).hasSize(1);
  }

  @Test
  void listsOfVocsOtherTasksAreNoSplitOfDetection() throws IOException {
    vocSet();
    text("V/ImageSets/Layout/train.txt", "c 1\n");
    text("V/ImageSets/Layout/test.txt", "a 1\n");
    text("V/ImageSets/Segmentation/trainval.txt", "b\nc\nnowhere\n");
    text("V/ImageSets/Action/train.txt", "c 1\n");
    text("V/ImageSets/Action/jumping_train.txt", "c 1 -1\n");
    DetectionSet set = read();
    assertThat(ids(set.train())).containsExactly("V/JPEGImages/a.ppm", "V/JPEGImages/b.ppm");
    assertThat(ids(set.judged())).containsExactly("V/JPEGImages/c.ppm");
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE)).isEmpty();
    assertThat(set.findings().found(Findings.Kind.NO_PART)).isEmpty();
  }

  @Test
  void withoutVocsMainTheListsThatNameMostPicturesAreTheSplit() throws IOException {
    vocSet();
    files.remove("V/ImageSets/Main/train.txt");
    files.remove("V/ImageSets/Main/test.txt");
    text("V/ImageSets/Layout/train.txt", "c 1\n");
    text("V/ImageSets/Segmentation/train.txt", "a\n");
    text("V/ImageSets/Segmentation/val.txt", "c\n");
    DetectionSet set = read();
    assertThat(ids(set.train())).containsExactly("V/JPEGImages/a.ppm");
    assertThat(set.findings().found(Findings.Kind.NO_PART)).containsExactly("V/JPEGImages/b.ppm");
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE)).isEmpty();
  }

  @Test
  void picturesInNoListOfTheSplitAreLeftOutByName() throws IOException {
    vocSet();
    picture("V/JPEGImages/d.ppm");
    text("V/Annotations/d.xml", voc(object("cat", "1 1 9 9")));
    assertThat(read().findings().found(Findings.Kind.NO_PART))
        .containsExactly("V/JPEGImages/d.ppm");
  }

  @Test
  void namesWithSpacesStandInTheListsAsTheyAre() throws IOException {
    text("V/ImageSets/Main/train.txt", "IMG 1\nIMG 2.ppm\nIMG 5\n");
    text("V/ImageSets/Main/test.txt", "IMG 3 -1\nIMG  4  1\nIMG 6\n");
    for (String id : List.of("IMG 1", "IMG 2", "IMG 3", "IMG  4")) {
      picture("V/JPEGImages/" + id + ".ppm");
      text("V/Annotations/" + id + ".xml", voc(object("cat", "1 1 10 10")));
    }
    DetectionSet set = read();
    assertThat(ids(set.train()))
        .containsExactly("V/JPEGImages/IMG 1.ppm", "V/JPEGImages/IMG 2.ppm");
    assertThat(ids(set.judged()))
        .containsExactly("V/JPEGImages/IMG  4.ppm", "V/JPEGImages/IMG 3.ppm");
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE))
        .containsExactly("V/IMG 5 of the train list", "V/IMG 6 of the test list");
  }

  @Test
  void wordsBehindANameInAListAreLeftOut() throws IOException {
    vocSet();
    text("V/ImageSets/Main/train.txt", "a  1\nb.ppm b.xml\nnowhere -1\n");
    text("V/ImageSets/Main/test.txt", "c -1\n");
    DetectionSet set = read();
    assertThat(set.train()).hasSize(2);
    assertThat(set.test()).hasSize(1);
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE))
        .containsExactly("V/nowhere of the train list");
  }

  @Test
  void whatIsLearnedIsNeverJudgedOn() {
    vocSet();
    text("V/ImageSets/Main/test.txt", "c\na\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("V/a stands in the lists of");
  }

  @Test
  void brokenAnnotationsAreRefusedByName() {
    vocSet();
    text("V/Annotations/a.xml", "<annotation><object>");
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("V/Annotations/a.xml is no well-formed XML");
    text("V/Annotations/a.xml", voc(object("cat", "1 x 9 9")));
    assertThatThrownBy(this::read).hasMessageContaining("V/Annotations/a.xml: object 1 has ymin x");
    text("V/Annotations/a.xml", voc("<object><name>cat</name></object>"));
    assertThatThrownBy(this::read).hasMessageContaining("object 1 has no bndbox");
  }

  @Test
  void aFileCannotMakeTheParserReadAnother() {
    vocSet();
    text(
        "V/Annotations/a.xml",
        "<!DOCTYPE annotation [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + voc());
    assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessageContaining("DOCTYPE");
  }

  @Test
  void aSetWithoutSplitHoldsAFifthOutAlwaysTheSame() throws IOException {
    for (int i = 0; i < 10; i++) {
      picture("p" + i + ".ppm");
      text("p" + i + ".xml", voc(object("cat", "1 1 9 9")));
    }
    DetectionSet set = read();
    assertThat(set.train()).hasSize(8);
    assertThat(set.test()).hasSize(2);
    assertThat(ids(read().test())).isEqualTo(ids(set.test()));
    assertThat(Collections.disjoint(ids(set.train()), ids(set.test()))).isTrue();
  }

  @Test
  void foldersAreASplitToo() throws IOException {
    for (String part : List.of("train", "valid")) {
      picture(part + "/1.ppm");
      text(part + "/1.xml", voc(object("cat", "1 1 9 9")));
    }
    DetectionSet set = read();
    assertThat(ids(set.train())).containsExactly("train/1.ppm");
    assertThat(ids(set.judged())).containsExactly("valid/1.ppm");
    assertThat(set.judgedName()).isEqualTo("val");
  }

  @Test
  void aSetWithoutAnythingToLearnIsRefused() {
    picture("a.ppm");
    assertThatThrownBy(this::read).hasMessageContaining("mine has no annotations");
    text("a.xml", voc());
    assertThatThrownBy(this::read).hasMessageContaining("of 0 classes");
  }

  private static String coco(String images, String annotations) {
    return "{\"images\":[%s],\"annotations\":[%s],\"categories\":[{\"id\":7,\"name\":\"dog\"},{\"id\":3,\"name\":\"cat\"}]}"
        .formatted(images, annotations);
  }

  private static String image(int id, String file) {
    return "{\"id\":%d,\"file_name\":\"%s\",\"width\":40,\"height\":30}".formatted(id, file);
  }

  private static String thing(int id, int image, int category, String box) {
    return "{\"id\":%d,\"image_id\":%d,\"category_id\":%d,\"bbox\":[%s],\"area\":50,\"iscrowd\":%d}"
        .formatted(id, image, category, box, id == 99 ? 1 : 0);
  }

  private void cocoSet() {
    picture("train2017/1.ppm");
    picture("train2017/2.ppm");
    picture("val2017/1.ppm");
    text(
        "annotations/instances_train2017.json",
        coco(
            image(1, "1.ppm") + "," + image(2, "2.ppm"),
            thing(1, 1, 7, "1,2,10,10") + "," + thing(99, 1, 3, "0,0,20,20")));
    text("annotations/instances_val2017.json", coco(image(5, "1.ppm"), thing(1, 5, 3, "0,0,9,9")));
  }

  @Test
  void cocoPartsClassesAndBoxesAreRead() throws IOException {
    cocoSet();
    DetectionSet set = read();
    assertThat(set.classes()).containsExactly("cat", "dog");
    assertThat(ids(set.train())).containsExactly("train2017/1.ppm", "train2017/2.ppm");
    assertThat(ids(set.judged())).containsExactly("val2017/1.ppm");
    assertThat(set.train().get(0).truths())
        .containsExactly(
            new Truth(new Box(1, 2, 11, 12), 1, 50, false, false),
            new Truth(new Box(0, 0, 20, 20), 0, 50, true, false));
    assertThat(set.train().get(1).truths()).isEmpty();
    assertThat(set.findings().sentences()).isEmpty();
  }

  @Test
  void cocosFaultsAreCountedAndNamed() throws IOException {
    cocoSet();
    picture("train2017/lonely.ppm");
    text(
        "annotations/instances_train2017.json",
        coco(
            Stream.of(image(1, "1.ppm"), image(2, "2.ppm"), image(3, "gone.ppm"))
                .reduce((a, b) -> a + "," + b)
                .orElseThrow(),
            Stream.of(
                    thing(1, 1, 7, "1,2,10,10"),
                    thing(2, 1, 7, "1,2,0,10"),
                    thing(3, 1, 8, "1,2,10,10"),
                    thing(4, 77, 7, "1,2,10,10"),
                    thing(5, 1, 3, "60,2,10,10"),
                    thing(6, 1, 3, "30,20,20,5"))
                .reduce((a, b) -> a + "," + b)
                .orElseThrow()));
    DetectionSet set = read();
    Findings found = set.findings();
    assertThat(found.found(Findings.Kind.ZERO_AREA))
        .singleElement()
        .asString()
        .contains("annotation 2");
    assertThat(found.found(Findings.Kind.UNKNOWN_CLASS))
        .singleElement()
        .asString()
        .contains("category 8");
    assertThat(found.count(Findings.Kind.OUTSIDE)).isEqualTo(1);
    assertThat(found.count(Findings.Kind.REACHING)).isEqualTo(1);
    assertThat(found.found(Findings.Kind.NO_PICTURE))
        .hasSize(2)
        .anyMatch(s -> s.contains("image 77"))
        .anyMatch(s -> s.contains("gone.ppm"));
    assertThat(found.found(Findings.Kind.NO_ANNOTATION)).containsExactly("train2017/lonely.ppm");
    // A clipped box has its own area.
    assertThat(set.train().get(0).truths())
        .containsExactly(
            new Truth(new Box(1, 2, 11, 12), 1, 50, false, false),
            new Truth(new Box(30, 20, 40, 25), 0));
  }

  @Test
  void oneCocoFileHasNoSplit() throws IOException {
    StringBuilder images = new StringBuilder();
    StringBuilder things = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      picture("pictures/" + i + ".ppm");
      images.append(i == 0 ? "" : ",").append(image(i, i + ".ppm"));
      things.append(i == 0 ? "" : ",").append(thing(i, i, 3, "0,0,9,9"));
    }
    text("constraints.json", coco(images.toString(), things.toString()));
    assertThat(read().train()).hasSize(8);
    assertThat(read().test()).hasSize(2);
  }

  @Test
  void brokenJsonIsRefusedByName() {
    cocoSet();
    text("annotations/instances_val2017.json", "{\"images\":[");
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("instances_val2017.json is no well-formed JSON");
    text("annotations/instances_val2017.json", coco(image(5, "1.ppm"), thing(1, 5, 3, "0,0,9")));
    assertThatThrownBy(this::read).hasMessageContaining("bbox [0,0,9]");
  }

  @Test
  void picturesThatAreNotAsAnnotatedAreRefusedAndBadOnesToldUpToAShare() throws IOException {
    vocSet();
    DetectionSet set = read();
    assertThat(set.decodable(set.train(), 1)).isEqualTo(set.train());
    files.put("V/JPEGImages/b.ppm", () -> Rectangles.grey(30, 40));
    DetectionSet turned = read();
    assertThatThrownBy(() -> turned.decodable(turned.train(), 1))
        .hasMessageContaining("V/JPEGImages/b.ppm is 30×40, annotated as 40×30");
    files.put("V/JPEGImages/b.ppm", () -> new byte[10]);
    DetectionSet bad = read();
    assertThatThrownBy(() -> bad.decodable(bad.train(), 1))
        .hasMessageContaining("1 of 2 pictures, which cannot be decoded: V/JPEGImages/b.ppm");
  }

  @Test
  void aSizeThatTheAnnotationOmitsIsThePictures() throws IOException {
    vocSet();
    text("V/Annotations/a.xml", "<annotation>" + object("cat", "31 21 90 90") + "</annotation>");
    assertThat(read().train().get(0).width()).isEqualTo(40);
    assertThat(read().train().get(0).truths().get(0).box()).isEqualTo(new Box(30, 20, 40, 30));
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "MILLRACE_DATA", matches = ".+")
  void bccdHasItsSplitItsClassesAndTwoBoxesOfZeroArea() throws IOException {
    Catalogue catalogue = Catalogue.standard();
    DetectionSet set = DetectionSet.read("bccd", catalogue.files("bccd"));
    assertThat(set.train()).hasSize(205);
    assertThat(set.val()).hasSize(87);
    assertThat(set.test()).hasSize(72);
    assertThat(set.classes()).containsExactly("Platelets", "RBC", "WBC");
    assertThat(set.findings().count(Findings.Kind.ZERO_AREA)).isEqualTo(2);
    assertThat(set.findings().sentences()).hasSize(1);
    int boxes =
        Stream.of(set.train(), set.val(), set.test())
            .flatMap(List::stream)
            .mapToInt(p -> p.truths().size())
            .sum();
    assertThat(boxes).isEqualTo(4886);
  }
}
