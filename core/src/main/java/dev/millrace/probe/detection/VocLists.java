package dev.millrace.probe.detection;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

/**
 * The split of a set with Pascal VOC's annotations: its lists, {@code
 * ImageSets/Main/{train,val,trainval,test}.txt}, without {@code Main} those of another folder of
 * {@code ImageSets/}, or lists beside the annotations; without lists the folders that {@link Part}
 * knows. Stateless.
 */
final class VocLists {
  /** A name in a list has so many words at most; files of another use have long lines. */
  private static final Pattern NAME = Pattern.compile("\\S+(?:\\s+\\S+){0,15}");

  /** VOC's lists of a split, and those of sets that keep them beside their annotations. */
  private static final Pattern LIST =
      Pattern.compile(
          "(?i)(?<root>.*?)(?:(?<sets>ImageSets/)(?:(?<task>[^/]+)/)?|annotations/)?(?<name>[^/]+)\\.txt");

  /** The folder of lists of {@code ImageSets/} that are for detection. */
  private static final String MAIN = "main";

  private VocLists() {}

  /** The part of each picture by its key; empty where the set brings no split. */
  static Map<String, String> parts(
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
    // Lists that were joined from several have byte order marks within.
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
    return Catalogue.isPicture(path) ? VocXml.key(path) : VocXml.key(path + ".jpg");
  }

  private static Map<String, String> byFolders(Set<String> paths) {
    Map<String, String> parts = new TreeMap<>();
    for (String path : paths) {
      String part = PictureNames.folderPart(path);
      if (part != null) {
        parts.put(VocXml.key(path), part);
      }
    }
    return parts;
  }
}
