package dev.millrace.study;

import dev.millrace.recipe.Settings;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Joint training in as many passes as the streams that are held against it, where an epoch of each
 * of their chunks has a given length.
 */
final class EqualPasses {
  private EqualPasses() {}

  /**
   * Runs of which a joint one draws, in an epoch, what the chunks of its streams draw together.
   *
   * @param runs those that are made, after what the study leaves out
   * @param planned with what it leaves out: joint training by itself has the passes of the streams
   *     that its set's entry names, where they have one number of chunks
   * @throws IllegalArgumentException where streams of one set have several numbers of chunks
   */
  static List<PlannedRun> of(List<PlannedRun> runs, List<PlannedRun> planned) {
    return runs.stream().map(run -> run.joint() ? joint(run, runs, planned) : run).toList();
  }

  private static PlannedRun joint(
      PlannedRun joint, List<PlannedRun> runs, List<PlannedRun> planned) {
    int epoch = joint.settings().training().epochImages();
    if (epoch == 0) {
      return joint;
    }
    List<Integer> made = chunks(joint.data(), runs);
    List<Integer> named = chunks(joint.data(), planned);
    List<Integer> chunks = made.isEmpty() && named.size() == 1 ? named : made;
    if (chunks.size() > 1) {
      throw new IllegalArgumentException(
          "data.%s: with epoch-images joint training needs as many passes as its streams, and they have %s chunks; give each number of chunks an entry of its own"
              .formatted(
                  joint.data(),
                  chunks.stream().map(String::valueOf).collect(Collectors.joining(" and "))));
    }
    int times = chunks.isEmpty() ? 1 : chunks.get(0);
    Settings whole =
        StudySettings.with(
            "data." + joint.data(), joint.settings(), Map.of("epoch-images", (long) times * epoch));
    return new PlannedRun(
        joint.data(),
        joint.stream(),
        joint.method(),
        joint.remedy(),
        joint.seed(),
        whole,
        joint.questions(),
        joint.insight());
  }

  /** Numbers of chunks that the streams of a set have. */
  private static List<Integer> chunks(String data, List<PlannedRun> runs) {
    return runs.stream()
        .filter(run -> !run.joint() && run.data().equals(data))
        .map(run -> run.settings().stream().chunks())
        .distinct()
        .toList();
  }
}
