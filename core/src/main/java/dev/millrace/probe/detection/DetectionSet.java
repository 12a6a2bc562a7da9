package dev.millrace.probe.detection;

import dev.millrace.probe.Features;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.HeldOut;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.decode.Pixels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures with boxes, in the parts of a split. The rules for what is wrong in annotations are
 * those of {@link Findings.Kind}: nothing is left out without being counted and named.
 *
 * @param name what a person calls it
 * @param classes names that labels index, those of the training part, sorted
 * @param train to learn from
 * @param val held out by the set itself; judged on where there is no test part; may be empty
 * @param test to judge by; may be empty
 * @param heldOut whether test is a fifth that was held out, since the set brings no parts
 * @param findings what was wrong
 */
public record DetectionSet(
    String name,
    List<String> classes,
    List<AnnotatedPicture> train,
    List<AnnotatedPicture> val,
    List<AnnotatedPicture> test,
    boolean heldOut,
    Findings findings) {
  private static final Logger LOG = LoggerFactory.getLogger(DetectionSet.class);

  private static final int NAMED = 5;

  /** Makes the lists immutable. */
  public DetectionSet {
    classes = List.copyOf(classes);
    train = List.copyOf(train);
    val = List.copyOf(val);
    test = List.copyOf(test);
  }

  /** The part that is judged on: test, else val. */
  public List<AnnotatedPicture> judged() {
    return test.isEmpty() ? val : test;
  }

  /** Name of that part; {@code held-out} where the set brings none. */
  public String judgedName() {
    return heldOut ? "held-out" : test.isEmpty() ? "val" : "test";
  }

  /**
   * Reads a set from the files of a folder or archive, and tells what was wrong.
   *
   * @param name what a person calls it
   * @param files by path, with {@code /} between parts
   * @throws IllegalArgumentException if there are no annotations, or no part to learn from or to
   *     judge by is left
   * @throws IOException if an annotation cannot be read
   */
  public static DetectionSet read(String name, SortedMap<String, Image.Content> files)
      throws IOException {
    Findings findings = new Findings();
    List<Annotation> annotations;
    int xml = VocXml.count(files);
    // One XML file beside COCO's is a stray; of many, VOC's own boxes are taken.
    if (xml > 1 || xml == 1 && !CocoJson.anyIn(files)) {
      annotations = VocXml.read(name, files, findings);
      if (ends(files, ".json")) {
        LOG.info("{} has Pascal VOC's XML files, which are used; its JSON files are not", name);
      }
    } else if (ends(files, ".json")) {
      annotations = CocoJson.read(name, files, findings);
    } else {
      throw UsageException.ofWord(
          name
              + " has no annotations: none of its "
              + files.size()
              + " files is an .xml file of Pascal VOC's or a .json file of COCO's; detection needs boxes");
    }
    DetectionSet set = of(name, annotations, findings);
    findings.sentences().forEach(sentence -> LOG.warn("{}: {}", name, sentence));
    return set;
  }

  private static boolean ends(Map<String, Image.Content> files, String ending) {
    return files.keySet().stream().anyMatch(f -> f.toLowerCase(Locale.ROOT).endsWith(ending));
  }

  static DetectionSet of(String name, List<Annotation> annotations, Findings findings)
      throws IOException {
    Map<String, List<Annotation>> parts = new TreeMap<>();
    List<String> own =
        annotations.stream().map(Annotation::part).filter(Objects::nonNull).distinct().toList();
    boolean heldOut = own.size() < 2;
    if (own.size() == 1) {
      LOG.info("{} has annotated pictures in its {} part only", name, own.get(0));
    }
    for (Annotation annotation : heldOut ? heldOut(name, annotations) : annotations) {
      parts.computeIfAbsent(annotation.part(), p -> new ArrayList<>()).add(annotation);
    }
    List<Annotation> train = parts.getOrDefault("train", List.of());
    TreeSet<String> classes = new TreeSet<>();
    train.forEach(
        a -> a.things().stream().filter(t -> t.name() != null).forEach(t -> classes.add(t.name())));
    List<String> names = List.copyOf(classes);
    DetectionSet set =
        new DetectionSet(
            name,
            names,
            clean(train, names, findings),
            clean(parts.getOrDefault("val", List.of()), names, findings),
            clean(parts.getOrDefault("test", List.of()), names, findings),
            heldOut,
            findings);
    long learned = boxes(set.train());
    long judged = boxes(set.judged());
    if (names.isEmpty() || learned == 0 || judged == 0) {
      throw UsageException.ofWord(
          "%s has %d annotated pictures to learn from, with %d boxes of %d classes, and %d to judge by, with %d boxes; detection needs some of each%s"
              .formatted(
                  name,
                  set.train().size(),
                  learned,
                  names.size(),
                  set.judged().size(),
                  judged,
                  findings.sentences().isEmpty()
                      ? ""
                      : " (" + String.join("; ", findings.sentences()) + ")"));
    }
    return set;
  }

  private static long boxes(List<AnnotatedPicture> pictures) {
    return pictures.stream().mapToLong(picture -> picture.truths().size()).sum();
  }

  /** Where a set brings no parts, a fifth is held out, the same everywhere. */
  private static List<Annotation> heldOut(String name, List<Annotation> annotations) {
    int n = annotations.size();
    int[] held =
        HeldOut.places(
            n,
            i -> {
              Annotation annotation = annotations.get(i);
              return new Image(annotation.id(), Image.NONE, Image.NONE, annotation.content());
            });
    LOG.info(
        "{} has no test part: a fifth, {} of its {} pictures, is held out to judge by",
        name,
        held.length,
        n);
    List<Annotation> split = new ArrayList<>(n);
    annotations.forEach(annotation -> split.add(annotation.with("train")));
    for (int i : held) {
      split.set(i, annotations.get(i).with("test"));
    }
    return split;
  }

  private static List<AnnotatedPicture> clean(
      List<Annotation> annotations, List<String> classes, Findings findings) throws IOException {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    for (Annotation annotation : annotations) {
      int width = annotation.width();
      int height = annotation.height();
      if (width < 1 || height < 1) {
        Pixels pixels = pixels(annotation);
        width = pixels.width();
        height = pixels.height();
      }
      List<Truth> truths = new ArrayList<>();
      for (Annotation.Thing thing : annotation.things()) {
        Truth truth = clean(thing, width, height, classes, findings);
        if (truth != null) {
          truths.add(truth);
        }
      }
      pictures.add(
          new AnnotatedPicture(
              new Image(annotation.id(), Image.NONE, Image.NONE, annotation.content()),
              width,
              height,
              truths));
    }
    return pictures;
  }

  private static Pixels pixels(Annotation annotation) throws IOException {
    try {
      return Decoder.decode(annotation.content().read());
    } catch (BadPictureException e) {
      throw new IOException(
          "%s: its annotation says no size, and the picture cannot be decoded: %s; mend it or take both out"
              .formatted(annotation.id(), e.reason()),
          e);
    }
  }

  /** The thing by the rules; null when they skip it. */
  private static Truth clean(
      Annotation.Thing thing, int width, int height, List<String> classes, Findings findings) {
    if (!(thing.x2() > thing.x1() && thing.y2() > thing.y1())) {
      findings.add(Findings.Kind.ZERO_AREA, thing.called().get());
      return null;
    }
    int label = thing.name() == null ? -1 : classes.indexOf(thing.name());
    if (label < 0) {
      findings.add(Findings.Kind.UNKNOWN_CLASS, thing.called().get());
      return null;
    }
    Box box = new Box(thing.x1(), thing.y1(), thing.x2(), thing.y2());
    Box inside = box.clipped(width, height);
    if (!(inside.area() > 0)) {
      findings.add(Findings.Kind.OUTSIDE, thing.called().get());
      return null;
    }
    if (box.x1() < -1 || box.y1() < -1 || box.x2() > width + 1 || box.y2() > height + 1) {
      findings.add(Findings.Kind.REACHING, thing.called().get());
    }
    boolean whole = inside.equals(box) && !Double.isNaN(thing.area());
    return new Truth(
        inside, label, whole ? thing.area() : inside.area(), thing.crowd(), thing.difficult());
  }

  /**
   * The pictures that decode; the others are reported, up to 1 % of them.
   *
   * @throws IllegalArgumentException if more are bad, or one is not of the size that its annotation
   *     says
   */
  public List<AnnotatedPicture> decodable(List<AnnotatedPicture> pictures, int threads) {
    Map<Integer, String> misfits = new ConcurrentSkipListMap<>();
    PictureCheck.Result check =
        PictureCheck.check(
            new Pictures(name, pictures),
            threads,
            (index, width, height, bytes) -> {
              AnnotatedPicture picture = pictures.get(index);
              if (width != picture.width() || height != picture.height()) {
                misfits.put(
                    index,
                    "%s is %d×%d, annotated as %d×%d"
                        .formatted(
                            picture.image().id(),
                            width,
                            height,
                            picture.width(),
                            picture.height()));
              }
            });
    List<String> turned =
        Arrays.stream(check.turned()).mapToObj(i -> pictures.get(i).image().id()).toList();
    if (!misfits.isEmpty()) {
      long both = Arrays.stream(check.turned()).filter(misfits::containsKey).count();
      throw UsageException.ofWord(
          "%s: %d pictures are not of the size that their boxes are of: %s; %smend the annotations or take the pictures out"
              .formatted(
                  name,
                  misfits.size(),
                  Some.of(List.copyOf(misfits.values()), NAMED),
                  both == 0
                      ? ""
                      : both
                          + " of them are turned by EXIF, and boxes are taken to be of the turned pictures: take the orientation out of them where they are not; else "));
    }
    if (!turned.isEmpty()) {
      turned.forEach(id -> findings.add(Findings.Kind.TURNED, id));
      LOG.warn(
          "{}: {}; where a tool that ignores EXIF made the boxes, take the orientation out of these pictures",
          name,
          findings.sentence(Findings.Kind.TURNED));
    }
    if (!check.bad().isEmpty()) {
      String what =
          "%d of %d pictures, which cannot be decoded: %s"
              .formatted(
                  check.bad().size(),
                  pictures.size(),
                  Some.of(
                      check.bad().stream().map(b -> b.id() + " (" + b.reason() + ")").toList(),
                      NAMED));
      if (Features.tooMany(check.bad().size(), pictures.size())) {
        throw UsageException.ofWord(
            "%s would leave out %s; more than 1 %% is refused: mend them or take them out"
                .formatted(name, what));
      }
      LOG.warn("{}: left out {}", name, what);
    }
    return Arrays.stream(check.good()).mapToObj(pictures::get).toList();
  }

  /** Only the pictures. */
  private record Pictures(String name, List<AnnotatedPicture> pictures) implements ImageSet {
    @Override
    public int size() {
      return pictures.size();
    }

    @Override
    public Image image(int index) {
      return pictures.get(index).image();
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }
}
