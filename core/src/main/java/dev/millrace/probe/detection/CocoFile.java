package dev.millrace.probe.detection;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.file.Json;
import dev.millrace.file.Printable;
import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What detection needs of one of COCO's JSON files, read in one pass: outlines, captions and what
 * else there is are skipped, so memory goes by the number of boxes, not by the file. Ids may be
 * numbers or words. Not thread-safe.
 */
final class CocoFile {
  /** One picture. */
  record Picture(String id, String name, int width, int height) {}

  /** One class. */
  record Category(String id, String name) {}

  /**
   * One annotation as written.
   *
   * @param box x, y, width, height; null where there is none
   * @param area NaN where it is not said
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Thing(
      String id, String image, String category, double[] box, double area, boolean crowd) {}

  private final String path;
  private final JsonParser parser;
  private final Map<String, String> words = new HashMap<>();
  private final List<Picture> pictures = new ArrayList<>();
  private final List<Category> categories = new ArrayList<>();
  private final List<Thing> things = new ArrayList<>();
  private boolean images;
  private boolean annotations;

  private CocoFile(String path, JsonParser parser) {
    this.path = path;
    this.parser = parser;
  }

  /**
   * Reads a file; any JSON will do, see {@link #images()} and {@link #annotations()}.
   *
   * @throws IOException if it is no JSON, or an entry is not as COCO has it
   */
  static CocoFile read(String path, Image.Content content) throws IOException {
    try (InputStream in = content.open();
        JsonParser parser = Json.TOKENS.createParser(in)) {
      CocoFile file = new CocoFile(path, parser);
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        file.top();
      } else {
        parser.skipChildren();
      }
      in.transferTo(OutputStream.nullOutputStream()); // an archive's checksum comes with its end
      return file;
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s is no well-formed JSON: %s; mend it or take it out"
              .formatted(path, Printable.of(e.getOriginalMessage(), 300)),
          e);
    } catch (IOException e) {
      throw Reason.named(Path.of(path), e);
    }
  }

  private void top() throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      boolean list = parser.nextToken() == JsonToken.START_ARRAY;
      if (!list || !List.of("images", "annotations", "categories").contains(key)) {
        parser.skipChildren();
        continue;
      }
      images |= key.equals("images");
      annotations |= key.equals("annotations");
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == null) {
          parser.nextToken();
          throw new IOException(path + " is no well-formed JSON: it ends early; copy it again");
        }
        entry(key);
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException(path + " is no well-formed JSON: it ends early; copy it again");
    }
  }

  private void entry(String kind) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    Map<String, String> fields = new HashMap<>();
    double[] box = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("bbox") && value == JsonToken.START_ARRAY) {
        box = box(fields);
      } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
        fields.put(key, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    switch (kind) {
      case "images" ->
          pictures.add(
              new Picture(
                  id(fields, kind, "id"),
                  fields.getOrDefault("file_name", ""),
                  whole(fields.get("width")),
                  whole(fields.get("height"))));
      case "categories" -> {
        String id = id(fields, kind, "id");
        categories.add(new Category(id, fields.getOrDefault("name", id)));
      }
      default ->
          things.add(
              new Thing(
                  fields.getOrDefault("id", "without id"),
                  id(fields, kind, "image_id"),
                  box == null ? "" : id(fields, kind, "category_id"),
                  box,
                  number(fields.get("area")),
                  "1".equals(fields.get("iscrowd")) || "true".equals(fields.get("iscrowd"))));
    }
  }

  /** Null for an empty one, as tools write where there is only an outline. */
  private double[] box(Map<String, String> fields) throws IOException {
    List<String> given = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      given.add(String.valueOf(parser.getText()));
      parser.skipChildren();
      if (given.size() > 100) {
        break;
      }
    }
    double[] box = given.stream().mapToDouble(CocoFile::number).toArray();
    if (box.length != 4 && box.length != 0 || !Arrays.stream(box).allMatch(Double::isFinite)) {
      throw new IOException(
          "%s annotation %s has bbox [%s], expected [x, y, width, height]; mend it or take it out"
              .formatted(
                  path,
                  Printable.of(fields.getOrDefault("id", "without id"), 80),
                  Printable.of(String.join(",", given), 200)));
    }
    return box.length == 0 ? null : box;
  }

  /** A number or a word; each is kept once. 1 and 1.0 are one id. */
  private String id(Map<String, String> fields, String kind, String key) throws IOException {
    String id = fields.get(key);
    if (id == null) {
      throw new IOException(
          "%s: an entry of %s has no %s (%s); mend it or take it out"
              .formatted(path, kind, key, Printable.of(fields.toString(), 200)));
    }
    String plain = id.endsWith(".0") ? id.substring(0, id.length() - 2) : id;
    return words.computeIfAbsent(plain, word -> word);
  }

  private static int whole(String text) {
    double value = number(text);
    return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value) ? (int) value : 0;
  }

  private static double number(String text) {
    try {
      return text == null ? Double.NaN : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  String path() {
    return path;
  }

  /** Whether it lists pictures, as COCO's files do. */
  boolean images() {
    return images;
  }

  /** Whether it lists annotations, as COCO's files do. */
  boolean annotations() {
    return annotations;
  }

  /** Whether it is for detection: no annotation has a box in files of captions or panoptic ones. */
  boolean boxes() {
    return things.isEmpty() || things.stream().anyMatch(thing -> thing.box() != null);
  }

  List<Picture> pictures() {
    return pictures;
  }

  List<Category> categories() {
    return categories;
  }

  List<Thing> things() {
    return things;
  }
}
