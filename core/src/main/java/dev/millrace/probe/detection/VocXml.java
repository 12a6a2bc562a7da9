package dev.millrace.probe.detection;

import dev.millrace.file.Printable;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.InputStream;
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
 * JPEGImages/X.jpg} (or {@code images/}), or both in one folder; the split as {@link VocLists}
 * finds it.
 *
 * <p>VOC counts pixels from 1, both ends within the box (Everingham et al., "The Pascal Visual
 * Object Classes Challenge", IJCV 2010, devkit), so 1 is taken from the left and upper edge; a box
 * whose edges are equal as written has no area. Stateless.
 */
final class VocXml {
  private static final Pattern FOLDER =
      Pattern.compile("(?i)(?<=^|/)(Annotations|JPEGImages|images|labels|xmls?)/");

  private static final Pattern MASK =
      Pattern.compile("(?i)(.*/)?(SegmentationClass|SegmentationObject|trimaps|masks)/.*");

  private VocXml() {}

  static List<Annotation> read(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    Map<String, String> pictures = pictures(files.keySet());
    Map<String, String> parts = VocLists.parts(set, files, pictures.keySet());
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

  static boolean isXml(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".xml");
  }

  /** A picture's path without the folder of its kind and without its ending. */
  static String key(String path) {
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
