package dev.millrace.serve;

import dev.millrace.file.Reason;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.RememberedPictures;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Thumbnail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Small copies of pictures that a live run replays, for its page. They are made anew when the
 * memory's folder changes, so one that was forgotten is shown no more. Thread-safe.
 */
final class LivePictures {
  private static final int MOST = 24;

  /** A picture that the page shows. */
  private record Shown(String name, Thumbnail thumbnail) {}

  private final RunFolder run;
  private long changed = -1;
  private int pictures;
  private String fault = "";
  private List<Shown> shown = List.of();

  LivePictures(RunFolder run) {
    this.run = run;
  }

  /** What is shown now; {@link #at} has the pictures. */
  synchronized Map<String, Object> now() {
    refresh();
    Map<String, Object> now = new LinkedHashMap<>();
    now.put("pictures", pictures);
    now.put("changed", changed);
    now.put("names", shown.stream().map(Shown::name).toList());
    if (!fault.isEmpty()) {
      now.put("fault", fault);
    }
    return now;
  }

  /**
   * A picture.
   *
   * @param place in the names of {@link #now}
   * @return nothing if there is none any more
   */
  synchronized Optional<Thumbnail> at(int place) {
    refresh();
    return place < shown.size() ? Optional.of(shown.get(place).thumbnail()) : Optional.empty();
  }

  private void refresh() {
    long now = lastChange();
    if (now == changed) {
      return;
    }
    changed = now;
    fault = "";
    shown = List.of();
    pictures = 0;
    try {
      List<ImageSet> sets =
          now == 0
              ? List.of()
              : RememberedPictures.of(run.root()).stream().filter(set -> set.size() > 0).toList();
      if (!sets.isEmpty()) {
        show(new Union("memory", sets));
      }
    } catch (IOException | RuntimeException e) {
      fault = Reason.whole(e);
    }
  }

  private void show(ImageSet all) throws IOException {
    pictures = all.size();
    int count = Math.min(MOST, pictures);
    List<Shown> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Image image = all.image((int) ((long) i * pictures / count));
      try {
        some.add(new Shown(image.id(), Thumbnail.of(image.bytes())));
      } catch (BadPictureException e) {
        continue; // it is remembered and cannot be shown
      }
    }
    shown = List.copyOf(some);
  }

  /** When a bundle came, went or was written anew; 0 where nothing is replayed. */
  private long lastChange() {
    try {
      return run.isRun() ? Files.getLastModifiedTime(run.memory()).toMillis() : 0;
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      return -1;
    }
  }
}
