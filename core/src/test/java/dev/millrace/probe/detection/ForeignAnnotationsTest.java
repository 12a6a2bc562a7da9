package dev.millrace.probe.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Annotations as tools and publishers write them. */
class ForeignAnnotationsTest {
  private final SortedMap<String, Image.Content> files = new TreeMap<>();

  private void text(String path, String content) {
    files.put(path, () -> content.getBytes(StandardCharsets.UTF_8));
  }

  private void pictures(String... paths) {
    for (String path : paths) {
      files.put(path, () -> Rectangles.grey(40, 30));
    }
  }

  private static String image(Object id, String file) {
    return "{'id':%s,'file_name':'%s','width':40,'height':30,'license':3}".formatted(id, file);
  }

  private static String box(Object id, Object image, String bbox) {
    return "{'id':%s,'image_id':%s,'category_id':3,'bbox':%s,'segmentation':{'counts':[1,[2]],'size':[3,4]},'iscrowd':0}"
        .formatted(id, image, bbox);
  }

  private static String coco(String images, String annotations) {
    return coco(images, annotations, "{'id':3,'name':'cat','supercategory':'animal'}");
  }

  private static String coco(String images, String annotations, String categories) {
    return "{'info':{'year':[1]},'annotations':[%s],'images':[%s],'categories':[%s],'extra':[[1],{}]}"
        .formatted(annotations, images, categories)
        .replace('\'', '"');
  }

  private DetectionSet read() throws IOException {
    return DetectionSet.read("mine", files);
  }

  private static List<String> ids(List<AnnotatedPicture> pictures) {
    return pictures.stream().map(p -> p.image().id()).toList();
  }

  /** Five pictures, of which the first is called as the file says; one is held out. */
  private void five(String firstPath, String firstName) {
    StringBuilder images = new StringBuilder(image(0, firstName.replace("\\", "\\\\")));
    StringBuilder boxes = new StringBuilder(box(0, 0, "[1,2,10,10]"));
    pictures(firstPath);
    for (int i = 1; i < 5; i++) {
      pictures("pics/other" + i + ".ppm");
      images.append(',').append(image(i, "other" + i + ".ppm"));
      boxes.append(',').append(box(i, i, "[1,2,10,10]"));
    }
    text("labels.json", coco(images.toString(), boxes.toString()));
  }

  private static byte[] golden(String name) {
    try (InputStream in =
        ForeignAnnotationsTest.class.getResourceAsStream("/golden/pictures/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void picturesThatExifTurnsAreCountedAndNamedAndBoxesAreOfTheTurnedOnes() throws Exception {
    Pixels upright = Decoder.decode(golden("exif6.jpg"));
    StringBuilder images = new StringBuilder();
    StringBuilder boxes = new StringBuilder();
    for (String name : List.of("rgb.jpg", "exif2.jpg", "exif3.jpg", "exif6.jpg", "exif8.jpg")) {
      byte[] bytes = golden(name.replace("rgb", "baseline"));
      Pixels pixels = Decoder.decode(bytes);
      files.put(name, () -> bytes);
      images.append(images.isEmpty() ? "" : ",");
      images.append(
          "{'id':'%s','file_name':'%s','width':%d,'height':%d}"
              .formatted(name, name, pixels.width(), pixels.height()));
      boxes.append(boxes.isEmpty() ? "" : ",");
      boxes.append("{'id':1,'image_id':'%s','category_id':3,'bbox':[1,2,3,4]}".formatted(name));
    }
    String whole = coco(images.toString(), boxes.toString());
    text("labels.json", whole);
    DetectionSet set = read();
    int all = set.decodable(set.train(), 2).size() + set.decodable(set.judged(), 2).size();
    assertThat(all).isEqualTo(5);
    assertThat(set.findings().found(Findings.Kind.TURNED))
        .containsExactlyInAnyOrder("exif2.jpg", "exif3.jpg", "exif6.jpg", "exif8.jpg");
    String right = "\"width\":%d,\"height\":%d".formatted(upright.width(), upright.height());
    String stored = "\"width\":%d,\"height\":%d".formatted(upright.height(), upright.width());
    text("labels.json", whole.replace("exif6.jpg\"," + right, "exif6.jpg\"," + stored));
    DetectionSet asStored = read();
    assertThatThrownBy(
            () -> {
              asStored.decodable(asStored.train(), 2);
              asStored.decodable(asStored.judged(), 2);
            })
        .hasMessageContaining("exif6.jpg")
        .hasMessageContaining("1 of them are turned by EXIF");
  }

  @Test
  void annotationsOfAnySizeAreReadAsStreams() throws IOException {
    five("pics/0.ppm", "0.ppm");
    byte[] json = files.get("labels.json").read();
    files.put(
        "labels.json",
        new Image.Content() {
          @Override
          public byte[] read() throws IOException {
            throw new IOException("larger than memory");
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(json);
          }
        });
    assertThat(read().findings().sentences()).isEmpty();
  }

  @Test
  void wordsOfAnAnnotationCannotForgeALineOfAMessage() {
    pictures("0.ppm");
    text(
        "0.xml",
        "<annotation><object><name>a&#10;b</name><bndbox><xmin>1&#10;millrace: well</xmin></bndbox></object></annotation>");
    assertThatThrownBy(this::read)
        .hasMessageContaining("xmin 1\\nmillrace: well")
        .message()
        .doesNotContain("\n");
    text("0.xml", "<annotation><a\n\u001b></annotation>");
    assertThatThrownBy(this::read)
        .hasMessageContaining("0.xml")
        .message()
        .doesNotContain("\n", "\u001b");
  }

  @Test
  void cocosOwnFolderIsReadByItsInstances() throws IOException {
    for (String part : List.of("train2017", "val2017")) {
      pictures(part + "/1.ppm", part + "/2.ppm");
      String images = image(1, "1.ppm") + "," + image(2, "2.ppm");
      text("annotations/instances_" + part + ".json", coco(images, box(7, 1, "[1,2,10,10]")));
      text("annotations/person_keypoints_" + part + ".json", coco(images, box(7, 1, "[1,1,1,1]")));
      text(
          "annotations/captions_" + part + ".json",
          coco(images, "{'id':1,'image_id':1,'caption':'a cat'}"));
    }
    text("annotations/image_info_test2017.json", "{\"images\":[],\"categories\":[]}");
    DetectionSet set = read();
    assertThat(ids(set.train())).containsExactly("train2017/1.ppm", "train2017/2.ppm");
    assertThat(ids(set.judged())).containsExactly("val2017/1.ppm", "val2017/2.ppm");
    assertThat(set.train().get(0).truths().get(0).box()).isEqualTo(new Box(1, 2, 11, 12));
    assertThat(set.findings().found(Findings.Kind.OTHER_FILE)).hasSize(5);
  }

  @Test
  void captionsBesideFilesOfAnyNameAreLeftOutByName() throws IOException {
    five("pics/0.ppm", "0.ppm");
    text("captions.json", coco(image(0, "0.ppm"), "{'id':1,'image_id':0,'caption':'a cat'}"));
    assertThat(read().findings().found(Findings.Kind.OTHER_FILE))
        .containsExactly("captions.json (it has no bbox)");
  }

  @Test
  void twoImagesOfOneIdAreRefusedByBothNames() {
    pictures("0.ppm", "1.ppm");
    text("a.json", coco(image(1, "0.ppm") + "," + image(1, "1.ppm"), box(1, 1, "[1,2,3,4]")));
    assertThatThrownBy(this::read).hasMessageContaining("two images of id 1, 0.ppm and 1.ppm");
  }

  @Test
  void oneImageWithTwoIdsIsRefusedByBothIds() {
    pictures("0.ppm", "1.ppm");
    text("a.json", coco(image(1, "0.ppm") + "," + image(2, "./0.ppm"), box(1, 1, "[1,2,3,4]")));
    assertThatThrownBy(this::read).hasMessageContaining("images 1 and 2 are both 0.ppm");
  }

  @Test
  void anEntryThatIsListedTwiceCountsOnce() throws IOException {
    five("pics/0.ppm", "0.ppm");
    byte[] once = files.get("labels.json").read();
    text(
        "labels.json",
        new String(once, StandardCharsets.UTF_8)
            .replace("\"images\":[", "\"images\":[" + image(0, "0.ppm").replace('\'', '"') + ","));
    assertThat(read().findings().count(Findings.Kind.TWICE)).isEqualTo(1);
    assertThat(read().train().size() + read().test().size()).isEqualTo(5);
  }

  @Test
  void twoCategoriesOfOneIdAreRefusedAndOfOneNameAreOneClass() throws IOException {
    five("pics/0.ppm", "0.ppm");
    String whole = new String(files.get("labels.json").read(), StandardCharsets.UTF_8);
    String category = "\"categories\":[";
    text("labels.json", whole.replace(category, category + "{\"id\":9,\"name\":\"cat\"},"));
    assertThat(read().classes()).containsExactly("cat");
    assertThat(read().findings().found(Findings.Kind.ONE_CLASS))
        .containsExactly("labels.json categories 9 and 3, cat");
    text("labels.json", whole.replace(category, category + "{\"id\":3,\"name\":\"dog\"},"));
    assertThatThrownBy(this::read).hasMessageContaining("two categories of id 3, dog and cat");
  }

  @ParameterizedTest
  @CsvSource({
    "./0.ppm",
    "/home/me/images/0.ppm",
    "images\\0.ppm",
    "C:\\Users\\me\\0.ppm",
    "http://host/x/0.ppm",
    "https://host/x/0.ppm?key=1#a",
    "file:///data/0.ppm",
    "elsewhere/0.ppm",
    "../pics/0.ppm",
    "0.PPM",
    "PICS/0.Ppm",
  })
  void aPictureIsFoundByTheLastPartsOfItsName(String name) throws IOException {
    five("pics/0.ppm", name);
    DetectionSet set = read();
    assertThat(set.findings().sentences()).isEmpty();
    assertThat(set.train().size() + set.test().size()).isEqualTo(5);
  }

  @Test
  void accentsInEitherFormAndEscapesOfAddressesAreTheSame() throws IOException {
    five(Normalizer.normalize("pics/Käfer.ppm", Normalizer.Form.NFC), "Ka\u0308fer.ppm");
    assertThat(read().findings().sentences()).isEmpty();
    files.clear();
    five("pics/a b.ppm", "http://host/a%20b.ppm");
    assertThat(read().findings().sentences()).isEmpty();
  }

  @Test
  void aNameThatMayBeSeveralPicturesIsRefusedByThem() {
    five("a/0.ppm", "0.ppm");
    pictures("b/0.ppm");
    assertThatThrownBy(this::read)
        .hasMessageContaining(
            "labels.json names 0.ppm, which may be any of 2 pictures: a/0.ppm, b/0.ppm");
  }

  @Test
  void ofSeveralTheOneWithMorePartsInCommonIsTaken() throws IOException {
    five("x/b/0.ppm", "/root/b/0.ppm");
    pictures("x/a/0.ppm");
    assertThat(read().findings().found(Findings.Kind.NO_ANNOTATION)).containsExactly("x/a/0.ppm");
  }

  @Test
  void aPictureOfAnotherPartIsNotTakenForAMissingOne() throws IOException {
    pictures("train2017/1.ppm", "val2017/2.ppm", "val2017/3.ppm");
    text(
        "instances_train2017.json",
        coco(image(1, "1.ppm") + "," + image(2, "2.ppm"), box(1, 1, "[1,2,3,4]")));
    text("instances_val2017.json", coco(image(3, "3.ppm"), box(1, 3, "[1,2,3,4]")));
    DetectionSet set = read();
    assertThat(set.findings().found(Findings.Kind.NO_PICTURE))
        .containsExactly("instances_train2017.json image 2.ppm");
    assertThat(ids(set.train())).containsExactly("train2017/1.ppm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"1\"", "\"a-b\"", "11", "11.0", "9007199254740993"})
  void idsMayBeNumbersOrWords(String id) throws IOException {
    five("pics/0.ppm", "0.ppm");
    String whole = new String(files.get("labels.json").read(), StandardCharsets.UTF_8);
    text(
        "labels.json",
        whole
            .replace("\"id\":0,\"file_name\"", "\"id\":" + id + ",\"file_name\"")
            .replace("\"image_id\":0", "\"image_id\":" + id)
            .replace("\"id\":1,\"file_name\"", "\"id\":\"other\",\"file_name\"")
            .replace("\"image_id\":1,", "\"image_id\":\"other\","));
    DetectionSet set = read();
    assertThat(set.findings().sentences()).isEmpty();
    assertThat(set.train()).allMatch(p -> p.truths().size() == 1);
  }

  @Test
  void oneFileForEachPictureHasNoSplit() throws IOException {
    for (int i = 0; i < 10; i++) {
      pictures("p" + i + ".ppm");
      text("p" + i + ".json", coco(image(1, "p" + i + ".ppm"), box(1, 1, "[1,2,3,4]")));
    }
    assertThat(read().train()).hasSize(8);
    assertThat(read().test()).hasSize(2);
  }

  @Test
  void oneFileOfPicturesInFoldersOfPartsHasTheirSplit() throws IOException {
    pictures("train/0.ppm", "test/1.ppm");
    text(
        "all.json",
        coco(
            image(0, "train/0.ppm") + "," + image(1, "test/1.ppm"),
            box(1, 0, "[1,2,3,4]") + "," + box(2, 1, "[1,2,3,4]")));
    assertThat(ids(read().train())).containsExactly("train/0.ppm");
    assertThat(ids(read().test())).containsExactly("test/1.ppm");
  }

  @Test
  void aStrayXmlFileLeavesACocoSetWhatItIs() throws IOException {
    five("pics/0.ppm", "0.ppm");
    text("dataset.xml", "<dataset/>");
    text("broken.xml", "<dat");
    text("one.xml", "<annotation><filename>0.ppm</filename></annotation>");
    assertThat(read().train()).hasSize(4);
  }

  @Test
  void roboflowsExportsAreReadByTheirFolders() throws IOException {
    for (String part : List.of("train", "valid", "test")) {
      pictures(part + "/1.ppm");
      text(part + "/_annotations.coco.json", coco(image(0, "1.ppm"), box(0, 0, "[1,2,3,4]")));
    }
    DetectionSet coco = read();
    assertThat(ids(coco.train())).containsExactly("train/1.ppm");
    assertThat(ids(coco.val())).containsExactly("valid/1.ppm");
    assertThat(ids(coco.test())).containsExactly("test/1.ppm");
    files.clear();
    for (String part : List.of("Train", "valid", "test")) {
      pictures(part + "/1.ppm");
      text(part + "/1.xml", voc());
    }
    assertThat(ids(read().train())).containsExactly("Train/1.ppm");
    assertThat(ids(read().test())).containsExactly("test/1.ppm");
  }

  @Test
  void boxesMayBeWordsAndThoseThatAreNoneAreSkippedOrRefused() throws IOException {
    five("pics/0.ppm", "0.ppm");
    String whole = new String(files.get("labels.json").read(), StandardCharsets.UTF_8);
    String first = "\"image_id\":1,\"category_id\":3,\"bbox\":[1,2,10,10]";
    text(
        "labels.json",
        whole.replace(first, first.replace("[1,2,10,10]", "[\"1\",\"2\",\"10\",\"10\"]")));
    assertThat(read().findings().sentences()).isEmpty();
    text("labels.json", whole.replace(first, first.replace("[1,2,10,10]", "[1,2,-10,10]")));
    assertThat(read().findings().count(Findings.Kind.ZERO_AREA)).isEqualTo(1);
    for (String none : List.of("[]", "null")) {
      text("labels.json", whole.replace(first, first.replace("[1,2,10,10]", none)));
      assertThat(read().findings().found(Findings.Kind.NO_BOX))
          .containsExactly("labels.json annotation 1");
    }
    for (String wrong : List.of("[NaN,2,10,10]", "[1,2,3]", "[1,2,3,[4]]", "[1,2,3,\"x\"]")) {
      text("labels.json", whole.replace(first, first.replace("[1,2,10,10]", wrong)));
      assertThatThrownBy(this::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("labels.json annotation 1 has bbox [");
    }
  }

  @Test
  void aLargeFileIsReadInAFractionOfTheMemoryThatATreeWouldTake() throws IOException {
    int n = 100_000;
    String outline = "[" + "12.25,".repeat(80) + "1]";
    StringBuilder boxes = new StringBuilder();
    for (int i = 0; i < n; i++) {
      boxes
          .append(i == 0 ? "" : ",")
          .append("{\"segmentation\":[")
          .append(outline)
          .append("],\"id\":");
      boxes.append(i).append(",\"image_id\":").append(i % 5);
      boxes.append(",\"category_id\":3,\"bbox\":[1,2,3,4]}");
    }
    five("pics/0.ppm", "0.ppm");
    String whole = new String(files.get("labels.json").read(), StandardCharsets.UTF_8);
    byte[] large =
        whole
            .replace("\"annotations\":[", "\"annotations\":[" + boxes + ",")
            .getBytes(StandardCharsets.UTF_8);
    boxes.setLength(0);
    assertThat(large.length).isGreaterThan(50_000_000);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    CocoFile file = CocoFile.read("labels.json", () -> large);
    assertThat(file.things()).hasSize(n + 5);
    // A tree's nodes for 81 numbers of each outline would be more than this.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2_000L * n);
  }

  private static String voc() {
    return "<annotation><size><width>40</width><height>30</height></size><object><name>cat</name>"
        + "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";
  }

  @Test
  void vocsListsMayHaveEndingsAndJoinTheLearnedParts() throws IOException {
    for (String id : List.of("a", "b", "c")) {
      pictures("V/JPEGImages/" + id + ".ppm");
      text("V/Annotations/" + id + ".xml", voc());
    }
    text("V/ImageSets/Main/trainval.txt", "\ufeffa.jpg\r\nb.jpg 1\r\n");
    text("V/ImageSets/Main/cat_trainval.txt", "a -1\nc 1\n");
    text("V/ImageSets/Main/test.txt", "c.jpg\n");
    assertThat(ids(read().train())).containsExactly("V/JPEGImages/a.ppm", "V/JPEGImages/b.ppm");
    assertThat(ids(read().test())).containsExactly("V/JPEGImages/c.ppm");
    // Where val.txt is, trainval.txt does not make its pictures learned ones.
    text("V/ImageSets/Main/train.txt", "a\n");
    text("V/ImageSets/Main/val.txt", "b\n");
    assertThat(ids(read().train())).containsExactly("V/JPEGImages/a.ppm");
    assertThat(ids(read().val())).containsExactly("V/JPEGImages/b.ppm");
    text("V/ImageSets/Main/trainval.txt", "a\nb\nc\n");
    assertThatThrownBy(this::read).hasMessageContaining("lists of trainval and of test");
  }

  @Test
  void petsKeepTheirBoxesInAFolderOfXml() throws IOException {
    StringBuilder trainval = new StringBuilder("# a comment\n");
    for (int i = 0; i < 10; i++) {
      pictures("images/Pug_" + i + ".ppm", "annotations/trimaps/Pug_" + i + ".png");
      text("annotations/xmls/Pug_" + i + ".xml", voc());
      trainval.append("Pug_" + i + " 1 1 1\n");
    }
    pictures("images/Pug_100.ppm");
    text("annotations/trainval.txt", trainval.toString());
    text("annotations/test.txt", "Pug_100 1 1 1\n");
    DetectionSet set = read();
    assertThat(set.train()).hasSize(8);
    assertThat(set.test()).hasSize(2);
    assertThat(set.findings().found(Findings.Kind.NO_ANNOTATION))
        .containsExactly("images/Pug_100.ppm");
  }

  @Test
  void anXmlFileElsewhereFindsItsPictureByTheNameInIt() throws IOException {
    for (int i = 0; i < 5; i++) {
      pictures("pictures/" + i + ".ppm");
      text(
          "boxes/" + i + ".xml",
          voc().replace("<size>", "<filename>" + i + ".ppm</filename><size>"));
    }
    assertThat(read().train()).hasSize(4);
    assertThat(read().findings().sentences()).isEmpty();
  }

  @Test
  void masksAreNoPictures() throws IOException {
    for (int i = 0; i < 5; i++) {
      pictures("JPEGImages/" + i + ".ppm", "SegmentationClass/" + i + ".png");
      text("Annotations/" + i + ".xml", voc());
    }
    assertThat(read().findings().sentences()).isEmpty();
    assertThat(read().train()).hasSize(4);
  }
}
