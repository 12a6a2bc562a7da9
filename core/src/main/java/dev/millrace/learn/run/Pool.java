package dev.millrace.learn.run;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.PixelCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What an epoch may draw: the chunk, then what replay keeps of chunks 0, 1, …; thread-safe. */
final class Pool {
  private final List<ImageSet> parts = new ArrayList<>();
  private final List<PixelCache> caches = new ArrayList<>();
  private final List<int[]> labels = new ArrayList<>();

  /**
   * @param chunk the chunk's good pictures
   * @param kept what is kept of each past chunk
   * @param classes the stream's classes, which labels are mapped to by name
   * @param size side of the smallest view, pixels
   * @param cacheBytes pixels and encoded bytes to keep, shared out by size
   */
  Pool(ImageSet chunk, List<ImageSet> kept, List<String> classes, int size, long cacheBytes) {
    parts.add(chunk);
    parts.addAll(kept);
    long total = parts.stream().mapToLong(ImageSet::size).sum();
    for (ImageSet part : parts) {
      caches.add(new PixelCache(part, size, (long) (cacheBytes * ((double) part.size() / total))));
      int[] to = part.classes().stream().mapToInt(classes::indexOf).toArray();
      int[] of = new int[part.size()];
      for (int i = 0; i < of.length; i++) {
        int label = part.image(i).label();
        of[i] = label == Image.NONE ? Image.NONE : to[label];
      }
      labels.add(of);
    }
  }

  Decoded picture(int index, Decoded.Reduction reduction) throws IOException, BadPictureException {
    int part = 0;
    while (index >= parts.get(part).size()) {
      index -= parts.get(part++).size();
    }
    return caches.get(part).get(index, reduction);
  }

  int label(int index) {
    int part = 0;
    while (index >= parts.get(part).size()) {
      index -= parts.get(part++).size();
    }
    return labels.get(part)[index];
  }
}
