package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What folders mean: {@code {train,val,test}/CLASS/image} (by any name that {@link Part} knows),
 * {@code CLASS/{train,val,test}/image}, {@code DOMAIN/CLASS/image}, {@code CLASS/image}, or flat
 * and unlabelled; guessed, or as {@link Folders} says. Tiny ImageNet's {@code val_annotations.txt}
 * is understood. Masks beside pictures are left out.
 */
final class Layout {
  /**
   * The rows of each part; validation and test are empty where the layout has none.
   *
   * @param about how they were found
   */
  record Parts(
      List<Labelled.Row> train,
      List<Labelled.Row> validation,
      List<Labelled.Row> test,
      About about) {
    /** Parts without a validation part, of a form that leaves no choice. */
    Parts(List<Labelled.Row> train, List<Labelled.Row> test) {
      this(train, List.of(), test, About.NOTHING);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Layout.class);
  private static final String ANNOTATIONS = "val/val_annotations.txt";

  private final Listing listing;
  private final String name;
  private final Folders folders;
  private final List<String> notes = new ArrayList<>();
  private final List<OtherFiles> others = new ArrayList<>();
  private TreeMap<String, Image.Content> pictures = new TreeMap<>();

  private Layout(Listing listing, String name, Folders folders) {
    this.listing = listing;
    this.name = name;
    this.folders = folders;
  }

  /**
   * Reads what a set's folders mean.
   *
   * @param need what must not be in doubt
   * @param notes what was in doubt before
   * @throws IllegalArgumentException if it is in doubt, or there is no picture
   */
  static Parts read(Listing listing, String name, Folders folders, Need need, List<String> notes)
      throws IOException {
    Layout layout = new Layout(listing, name, folders);
    notes.forEach(layout::note);
    return layout.read(need);
  }

  private Parts read(Need need) throws IOException {
    pictures = listing.pictures();
    leaveOutOthers();
    if (folders == Folders.AUTO || folders == Folders.SPLIT) {
      leaveOutMasks();
    }
    boolean dated = folders == Folders.AUTO && Dates.all(pictures.keySet());
    if (dated) {
      note("the folders are dates, so none is a class; --layout class takes them for classes");
    }
    // Names keep their dates: with tomorrow's folder today's pictures are still who they were.
    String around = dated ? "" : strip();
    Shape shape = dated ? Shape.FLAT : shape(need);
    Map<Part, List<Labelled.Row>> rows = rows(shape, around);
    List<Labelled.Row> all = rows.values().stream().flatMap(List::stream).toList();
    if (all.isEmpty()) {
      throw UsageException.of(
          "--layout",
          "split: no folder of %s names a part; expected train/, val/ or test/ around its %d pictures"
              .formatted(name, pictures.size()));
    }
    Set<String> labels = new HashSet<>();
    all.forEach(row -> labels.add(row.label()));
    labels.remove(null);
    if (folders == Folders.AUTO && Dates.years(labels)) {
      note("the classes are years; where they say when the pictures came, give --layout flat");
    }
    if (folders != Folders.CLASS && labels.size() == 1 && labels.stream().allMatch(Masks::plain)) {
      rows.replaceAll((part, of) -> new ArrayList<>(of.stream().map(Layout::unlabelled).toList()));
    } else if (!labels.isEmpty()) {
      warnOfUnlabelled(all);
    }
    List<Labelled.Row> validation = rows.get(Part.VALIDATION);
    List<Labelled.Row> test = rows.get(Part.TEST);
    if (test.stream().allMatch(row -> row.label() == null)) {
      // Beside no test part, or one to send in for marking, the validation part is what judges.
      test.addAll(0, validation);
      validation.clear();
      test.sort(Comparator.comparing(Labelled.Row::id));
    }
    return new Parts(
        rows.get(Part.TRAIN),
        validation,
        test,
        new About(
            around,
            labels.isEmpty() && shape == Shape.CLASS ? Shape.FLAT.words() : shape.words(),
            others,
            notes));
  }

  private void leaveOutOthers() {
    Set<String> files = new TreeSet<>();
    for (String file : listing.files().keySet()) {
      if (!pictures.containsKey(file)) {
        files.add(file);
      }
    }
    others.addAll(OtherFiles.of(files));
    if (pictures.isEmpty()) {
      throw noPictures(files);
    }
    OtherFiles.report(name, files, pictures.size());
  }

  private IllegalArgumentException noPictures(Set<String> files) {
    List<String> archives = files.stream().filter(Archive::named).toList();
    if (!archives.isEmpty()) {
      return UsageException.ofWord(
          "%s has no pictures: it holds archives, %s; unpack it once and give the folder, archives at whose top are opened"
              .formatted(name, Doubt.shown(archives)));
    }
    return UsageException.ofWord(
        "%s has no pictures: none of its %d files ends in .jpg, .png, .webp, .ppm, .bmp, .tif or .gif, or begins as such a picture%s; give a folder or archive of pictures"
            .formatted(
                name, files.size(), others.isEmpty() ? "" : "; it has " + OtherFiles.line(others)));
  }

  private void leaveOutMasks() {
    Map<String, Set<String>> masks = new TreeMap<>(Masks.in(pictures.keySet()));
    masks.forEach(
        (folder, files) -> {
          pictures.keySet().removeAll(files);
          others.add(
              new OtherFiles(
                  folder + "/", files.size(), "masks beside pictures; --layout class takes them"));
          note(
              "left out the %d pictures in %s/, which are masks or labels of those beside it"
                  .formatted(files.size(), folder));
        });
  }

  /** Takes off folders at the top that hold every picture; returns them. */
  private String strip() {
    StringBuilder around = new StringBuilder();
    // A set whose only top folder is a class, a domain or a part keeps it.
    int least = folders == Folders.DOMAIN ? 4 : 3;
    while (true) {
      Set<String> tops = new HashSet<>();
      int depth = 0;
      for (String path : pictures.keySet()) {
        tops.add(path.substring(0, path.indexOf('/') + 1));
        depth = Math.max(depth, Doubt.steps(path));
      }
      String top = tops.size() == 1 ? tops.iterator().next() : "";
      boolean part = !top.isEmpty() && Part.of(top.substring(0, top.length() - 1)) != null;
      if (top.isEmpty()
          || depth < least
          || part && (folders == Folders.AUTO || folders == Folders.SPLIT)) {
        return around.toString();
      }
      around.append(top);
      TreeMap<String, Image.Content> inner = new TreeMap<>();
      pictures.forEach((path, content) -> inner.put(path.substring(top.length()), content));
      pictures = inner;
    }
  }

  private Shape shape(Need need) {
    Set<String> paths = pictures.keySet();
    switch (folders) {
      case FLAT:
        return Shape.FLAT;
      case CLASS:
        return Shape.CLASS;
      case DOMAIN:
        return Shape.DOMAIN;
      case SPLIT:
        return Shape.parted(paths);
      default:
    }
    Doubt doubt = Doubt.of(paths, name);
    if (doubt != null) {
      if (need == Need.LABELS || need == Need.PARTS && doubt.parts()) {
        throw UsageException.ofWord(doubt.words());
      }
      note(doubt.words() + "; read as flat, without classes");
      return Shape.FLAT;
    }
    Shape parted = Shape.parted(paths);
    if (parted != Shape.PART || paths.stream().allMatch(Layout::inPart)) {
      return parted;
    }
    for (String path : paths) {
      String top = path.substring(0, Math.max(0, path.indexOf('/')));
      if (Part.of(top) != null) {
        note(
            "%s/ is read as a class beside others; --layout split reads it as a part"
                .formatted(top));
        break;
      }
    }
    return domains(paths) ? Shape.DOMAIN : Shape.CLASS;
  }

  private Map<Part, List<Labelled.Row>> rows(Shape shape, String around) throws IOException {
    Map<Part, List<Labelled.Row>> rows = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      rows.put(part, new ArrayList<>());
    }
    Map<String, String> annotated =
        shape == Shape.PART ? annotations(around + ANNOTATIONS) : Map.of();
    Set<String> twice = shape == Shape.PART ? twice() : Set.of();
    Map<String, Integer> strange = new TreeMap<>();
    int unmarked = 0;
    Map<String, String> names = new HashMap<>();
    for (Map.Entry<String, Image.Content> picture : pictures.entrySet()) {
      String path = picture.getKey();
      String[] steps = path.split("/");
      Part part = shape.part(steps);
      if (part == null) {
        strange.merge(steps.length == 1 ? "" : steps[0] + "/", 1, Integer::sum);
      } else if (part == Part.TEST && !annotated.isEmpty()) {
        unmarked++; // Tiny ImageNet's test part has no labels
      } else {
        String label =
            part == Part.TRAIN || annotated.isEmpty()
                ? shape.label(twice, steps)
                : annotated.get(steps[steps.length - 1]);
        String domain = shape.domain(steps);
        rows.get(part)
            .add(
                new Labelled.Row(
                    path, once(names, label), once(names, domain), picture.getValue()));
      }
    }
    strange.forEach(
        (folder, files) -> {
          String what = folder.isEmpty() ? "beside the folders" : folder;
          others.add(new OtherFiles(what, files, "names no part of the set (--layout split)"));
          note("left out %d pictures %s, which names no part".formatted(files, what));
        });
    if (unmarked > 0) {
      others.add(
          new OtherFiles("test/", unmarked, "no labels beside those of val_annotations.txt"));
    }
    return rows;
  }

  /** The same name for all pictures that have it. */
  private static String once(Map<String, String> names, String name) {
    return name == null ? null : names.computeIfAbsent(name, n -> n);
  }

  /** Top folders with nothing but one folder of the same meaning in them. */
  private Set<String> twice() {
    Map<String, Set<String>> inside = new TreeMap<>();
    for (String path : pictures.keySet()) {
      String[] steps = path.split("/");
      inside.computeIfAbsent(steps[0], k -> new HashSet<>()).add(steps.length > 2 ? steps[1] : "");
    }
    inside
        .entrySet()
        .removeIf(
            top ->
                top.getValue().size() > 1
                    || Part.of(top.getValue().iterator().next()) == null
                    || Part.of(top.getValue().iterator().next()) != Part.within(top.getKey()));
    return inside.keySet();
  }

  private Map<String, String> annotations(String file) throws IOException {
    Map<String, String> labels = new TreeMap<>();
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

  private static Labelled.Row unlabelled(Labelled.Row row) {
    return new Labelled.Row(row.id(), null, row.domain(), row.content());
  }

  private void warnOfUnlabelled(List<Labelled.Row> rows) {
    List<String> bare =
        rows.stream().filter(row -> row.label() == null).map(Labelled.Row::id).toList();
    if (!bare.isEmpty()) {
      note(
          "%d of %d pictures lie in no class folder and have no class: %s"
              .formatted(bare.size(), rows.size(), Doubt.shown(bare)));
    }
  }

  private void note(String words) {
    notes.add(words);
    LOG.warn(
        words.startsWith(name) ? "{}" : "{}: {}", words.startsWith(name) ? words : name, words);
  }

  static boolean inPart(String path) {
    return Part.of(path.substring(0, Math.max(0, path.indexOf('/')))) != null;
  }

  /** Folders of two levels are domains when the same classes stand in at least two of them. */
  static boolean domains(Set<String> paths) {
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
