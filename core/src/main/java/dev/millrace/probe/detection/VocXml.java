package dev.millrace.probe.detection;

import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Pascal VOC's annotations, one XML file a picture: {@code Annotations/X.xml} beside {@code
 * JPEGImages/X.jpg} (or {@code images/}), or both in one folder; the split in {@code
 * ImageSets/Main/{train,val,test}.txt}, or folders {@code train/}, {@code val/}, {@code test/}.
 *
 * <p>VOC counts pixels from 1, both ends within the box (Everingham et al., "The Pascal Visual
 * Object Classes Challenge", IJCV 2010, devkit), so 1 is taken from the left and upper edge; a box
 * whose edges are equal as written has no area. Stateless.
 */
final class VocXml {
  private static final Pattern FOLDER =
      Pattern.compile("(^|/)(Annotations|JPEGImages|annotations|images|labels)/");
  private static final Pattern LIST = Pattern.compile("(.*?)ImageSets/Main/(train|val|test)\\.txt");
  private static final Pattern PART = Pattern.compile("(?:.*/)?(train|val|valid|test)/.*");

  private VocXml() {}

  static List<Annotation> read(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    Map<String, String> pictures = pictures(files.keySet());
    Map<String, String> parts = parts(set, files);
    List<Annotation> annotations = new ArrayList<>();
    Set<String> annotated = new HashSet<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (!file.getKey().toLowerCase(Locale.ROOT).endsWith(".xml")) {
        continue;
      }
      Element root = parse(file.getKey(), file.getValue().read());
      if (!root.getTagName().equals("annotation")) {
        continue; // another program's
      }
      String key = key(file.getKey());
      annotated.add(key);
      String picture = pictures.get(key);
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

  /** A picture's path without the folder of its kind and without its ending. */
  private static String key(String path) {
    String plain = FOLDER.matcher(path).replaceAll("$1");
    int dot = plain.lastIndexOf('.');
    return dot > plain.lastIndexOf('/') ? plain.substring(0, dot) : plain;
  }

  private static Map<String, String> pictures(Set<String> paths) {
    Set<String> found = paths.stream().filter(Catalogue::isPicture).collect(Collectors.toSet());
    // VOC's masks are pictures too, but lie elsewhere.
    if (found.stream().anyMatch(p -> p.matches("(.*/)?JPEGImages/.*"))) {
      found.removeIf(p -> !p.matches("(.*/)?JPEGImages/.*"));
    }
    Map<String, String> pictures = new TreeMap<>();
    for (String path : found) {
      String other = pictures.put(key(path), path);
      if (other != null) {
        throw new IllegalArgumentException(
            "%s and %s have one annotation between them, %s.xml; rename or remove one"
                .formatted(other, path, key(path)));
      }
    }
    return pictures;
  }

  private static Map<String, String> parts(String set, SortedMap<String, Image.Content> files)
      throws IOException {
    Map<String, String> parts = new TreeMap<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      Matcher list = LIST.matcher(file.getKey());
      if (!list.matches()) {
        continue;
      }
      String text = new String(file.getValue().read(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.isBlank()).toList()) {
        String key = list.group(1) + line.strip().split("\\s+")[0];
        String other = parts.put(key, list.group(2));
        if (other != null && !other.equals(list.group(2))) {
          throw new IllegalArgumentException(
              "%s: %s stands in the lists of %s and of %s; a picture to judge by must not be learned: take it out of one"
                  .formatted(set, key, other, list.group(2)));
        }
      }
    }
    if (parts.isEmpty()) {
      for (String path : files.keySet()) {
        Matcher part = PART.matcher(path);
        if (part.matches()) {
          parts.put(key(path), part.group(1).replace("valid", "val"));
        }
      }
    }
    return parts;
  }

  private static Element parse(String file, byte[] xml) throws IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      // A file from anywhere must not make this process read others.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      Document document = builder.parse(new ByteArrayInputStream(xml));
      return document.getDocumentElement();
    } catch (SAXException e) {
      throw new IOException(
          file + " is no well-formed XML: " + e.getMessage() + "; mend it or take it out", e);
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
      double[] edges = new double[4];
      String[] tags = {"xmin", "ymin", "xmax", "ymax"};
      for (int i = 0; i < 4; i++) {
        edges[i] = number(file, things.size() + 1, tags[i], text(box, tags[i]));
      }
      boolean flat = edges[2] <= edges[0] || edges[3] <= edges[1];
      things.add(
          new Annotation.Thing(
              name,
              "%s object %d, %s %s"
                  .formatted(file, things.size() + 1, name, Arrays.toString(edges)),
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
      // told below, as what is missing is
    }
    throw new IOException(
        "%s: object %d has %s %s, expected a number of pixels; mend it or take it out"
            .formatted(file, object, tag, text));
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
