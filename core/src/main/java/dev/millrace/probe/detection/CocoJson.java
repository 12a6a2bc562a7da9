package dev.millrace.probe.detection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * COCO's annotations (Lin et al., "Microsoft COCO", ECCV 2014): a JSON file of images, categories
 * and annotations for each part, whose path says {@code train}, {@code val} or {@code test}; a
 * single file has no split, whatever it is called. Pictures are found by {@code file_name},
 * anywhere in the set. An image without annotations is a picture of nothing. Stateless.
 */
final class CocoJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** At a word's start: instances_train2017, valid. */
  private static final Pattern PART = Pattern.compile("(?:^|[^a-z])(train|val|test)");

  private CocoJson() {}

  static List<Annotation> read(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    Map<String, JsonNode> roots = new TreeMap<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (file.getKey().toLowerCase(Locale.ROOT).endsWith(".json")) {
        JsonNode root = parse(file.getKey(), file.getValue().read());
        if (root.path("images").isArray() && root.path("annotations").isArray()) {
          roots.put(file.getKey(), root);
        }
      }
    }
    if (roots.isEmpty()) {
      throw new IllegalArgumentException(
          set + " has JSON files, but none with COCO's \"images\" and \"annotations\"");
    }
    Map<String, List<String>> pictures = new HashMap<>();
    for (String path : files.keySet()) {
      if (Catalogue.isPicture(path)) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        pictures.computeIfAbsent(last, k -> new ArrayList<>()).add(path);
      }
    }
    List<Annotation> annotations = new ArrayList<>();
    Map<String, String> owners = new HashMap<>();
    for (Map.Entry<String, JsonNode> root : roots.entrySet()) {
      for (Annotation a : one(root.getKey(), root.getValue(), files, pictures, findings)) {
        String part = roots.size() == 1 ? null : part(root.getKey());
        if (roots.size() > 1 && part == null) {
          throw new IllegalArgumentException(
              "%s: %s says neither train nor val nor test in its path, beside %d other files; rename it or take it out"
                  .formatted(set, root.getKey(), roots.size() - 1));
        }
        String other = owners.put(a.id(), root.getKey());
        if (other != null) {
          throw new IllegalArgumentException(
              "%s: %s is annotated in %s and in %s; a picture to judge by must not be learned: take it out of one"
                  .formatted(set, a.id(), other, root.getKey()));
        }
        annotations.add(a.with(part));
      }
    }
    Set<String> used = new HashSet<>(owners.keySet());
    files.keySet().stream()
        .filter(path -> Catalogue.isPicture(path) && !used.contains(path))
        .forEach(path -> findings.add(Findings.Kind.NO_ANNOTATION, path));
    return annotations;
  }

  private static JsonNode parse(String file, byte[] bytes) throws IOException {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + " is no well-formed JSON: " + e.getOriginalMessage() + "; mend it or take it out",
          e);
    }
  }

  /** The part that a path speaks of, its last folders first; null for none. */
  private static String part(String path) {
    String[] names = path.toLowerCase(Locale.ROOT).split("/");
    for (int i = names.length - 1; i >= 0; i--) {
      Matcher part = PART.matcher(names[i]);
      if (part.find()) {
        return part.group(1);
      }
    }
    return null;
  }

  private static List<Annotation> one(
      String file,
      JsonNode root,
      Map<String, Image.Content> files,
      Map<String, List<String>> pictures,
      Findings findings)
      throws IOException {
    Map<Long, String> categories = new HashMap<>();
    for (JsonNode category : root.path("categories")) {
      categories.put(
          whole(file, category, "id"), category.path("name").asText(category.path("id").asText()));
    }
    Map<Long, JsonNode> images = new LinkedHashMap<>();
    Map<Long, List<Annotation.Thing>> things = new HashMap<>();
    for (JsonNode image : root.path("images")) {
      long id = whole(file, image, "id");
      images.put(id, image);
      things.put(id, new ArrayList<>());
    }
    for (JsonNode annotation : root.path("annotations")) {
      List<Annotation.Thing> of = things.get(whole(file, annotation, "image_id"));
      String called = file + " annotation " + annotation.path("id").asText("without id");
      if (of == null) {
        findings.add(
            Findings.Kind.NO_PICTURE,
            called + ", of image " + annotation.path("image_id").asText());
      } else {
        of.add(thing(called, annotation, categories));
      }
    }
    List<Annotation> annotations = new ArrayList<>();
    for (Map.Entry<Long, JsonNode> image : images.entrySet()) {
      String name = image.getValue().path("file_name").asText();
      String path = find(file, name, pictures);
      if (path == null) {
        findings.add(Findings.Kind.NO_PICTURE, file + " image " + name);
        continue;
      }
      annotations.add(
          new Annotation(
              path,
              path,
              null,
              files.get(path),
              image.getValue().path("width").asInt(),
              image.getValue().path("height").asInt(),
              things.get(image.getKey())));
    }
    return annotations;
  }

  private static Annotation.Thing thing(
      String called, JsonNode annotation, Map<Long, String> categories) throws IOException {
    JsonNode box = annotation.path("bbox");
    double[] b = new double[4];
    for (int i = 0; i < 4; i++) {
      b[i] = box.path(i).asDouble(Double.NaN);
      if (!Double.isFinite(b[i])) {
        throw new IOException(
            "%s has bbox %s, expected [x, y, width, height]; mend it or take it out"
                .formatted(called, box));
      }
    }
    long category = whole(called, annotation, "category_id");
    return new Annotation.Thing(
        categories.get(category),
        "%s, %s %s"
            .formatted(called, categories.getOrDefault(category, "category " + category), box),
        b[0],
        b[1],
        b[0] + b[2],
        b[1] + b[3],
        annotation.path("area").asDouble(Double.NaN),
        annotation.path("iscrowd").asInt() == 1,
        false);
  }

  private static long whole(String where, JsonNode of, String key) throws IOException {
    if (!of.path(key).canConvertToLong()) {
      throw new IOException(
          "%s: found %s %s, expected a whole number; mend it or take it out"
              .formatted(where, key, of.path(key)));
    }
    return of.path(key).asLong();
  }

  /** The picture of a name: by its whole path if several end alike, else beside the file. */
  private static String find(String file, String name, Map<String, List<String>> pictures) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    List<String> all =
        pictures.getOrDefault(last, List.of()).stream()
            .filter(p -> p.equals(name) || p.endsWith("/" + name))
            .toList();
    if (all.size() <= 1) {
      return all.isEmpty() ? null : all.get(0);
    }
    String part = part(file);
    String folder = file.substring(0, file.lastIndexOf('/') + 1);
    List<String> near = all.stream().filter(p -> p.equals(folder + name)).toList();
    if (near.isEmpty() && part != null) {
      near = all.stream().filter(p -> part.equals(part(p))).toList();
    }
    if (near.size() != 1) {
      throw new IllegalArgumentException(
          "%s names %s, which may be any of %s; write its path into file_name"
              .formatted(file, name, all));
    }
    return near.get(0);
  }
}
