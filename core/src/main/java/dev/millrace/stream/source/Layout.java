package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What folders mean: {@code {train,test}/CLASS/image}, {@code DOMAIN/CLASS/image}, {@code
 * CLASS/image}, or flat and unlabelled. Tiny ImageNet's {@code val_annotations.txt} is understood.
 */
final class Layout {
  /** The rows of each part; test is empty where the layout has none. */
  record Parts(List<Labelled.Row> train, List<Labelled.Row> test) {}

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
    Map<String, String> validation = annotations(inner);
    boolean split = pictures.keySet().stream().allMatch(p -> p.matches("(train|test|val)/.*"));
    List<Labelled.Row> train = new ArrayList<>();
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
      boolean held = split && !parts[0].equals("train");
      if (held && validation.containsKey(parts[parts.length - 1])) {
        label = validation.get(parts[parts.length - 1]);
      } else if (held && !validation.isEmpty()) {
        continue; // Tiny ImageNet's test part has no labels
      }
      (held ? test : train).add(new Labelled.Row(path, label, domain, picture.getValue()));
    }
    return new Parts(train, test);
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
    return inside.size() > 1 && shared > 1.5 * all.size();
  }
}
