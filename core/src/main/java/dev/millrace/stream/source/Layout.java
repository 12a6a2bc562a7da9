package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What folders mean: {@code {train,val,test}/CLASS/image} (also {@code training}, {@code valid},
 * {@code validation} and {@code testing}, in any case of letters), {@code DOMAIN/CLASS/image},
 * {@code CLASS/image}, or flat and unlabelled. Tiny ImageNet's {@code val_annotations.txt} is
 * understood.
 */
final class Layout {
  /** The rows of each part; validation and test are empty where the layout has none. */
  record Parts(List<Labelled.Row> train, List<Labelled.Row> validation, List<Labelled.Row> test) {
    /** Parts without a validation part. */
    Parts(List<Labelled.Row> train, List<Labelled.Row> test) {
      this(train, List.of(), test);
    }
  }

  private static final int SHOWN = 5;
  private static final Logger LOG = LoggerFactory.getLogger(Layout.class);

  private Layout() {}

  static Parts read(Listing listing, String name) throws java.io.IOException {
    Listing inner = listing.stripped();
    Map<String, Image.Content> pictures = inner.pictures();
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException(
          name
              + " has no pictures: none of its "
              + listing.files().size()
              + " files ends in .jpg, .png, .webp, .ppm, .bmp, .tif or .gif; give a folder or archive of pictures");
    }
    int others = listing.files().size() - pictures.size();
    if (others > 0) {
      LOG.info("{}: left out {} files that are not pictures", name, others);
    }
    requireNoStrays(pictures.keySet(), name);
    Map<String, String> annotated = annotations(inner);
    boolean split = pictures.keySet().stream().allMatch(Layout::inPart);
    List<Labelled.Row> train = new ArrayList<>();
    List<Labelled.Row> validation = new ArrayList<>();
    List<Labelled.Row> test = new ArrayList<>();
    boolean domains = !split && domains(pictures.keySet());
    for (Map.Entry<String, Image.Content> picture : pictures.entrySet()) {
      String path = picture.getKey();
      String[] parts = path.split("/");
      int first = split ? 1 : 0;
      String label = parts.length - first >= 2 ? parts[first] : null;
      String domain = null;
      if (domains) {
        domain = parts[0];
        label = parts[1];
      }
      Part part = split ? Part.of(parts[0]) : Part.TRAIN;
      boolean held = part != Part.TRAIN;
      if (held && annotated.containsKey(parts[parts.length - 1])) {
        label = annotated.get(parts[parts.length - 1]);
      } else if (held && !annotated.isEmpty()) {
        continue; // Tiny ImageNet's test part has no labels
      }
      (switch (part) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
          })
          .add(new Labelled.Row(path, label, domain, picture.getValue()));
    }
    if (test.stream().allMatch(row -> row.label() == null)) {
      // Beside no test part, or one to send in for marking, the validation part is what judges.
      test.addAll(0, validation);
      validation.clear();
      test.sort(Comparator.comparing(Labelled.Row::id));
    }
    warnOfUnlabelled(name, Stream.of(train, validation, test).flatMap(List::stream).toList());
    return new Parts(train, validation, test);
  }

  private static boolean inPart(String path) {
    return Part.of(path.substring(0, Math.max(0, path.indexOf('/')))) != null;
  }

  /**
   * Refuses a few pictures that lie where the others' layout has no place for them: one loose
   * picture must not make {@code train} and {@code test}, or domains, the classes.
   */
  private static void requireNoStrays(Set<String> paths, String name) {
    List<String> foldered = paths.stream().filter(p -> p.contains("/")).toList();
    Set<String> tops = foldered.stream().map(Layout::top).collect(Collectors.toSet());
    List<Part> known = tops.stream().map(Part::of).filter(Objects::nonNull).toList();
    boolean parts = known.contains(Part.TRAIN) && Set.copyOf(known).size() > 1;
    if (parts || !tops.isEmpty() && known.size() == tops.size()) {
      refuse(paths, Layout::inPart, "{train,test}/CLASS/image", name);
      return;
    }
    // Where most do not fit, the folders mean something else.
    Predicate<String> third = p -> p.split("/").length == 3;
    Set<String> deep = paths.stream().filter(third).collect(Collectors.toSet());
    if (2 * deep.size() > paths.size() && domains(deep)) {
      refuse(paths, third, "DOMAIN/CLASS/image", name);
      return;
    }
    // A folder around the whole set is left out of account, which a picture beside it prevents.
    if (tops.size() == 1 && 2 * foldered.size() > paths.size()) {
      String around = tops.iterator().next();
      Set<String> inner =
          foldered.stream().map(p -> p.substring(around.length() + 1)).collect(Collectors.toSet());
      requireNoStrays(inner, name + "/" + around);
      if (inner.stream().allMatch(p -> p.contains("/"))) {
        refuse(paths, p -> p.contains("/"), around + "/CLASS/image", name);
      }
    }
  }

  private static void refuse(
      Set<String> paths, Predicate<String> fits, String layout, String name) {
    List<String> strays = paths.stream().filter(fits.negate()).sorted().toList();
    if (!strays.isEmpty()) {
      throw new IllegalArgumentException(
          "%s lies as %s, but %d of its %d pictures %s not: %s; move %s into place, or take %s out"
              .formatted(
                  name,
                  layout,
                  strays.size(),
                  paths.size(),
                  strays.size() == 1 ? "does" : "do",
                  shown(strays),
                  strays.size() == 1 ? "it" : "them",
                  strays.size() == 1 ? "it" : "them"));
    }
  }

  private static void warnOfUnlabelled(String name, List<Labelled.Row> rows) {
    List<String> bare =
        rows.stream().filter(row -> row.label() == null).map(Labelled.Row::id).toList();
    int all = rows.size();
    if (!bare.isEmpty() && bare.size() < all) {
      LOG.warn(
          "{}: {} of {} pictures lie in no class folder and have no class: {}",
          name,
          bare.size(),
          all,
          shown(bare));
    }
  }

  private static String top(String path) {
    return path.substring(0, path.indexOf('/'));
  }

  private static String shown(List<String> paths) {
    return paths.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (paths.size() > SHOWN ? ", …" : "");
  }

  private static Map<String, String> annotations(Listing listing) throws java.io.IOException {
    Map<String, String> labels = new TreeMap<>();
    String file = "val/val_annotations.txt";
    if (listing.files().containsKey(file)) {
      listing
          .text(file)
          .lines()
          .map(line -> line.split("\t"))
          .filter(cells -> cells.length >= 2)
          .forEach(cells -> labels.put(cells[0], cells[1]));
    }
    return labels;
  }

  /** Folders of two levels are domains when the same classes stand in at least two of them. */
  private static boolean domains(Set<String> paths) {
    Map<String, Set<String>> inside = new TreeMap<>();
    for (String path : paths) {
      String[] parts = path.split("/");
      if (parts.length != 3) {
        return false;
      }
      inside.computeIfAbsent(parts[0], k -> new HashSet<>()).add(parts[1]);
    }
    Set<String> all = new HashSet<>();
    inside.values().forEach(all::addAll);
    int shared = inside.values().stream().mapToInt(Set::size).sum();
    // A single name in all of them, such as `images`, tells no classes apart.
    return inside.size() > 1 && all.size() > 1 && shared > 1.5 * all.size();
  }
}
