package dev.millrace.learn.run;

import dev.millrace.vision.view.ViewMaker;
import java.util.List;

/**
 * Which views the epochs of a chunk are trained on: equal parts of them at rising sizes, since
 * small views are cheap and already teach the coarse. A function of the epoch only, so a resumed
 * run is at the size it would have been at.
 *
 * @param stages the sizes in order, the largest last; at least one
 */
public record ViewSchedule(List<Stage> stages) {
  /**
   * Views of one size, but for crops that are smaller throughout.
   *
   * @param maker makes them
   * @param size side of the first of each picture in pixels, as the maker's
   */
  public record Stage(ViewMaker maker, int size) {}

  /** Refuses a schedule that does not rise. */
  public ViewSchedule {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("no size of views is given; expected at least one");
    }
    for (int i = 1; i < stages.size(); i++) {
      if (stages.get(i).size() <= stages.get(i - 1).size()) {
        throw new IllegalArgumentException(
            "views of %d pixels come after views of %d; expected rising sizes"
                .formatted(stages.get(i).size(), stages.get(i - 1).size()));
      }
    }
  }

  /** One size throughout. */
  public static ViewSchedule constant(ViewMaker maker, int size) {
    return new ViewSchedule(List.of(new Stage(maker, size)));
  }

  /** The smallest views, the first ones. */
  public Stage least() {
    return stages.get(0);
  }

  /** The largest views, the last ones. */
  public Stage full() {
    return stages.get(stages.size() - 1);
  }

  /**
   * The views of an epoch; where the epochs do not divide, later sizes get more of them. From
   * {@code epochs} on, the full size.
   *
   * @param epoch from 0
   * @param epochs of the chunk, at least as many as stages
   */
  public Stage at(int epoch, int epochs) {
    int left = Math.max(0, epochs - 1 - epoch);
    return stages.get(stages.size() - 1 - left * stages.size() / epochs);
  }
}
