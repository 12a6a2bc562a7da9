package dev.millrace.probe.detection;

import dev.millrace.file.Printable;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Pascal VOC's annotations, one XML file per picture: {@code Annotations/X.xml} beside {@code
 * JPEGImages/X.jpg} (or {@code images/}), or both in one folder; the split in {@code
 * ImageSets/Main/{train,val,trainval,test}.txt}, without which in another folder of {@code
 * ImageSets/}, or folders that {@link Part} knows.
 *
 * <p>VOC counts pixels from 1, both ends within the box (Everingham et al., "The Pascal Visual
 * Object Classes Challenge", IJCV 2010, devkit), so 1 is taken from the left and upper edge; a box
 * whose edges are equal as written has no area. Stateless.
 */
final class VocXml {
  /** A name in a list has so many words at most; files of another use have long lines. */
  private static final Pattern NAME = Pattern.compile("\\S+(?:\\s+\\S+){0,15}");

  private static final Pattern FOLDER =
      Pattern.compile("(?i)(?<=^|/)(Annotations|JPEGImages|images|labels|xmls?)/");

  /** VOC's lists of a split, and those of sets that keep them beside their annotations. */
  private static final Pattern LIST =
      Pattern.compile(
          "(?i)(?<root>.*?)(?:(?<sets>ImageSets/)(?:(?<task>[^/]+)/)?|annotations/)?(?<name>[^/]+)\\.txt");

  /** The folder of lists of {@code ImageSets/} that are for detection. */
  private static final String MAIN = "main";

  private static final Pattern MASK =
      Pattern.compile("(?i)(.*/)?(SegmentationClass|SegmentationObject|trimaps|masks)/.*");

  private VocXml() {}

  static List<Annotation> read(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    Map<String, String> pictures = pictures(files.keySet());
    Map<String, String> parts = parts(set, files, pictures.keySet());
    PictureNames names = new PictureNames(pictures.values());
    List<Annotation> annotations = new ArrayList<>();
    Set<String> annotated = new HashSet<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (!isXml(file.getKey())) {
        continue;
      }
      Element root = parse(file.getKey(), file.getValue());
      if (!root.getTagName().equals("annotation")) {
        continue; // another program's
      }
      String key = key(file.getKey());
      String picture = pictures.get(key);
      if (picture == null && text(root, "filename") != null) {
        picture = names.find(file.getKey(), text(root, "filename"));
        key = picture == null ? key : key(picture);
      }
      if (!annotated.add(key)) {
        throw UsageException.ofWord(
            "%s: %s has two annotations, the second in %s; take one out"
                .formatted(set, picture == null ? key : picture, file.getKey()));
      }
      if (picture == null) {
        findings.add(Findings.Kind.NO_PICTURE, file.getKey());
      } else if (!parts.isEmpty() && !parts.containsKey(key)) {
        findings.add(Findings.Kind.NO_PART, picture);
      } else {
        annotations.add(
            annotation(file.getKey(), root, key, picture, parts.get(key), files.get(picture)));
      }
    }
    pictures.forEach(
        (key, picture) -> {
          if (!annotated.contains(key)) {
            findings.add(Findings.Kind.NO_ANNOTATION, picture);
          }
        });
    parts.forEach(
        (key, part) -> {
          if (!annotated.contains(key) && !pictures.containsKey(key)) {
            findings.add(Findings.Kind.NO_PICTURE, key + " of the " + part + " list");
          }
        });
    return annotations;
  }

  private static boolean isXml(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".xml");
  }

  /** A picture's path without the folder of its kind and without its ending. */
  private static String key(String path) {
    String plain = FOLDER.matcher(Normalizer.normalize(path, Normalizer.Form.NFC)).replaceAll("");
    int dot = plain.lastIndexOf('.');
    return dot > plain.lastIndexOf('/') ? plain.substring(0, dot) : plain;
  }

  private static Map<String, String> pictures(Set<String> paths) {
    Set<String> found = paths.stream().filter(Catalogue::isPicture).collect(Collectors.toSet());
    found.removeIf(path -> MASK.matcher(path).matches());
    // VOC's masks are pictures too, but lie elsewhere.
    if (found.stream().anyMatch(p -> p.matches("(.*/)?JPEGImages/.*"))) {
      found.removeIf(p -> !p.matches("(.*/)?JPEGImages/.*"));
    }
    Map<String, String> pictures = new TreeMap<>();
    for (String path : found) {
      String other = pictures.put(key(path), path);
      if (other != null) {
        throw UsageException.ofWord(
            "%s and %s have one annotation between them, %s.xml; rename or remove one"
                .formatted(other, path, key(path)));
      }
    }
    return pictures;
  }

  /** The part of each picture by its key; empty where the set brings no split. */
  private static Map<String, String> parts(
      String set, SortedMap<String, Image.Content> files, Set<String> pictures) throws IOException {
    Map<String, String> parts = new TreeMap<>();
    Map<String, String> joint = new TreeMap<>();
    Set<String> known = new HashSet<>(pictures);
    files.keySet().stream().filter(VocXml::isXml).map(VocXml::key).forEach(known::add);
    for (SplitList list : lists(files, known, pictures)) {
      Part part = list.part();
      // trainval.txt repeats train.txt and val.txt where those are.
      Map<String, String> to = list.joint() ? joint : parts;
      List<String> keys = list.keys();
      for (String key : keys) {
        String other = to.put(key, part.shortName());
        if (other != null && !other.equals(part.shortName())) {
          throw UsageException.ofWord(
              "%s: %s stands in the lists of %s and of %s; a picture to judge by must not be learned: take it out of one"
                  .formatted(set, key, other, part.shortName()));
        }
      }
    }
    for (Map.Entry<String, String> one : joint.entrySet()) {
      String other = parts.putIfAbsent(one.getKey(), one.getValue());
      if ("test".equals(other)) {
        throw UsageException.ofWord(
            "%s: %s stands in the lists of trainval and of test; a picture to judge by must not be learned: take it out of one"
                .formatted(set, one.getKey()));
      }
    }
    return parts.isEmpty() ? byFolders(files.keySet()) : parts;
  }

  /**
   * A list of a part.
   *
   * @param root what its names begin with
   * @param folder of {@code ImageSets/} that it lies in, {@link #MAIN} where it lies in that
   *     itself; null elsewhere
   * @param joint whether it is of all that is learned from, the validation part among it
   * @param named how many of its names are pictures
   */
  private record SplitList(
      String root, String folder, Part part, boolean joint, List<String> keys, long named) {}

  /**
   * The lists that make the split. Beside VOC's {@code Main} are those of other tasks, of some of
   * the pictures: where there is no {@code Main}, the folder counts whose lists name most pictures.
   */
  private static List<SplitList> lists(
      SortedMap<String, Image.Content> files, Set<String> known, Set<String> pictures)
      throws IOException {
    List<SplitList> all = new ArrayList<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      Matcher list = LIST.matcher(file.getKey());
      Part part = list.matches() ? Part.of(list.group("name")) : null;
      if (part != null) {
        String root = list.group("root");
        List<String> keys = keys(root, file.getValue().read(), known);
        long named = keys.stream().filter(pictures::contains).count();
        String task =
            list.group("task") == null ? MAIN : list.group("task").toLowerCase(Locale.ROOT);
        String folder = list.group("sets") == null ? null : task;
        // Outside of ImageSets/, and in other tasks' folders, it may be a list of something else.
        if (named > 0 || MAIN.equals(folder)) {
          boolean joint = list.group("name").matches("(?i).*train.?val.*");
          all.add(new SplitList(root, folder, part, joint, keys, named));
        }
      }
    }
    Map<String, String> folders = new TreeMap<>();
    all.stream()
        .filter(list -> list.folder() != null)
        .collect(
            Collectors.groupingBy(
                SplitList::root,
                Collectors.groupingBy(
                    SplitList::folder, TreeMap::new, Collectors.summingLong(SplitList::named))))
        .forEach((root, counts) -> folders.put(root, usual(counts)));
    all.removeIf(list -> list.folder() != null && !list.folder().equals(folders.get(list.root())));
    return all;
  }

  private static String usual(SortedMap<String, Long> counts) {
    if (counts.containsKey(MAIN)) {
      return MAIN;
    }
    String most = counts.firstKey();
    for (Map.Entry<String, Long> one : counts.entrySet()) {
      most = one.getValue() > counts.get(most) ? one.getKey() : most;
    }
    return most;
  }

  /**
   * What a list names, as keys: of each line as many words as name a picture or an annotation,
   * since names may have spaces, and words behind them are left out. Of a line that names neither
   * it is the whole where other names of the list have spaces, else the first word.
   */
  private static List<String> keys(String root, byte[] list, Set<String> known) {
    String text = new String(list, StandardCharsets.UTF_8).replace("\ufeff", "");
    List<String> lines = text.lines().filter(line -> !line.isBlank()).map(String::strip).toList();
    List<String> named = lines.stream().map(line -> named(root, line, known)).toList();
    boolean spaces = named.stream().anyMatch(name -> name != null && name.matches(".*\\s.*"));
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String other = spaces ? lines.get(i) : lines.get(i).split("\\s+")[0];
      keys.add(listed(root, named.get(i) == null ? other : named.get(i)));
    }
    return keys;
  }

  /** The longest beginning of a line, in whole words, that is known; null where none is. */
  private static String named(String root, String line, Set<String> known) {
    Matcher words = NAME.matcher(line);
    String name = words.find() ? words.group() : line;
    while (!known.contains(listed(root, name))) {
      String shorter = name.replaceFirst("\\s+\\S+$", "");
      if (shorter.equals(name)) {
        return null;
      }
      name = shorter;
    }
    return name;
  }

  /** The key of a name that stands in a list, with or without an ending. */
  private static String listed(String root, String name) {
    String path = root + name.replace('\\', '/').replaceFirst("^(\\./)+", "");
    return Catalogue.isPicture(path) ? key(path) : key(path + ".jpg");
  }

  private static Map<String, String> byFolders(Set<String> paths) {
    Map<String, String> parts = new TreeMap<>();
    for (String path : paths) {
      String part = PictureNames.folderPart(path);
      if (part != null) {
        parts.put(key(path), part);
      }
    }
    return parts;
  }

  /** How many files have VOC's root element; the rest of them is not looked at. */
  static int count(SortedMap<String, Image.Content> files) throws IOException {
    int count = 0;
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (isXml(file.getKey()) && "annotation".equals(rootName(file.getValue())) && ++count > 1) {
        return count; // more would change nothing
      }
    }
    return count;
  }

  private static String rootName(Image.Content xml) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try (InputStream in = xml.open()) {
      XMLStreamReader reader = factory.createXMLStreamReader(in);
      while (reader.hasNext()) {
        if (reader.next() == XMLStreamConstants.START_ELEMENT) {
          return reader.getLocalName();
        }
      }
      return "";
    } catch (XMLStreamException e) {
      return ""; // reported by the parser, if it is one of VOC's
    }
  }

  private static Element parse(String file, Image.Content xml) throws IOException {
    try (InputStream in = xml.open()) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      // A file from anywhere must not make this process read others.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      Document document = builder.parse(in);
      return document.getDocumentElement();
    } catch (SAXException e) {
      throw new IOException(
          "%s is no well-formed XML: %s; mend it or take it out"
              .formatted(file, plain(e.getMessage())),
          e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's XML parser has this feature", e);
    }
  }

  private static Annotation annotation(
      String file, Element root, String key, String picture, String part, Image.Content content)
      throws IOException {
    List<Annotation.Thing> things = new ArrayList<>();
    for (Element object : children(root, "object")) {
      String name = text(object, "name");
      Element box = child(object, "bndbox");
      if (name == null || box == null) {
        throw new IOException(
            "%s: object %d has no %s; mend it or take it out"
                .formatted(file, things.size() + 1, name == null ? "name" : "bndbox"));
      }
      int number = things.size() + 1;
      double[] edges = new double[4];
      String[] tags = {"xmin", "ymin", "xmax", "ymax"};
      for (int i = 0; i < 4; i++) {
        edges[i] = number(file, things.size() + 1, tags[i], text(box, tags[i]));
      }
      boolean flat = edges[2] <= edges[0] || edges[3] <= edges[1];
      things.add(
          new Annotation.Thing(
              name,
              () ->
                  "%s object %d, %s %s"
                      .formatted(file, number, plain(name), Arrays.toString(edges)),
              edges[0] - 1,
              edges[1] - 1,
              flat ? edges[0] - 1 : edges[2],
              flat ? edges[1] - 1 : edges[3],
              Double.NaN,
              false,
              "1".equals(text(object, "difficult"))));
    }
    Element size = child(root, "size");
    return new Annotation(
        key, picture, part, content, whole(size, "width"), whole(size, "height"), things);
  }

  private static double number(String file, int object, String tag, String text)
      throws IOException {
    try {
      double value = text == null ? Double.NaN : Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below, as what is missing is
    }
    throw new IOException(
        "%s: object %d has %s %s, expected a number of pixels; mend it or take it out"
            .formatted(file, object, tag, text == null ? "missing" : plain(text)));
  }

  private static String plain(String text) {
    return Printable.of(String.valueOf(text), 200);
  }

  private static int whole(Element size, String tag) {
    String text = size == null ? null : text(size, tag);
    return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static List<Element> children(Element of, String tag) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = of.getChildNodes();
    for (int i = 0; i < nodes.getLength(); i++) {
      if (nodes.item(i) instanceof Element child && child.getTagName().equals(tag)) {
        found.add(child);
      }
    }
    return found;
  }

  private static Element child(Element of, String tag) {
    List<Element> found = children(of, tag);
    return found.isEmpty() ? null : found.get(0);
  }

  private static String text(Element of, String tag) {
    Element found = child(of, tag);
    return found == null ? null : found.getTextContent().strip();
  }
}
