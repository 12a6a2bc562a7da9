package dev.millrace.probe.detection;

import dev.millrace.file.Printable;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * COCO's annotations (Lin et al., "Microsoft COCO", ECCV 2014): JSON files of images, categories
 * and annotations, one for each part, whose path says {@code train}, {@code val} or {@code test},
 * or without a split: a single file, or several of which none says a part. Of COCO's own folder
 * {@code instances_*} are used. Pictures are found by {@code file_name}, see {@link PictureNames}.
 * An image without annotations is a picture of nothing. Stateless.
 */
final class CocoJson {
  private CocoJson() {}

  /** Whether any file has COCO's form; what is no JSON is not asked. */
  static boolean anyIn(SortedMap<String, Image.Content> files) throws IOException {
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (json(file.getKey())) {
        try {
          CocoFile read = CocoFile.read(file.getKey(), file.getValue());
          if (read.images() && read.annotations()) {
            return true;
          }
        } catch (IOException e) {
          continue; // reported where it is needed
        }
      }
    }
    return false;
  }

  static List<Annotation> read(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    List<CocoFile> used = used(set, files, findings);
    PictureNames names = new PictureNames(files.keySet());
    Map<String, String> parts = parts(set, used);
    List<Annotation> annotations = new ArrayList<>();
    Map<String, String> owners = new HashMap<>();
    for (CocoFile file : used) {
      for (Annotation a : one(file, files, names, findings)) {
        String other = owners.put(a.id(), file.path());
        if (other != null) {
          throw UsageException.ofWord(
              "%s: %s is annotated in %s and in %s; a picture to judge by must not be learned, nor learned twice: take it out of one"
                  .formatted(set, a.id(), other, file.path()));
        }
        annotations.add(a.with(parts.get(file.path())));
      }
    }
    files.keySet().stream()
        .filter(path -> Catalogue.isPicture(path) && !owners.containsKey(path))
        .forEach(path -> findings.add(Findings.Kind.NO_ANNOTATION, path));
    return byFolders(annotations);
  }

  private static boolean json(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".json");
  }

  /** The files with boxes; the others of COCO's form are named. */
  private static List<CocoFile> used(
      String set, SortedMap<String, Image.Content> files, Findings findings) throws IOException {
    Set<String> instances =
        files.keySet().stream()
            .filter(path -> json(path) && last(path).startsWith("instances"))
            .map(CocoJson::folder)
            .collect(Collectors.toSet());
    List<CocoFile> used = new ArrayList<>();
    for (Map.Entry<String, Image.Content> entry : files.entrySet()) {
      String path = entry.getKey();
      if (!json(path)) {
        continue;
      }
      if (instances.contains(folder(path)) && !last(path).startsWith("instances")) {
        findings.add(Findings.Kind.OTHER_FILE, path + " (instances are used)");
        continue;
      }
      CocoFile file = CocoFile.read(path, entry.getValue());
      if (file.images() && (!file.annotations() || !file.boxes())) {
        findings.add(Findings.Kind.OTHER_FILE, path + " (it has no bbox)");
      } else if (file.images()) {
        used.add(file);
      }
    }
    if (used.isEmpty()) {
      throw UsageException.ofWord(
          set
              + " has JSON files, but none with COCO's \"images\" and \"annotations\" that have a \"bbox\"");
    }
    return used;
  }

  /** The part of each file; of none where no file, or the only one, says one. */
  private static Map<String, String> parts(String set, List<CocoFile> files) {
    Map<String, String> parts = new HashMap<>();
    if (files.size() == 1) {
      return parts;
    }
    for (CocoFile file : files) {
      String part = PictureNames.part(file.path());
      if (part != null) {
        parts.put(file.path(), part);
      }
    }
    for (CocoFile file : files) {
      if (!parts.isEmpty() && !parts.containsKey(file.path())) {
        throw UsageException.ofWord(
            "%s: %s says neither train nor val nor test in its path, beside %d other files of which %d do; rename it or take it out"
                .formatted(set, file.path(), files.size() - 1, parts.size()));
      }
    }
    return parts;
  }

  /** Where no file says a part, but the pictures lie in folders of several, those are the split. */
  private static List<Annotation> byFolders(List<Annotation> annotations) {
    if (annotations.stream().anyMatch(a -> a.part() != null)) {
      return annotations;
    }
    List<String> parts = annotations.stream().map(a -> PictureNames.folderPart(a.id())).toList();
    if (parts.contains(null) || Set.copyOf(parts).size() < 2) {
      return annotations;
    }
    return annotations.stream().map(a -> a.with(PictureNames.folderPart(a.id()))).toList();
  }

  private static List<Annotation> one(
      CocoFile file, Map<String, Image.Content> files, PictureNames names, Findings findings) {
    String path = file.path();
    Map<String, String> categories = categories(file, findings);
    Map<String, CocoFile.Picture> pictures = new LinkedHashMap<>();
    Map<String, List<Annotation.Thing>> things = new HashMap<>();
    for (CocoFile.Picture picture : file.pictures()) {
      CocoFile.Picture other = pictures.putIfAbsent(picture.id(), picture);
      if (other != null && !other.equals(picture)) {
        throw UsageException.ofWord(
            "%s has two images of id %s, %s and %s: whose boxes are whose is not known; give each an id of its own"
                .formatted(path, plain(picture.id()), plain(other.name()), plain(picture.name())));
      }
      if (other != null) {
        findings.add(Findings.Kind.TWICE, path + " image " + plain(picture.id()));
      }
      things.put(picture.id(), new ArrayList<>());
    }
    for (CocoFile.Thing thing : file.things()) {
      List<Annotation.Thing> of = things.get(thing.image());
      if (of == null) {
        findings.add(
            Findings.Kind.NO_PICTURE, called(path, thing) + ", of image " + plain(thing.image()));
      } else if (thing.box() == null) {
        findings.add(Findings.Kind.NO_BOX, called(path, thing));
      } else {
        of.add(thing(path, thing, categories));
      }
    }
    List<Annotation> annotations = new ArrayList<>();
    Map<String, CocoFile.Picture> owners = new HashMap<>();
    for (CocoFile.Picture picture : pictures.values()) {
      String found = picture.name().isBlank() ? null : names.find(path, picture.name());
      if (found == null) {
        findings.add(Findings.Kind.NO_PICTURE, path + " image " + plain(picture.name()));
        continue;
      }
      CocoFile.Picture other = owners.put(found, picture);
      if (other != null) {
        throw UsageException.ofWord(
            "%s: images %s and %s are both %s; join their boxes under one id"
                .formatted(path, plain(other.id()), plain(picture.id()), found));
      }
      annotations.add(
          new Annotation(
              found,
              found,
              null,
              files.get(found),
              picture.width(),
              picture.height(),
              things.get(picture.id())));
    }
    return annotations;
  }

  private static Map<String, String> categories(CocoFile file, Findings findings) {
    Map<String, String> categories = new HashMap<>();
    Map<String, String> ids = new HashMap<>();
    for (CocoFile.Category category : file.categories()) {
      String other = categories.put(category.id(), category.name());
      if (other != null && !other.equals(category.name())) {
        throw UsageException.ofWord(
            "%s has two categories of id %s, %s and %s: which a box is of is not known; give each an id of its own"
                .formatted(
                    file.path(), plain(category.id()), plain(other), plain(category.name())));
      }
      String id = ids.putIfAbsent(category.name(), category.id());
      if (id != null && !Objects.equals(id, category.id())) {
        findings.add(
            Findings.Kind.ONE_CLASS,
            "%s categories %s and %s, %s"
                .formatted(file.path(), plain(id), plain(category.id()), plain(category.name())));
      }
    }
    return categories;
  }

  private static Annotation.Thing thing(
      String path, CocoFile.Thing thing, Map<String, String> categories) {
    double[] b = thing.box();
    String name = categories.get(thing.category());
    return new Annotation.Thing(
        name,
        () ->
            "%s, %s %s"
                .formatted(
                    called(path, thing),
                    plain(name == null ? "category " + thing.category() : name),
                    Arrays.toString(b)),
        b[0],
        b[1],
        b[0] + b[2],
        b[1] + b[3],
        thing.area(),
        thing.crowd(),
        false);
  }

  private static String called(String path, CocoFile.Thing thing) {
    return path + " annotation " + plain(thing.id());
  }

  private static String plain(String text) {
    return Printable.of(text, 200);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String folder(String path) {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }
}
