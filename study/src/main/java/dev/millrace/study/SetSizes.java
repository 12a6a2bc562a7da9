package dev.millrace.study;

import dev.millrace.file.Reason;
import dev.millrace.recipe.ScheduleSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How large sets are, each looked at once. Not thread-safe. */
final class SetSizes {
  /**
   * One set.
   *
   * @param train training pictures
   * @param judged pictures of the other parts
   * @param classes its classes
   */
  record Size(int train, int judged, int classes) {}

  private final Catalogue catalogue = Catalogue.standard();
  private final Map<String, Size> known = new HashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();

  /** A set's size; null if it cannot be opened here. */
  Size of(String set) {
    if (!known.containsKey(set)) {
      known.put(set, look(set));
    }
    return known.get(set);
  }

  private Size look(String set) {
    try {
      DataSet found = catalogue.open(set);
      ImageSet train = found.train();
      return new Size(
          train.size(), found.validation().size() + found.test().size(), train.classes().size());
    } catch (IOException | IllegalArgumentException e) {
      missing.put(set, Reason.whole(e));
      return null;
    }
  }

  /** Sets that cannot be opened here, with the reason. */
  Map<String, String> missing() {
    return missing;
  }

  /** Sets that runs are trained on or asked about and that cannot be opened here. */
  static Map<String, String> missing(List<PlannedRun> runs) {
    Set<String> sets = new LinkedHashSet<>();
    runs.forEach(run -> sets.addAll(needed(run)));
    SetSizes sizes = new SetSizes();
    sets.forEach(sizes::of);
    return sizes.missing();
  }

  /** Sets that a run is trained on or asked about. */
  static Set<String> needed(PlannedRun run) {
    Set<String> sets = new LinkedHashSet<>(run.settings().data().sets());
    run.questions().forEach(question -> sets.addAll(question.data()));
    sets.remove(Question.OWN);
    return sets;
  }

  /** The share of steps that the trunk of an endless run makes again after its branches. */
  private static double rests(Settings settings) {
    ScheduleSettings schedule = settings.schedule();
    int chunks = settings.stream().chunks();
    return schedule.goesBack() ? schedule.decay() * (chunks - 1) / chunks : 0;
  }

  /** Pictures that a run draws, batches of its chunks' ends aside; null if that is unknown. */
  Long passes(Settings settings) {
    long pictures = 0;
    for (String set : settings.data().sets()) {
      Size size = of(set);
      int images = settings.data().images();
      if (size == null && images == 0) {
        return null;
      }
      long most = size == null ? images : size.train();
      if (images > 0) {
        most = Math.min(most, images);
      }
      if (size != null && settings.data().imagesPerClass() > 0) {
        most =
            Math.min(most, (long) settings.data().imagesPerClass() * Math.max(1, size.classes()));
      }
      pictures += most;
    }
    int epoch = settings.training().epochImages();
    long drawn = epoch == 0 ? pictures : (long) epoch * settings.stream().chunks();
    return Math.round(drawn * settings.training().epochs() * (1 + rests(settings)));
  }
}
