package dev.millrace.stream.source;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Folders of masks beside folders of pictures: drawn labels, a file each, that are no pictures to
 * learn from. Folders that only say that pictures are in them are known here too.
 */
final class Masks {
  private static final Set<String> MASKS =
      Set.of(
          "masks",
          "mask",
          "segmentationclass",
          "segmentationclassaug",
          "segmentationobject",
          "annotations",
          "annotation",
          "labels",
          "label",
          "segmentations",
          "segmentation",
          "ground_truth",
          "ground-truth",
          "groundtruth",
          "gt",
          "trimaps");
  private static final Set<String> PICTURES =
      Set.of(
          "images",
          "image",
          "imgs",
          "img",
          "jpegimages",
          "pictures",
          "pics",
          "photos",
          "leftimg8bit");

  private Masks() {}

  /** Whether a folder's name only says that pictures are in it. */
  static boolean plain(String folder) {
    return PICTURES.contains(folder.toLowerCase(Locale.ROOT));
  }

  /** The pictures that lie in a folder of masks, by that folder's name. */
  static Map<String, Set<String>> in(Set<String> paths) {
    Set<String> beside = new HashSet<>();
    Map<String, Boolean> around = new HashMap<>(); // each name of a folder is looked at once
    for (String path : paths) {
      for (int from = 0, to = path.indexOf('/'); to >= 0; from = to + 1, to = next(path, from)) {
        String folder = path.substring(from, to);
        if (around.computeIfAbsent(folder, f -> plain(f) || Part.of(f) != null)) {
          beside.add(path.substring(0, from));
        }
      }
    }
    Map<String, Set<String>> masks = new HashMap<>();
    for (String path : paths) {
      for (int from = 0, to = path.indexOf('/'); to >= 0; from = to + 1, to = next(path, from)) {
        String folder = path.substring(from, to);
        if (beside.contains(path.substring(0, from))
            && MASKS.contains(folder.toLowerCase(Locale.ROOT))) {
          masks.computeIfAbsent(folder, k -> new HashSet<>()).add(path);
          break;
        }
      }
    }
    return masks;
  }

  private static int next(String path, int from) {
    return path.indexOf('/', from);
  }
}
