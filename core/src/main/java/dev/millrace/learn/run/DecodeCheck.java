package dev.millrace.learn.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.AtomicFiles;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a chunk's decode check found, kept in the run: a resume neither pays for it again nor trains
 * on a picture that was mended meanwhile, which would make it another run.
 *
 * @param images pictures of the chunk, bad ones included
 * @param bad those that cannot be used, ascending
 */
record DecodeCheck(int images, List<Bad> bad) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One bad picture: where in the chunk, its id, and why. */
  record Bad(int index, String id, String reason) {}

  static DecodeCheck of(ImageSet set, PictureCheck.Result result) {
    List<Bad> bad = new ArrayList<>();
    int good = 0;
    for (int i = 0; i < set.size(); i++) {
      if (good < result.good().length && result.good()[good] == i) {
        good++;
      } else {
        PictureCheck.Bad found = result.bad().get(bad.size());
        bad.add(new Bad(i, found.id(), found.reason()));
      }
    }
    return new DecodeCheck(set.size(), bad);
  }

  /** The kept result; null when there is none, or none that fits the set. */
  static DecodeCheck read(Path file, ImageSet set) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      DecodeCheck kept = JSON.readValue(file.toFile(), DecodeCheck.class);
      boolean fits =
          kept.images == set.size()
              && kept.bad.stream()
                  .allMatch(b -> b.index < set.size() && set.image(b.index).id().equals(b.id));
      return fits ? kept : null;
    } catch (JacksonException e) {
      return null; // damaged: checking again costs time only
    }
  }

  void write(Path file) throws IOException {
    AtomicFiles.write(file, JSON.writeValueAsBytes(this));
  }

  /** The pictures to train on. */
  ImageSet good(ImageSet set, String name) {
    if (bad.isEmpty()) {
      return set;
    }
    int[] good = new int[images - bad.size()];
    int skipped = 0;
    for (int i = 0; i < images; i++) {
      if (skipped < bad.size() && bad.get(skipped).index == i) {
        skipped++;
      } else {
        good[i - skipped] = i;
      }
    }
    return set.subset(name, good);
  }

  /** The bad pictures as the check reports them. */
  List<PictureCheck.Bad> found() {
    return bad.stream().map(b -> new PictureCheck.Bad(b.id, b.reason)).toList();
  }
}
