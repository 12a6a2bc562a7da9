package dev.millrace.learn.run;

import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.PixelCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What an epoch may draw: the chunk, then what replay keeps of chunks 0, 1, …; thread-safe. */
final class Pool {
  private final List<ImageSet> parts = new ArrayList<>();
  private final List<PixelCache> caches = new ArrayList<>();

  /** Ascending; where each part that has pictures begins. */
  private final int[] starts;

  private final Map<String, Integer> classes;

  /** Of each part, the chunk that it came with. */
  private final List<Integer> chunks = new ArrayList<>();

  /**
   * @param index the chunk's, from 0
   * @param chunk the chunk's good pictures
   * @param kept lists of what is kept of each past chunk, one after another
   * @param classes the place of each of the stream's classes, which labels are mapped to by name
   * @param size side of the smallest view, pixels
   * @param cacheBytes pixels and encoded bytes to keep, shared out by size
   * @param checked whether the chunk's pictures are known to be good; those kept are
   */
  Pool(
      int index,
      ImageSet chunk,
      List<List<ImageSet>> kept,
      Map<String, Integer> classes,
      int size,
      long cacheBytes,
      boolean checked) {
    add(index, chunk);
    for (List<ImageSet> sets : kept) {
      for (int past = 0; past < sets.size(); past++) {
        if (sets.get(past).size() > 0) {
          add(past, sets.get(past));
        }
      }
    }
    int total = Math.toIntExact(parts.stream().mapToLong(ImageSet::size).sum());
    starts = new int[parts.size()];
    this.classes = classes;
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      ImageSet part = parts.get(p);
      long bytes = (long) (cacheBytes * ((double) part.size() / total));
      caches.add(new PixelCache(part, size, bytes, checked || p > 0));
      starts[p] = at;
      at += part.size();
    }
  }

  private void add(int chunk, ImageSet part) {
    chunks.add(chunk);
    parts.add(part);
  }

  private int label(ImageSet part, int label) {
    return label == Image.NONE
        ? Image.NONE
        : classes.getOrDefault(part.classes().get(label), Image.NONE);
  }

  Decoded picture(int index, Decoded.Reduction reduction) throws IOException, BadPictureException {
    int part = part(index);
    return caches.get(part).get(index - starts[part], reduction);
  }

  /** The picture's name in its set. */
  String id(int index) {
    return image(index).id();
  }

  Image image(int index) {
    int part = part(index);
    return parts.get(part).image(index - starts[part]);
  }

  /** Whether a picture is of the chunk itself, and not remembered. */
  boolean isOwn(int index) {
    return index < parts.get(0).size();
  }

  int label(int index) {
    return label(parts.get(part(index)), image(index).label());
  }

  /** The chunk that the picture came with. */
  int chunk(int index) {
    return chunks.get(part(index));
  }

  /** A number that only this name has, as good as surely. */
  long name(int index) {
    return Sha256.number(id(index));
  }

  private int part(int index) {
    int found = Arrays.binarySearch(starts, index);
    return found >= 0 ? found : -found - 2;
  }
}
