package dev.millrace.recipe;

import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.run.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What settings and pictures say, before the first step, against learning much. */
public final class FirstLook {
  /** From this many times --size on, views lose what photos are told apart by. */
  private static final int FAR = 3;

  /**
   * Below so many steps nothing is learned that is worth a run: the demo, on easy pictures, makes
   * 992.
   */
  private static final int STEPS = 500;

  private FirstLook() {}

  /** Sentences for a person; empty where nothing speaks against it. */
  static List<String> warnings(Settings settings, RunChunks chunks, ChunkHeads heads) {
    List<String> warnings = new ArrayList<>();
    Plan plan = PartSettings.plan(settings, 0);
    long steps = 0;
    for (ChunkEntry chunk : chunks.entries()) {
      steps += (long) plan.epochs() * plan.stepsPerEpoch(chunk.images());
    }
    queue(settings, QueueLength.smallest(chunks, settings.training().batch()))
        .ifPresent(warnings::add);
    far(heads.shortSides(), settings.views().size(), settings.encoder().init().isEmpty())
        .ifPresent(warnings::add);
    if (settings.encoder().init().isEmpty() && steps < STEPS) {
      warnings.add(
          "%s in all too few to learn much from nothing; --epochs %d would make some %d, or start from weights by --init FILE"
              .formatted(
                  steps == 1 ? "1 step is" : steps + " steps are",
                  (long) Math.ceil(plan.epochs() * 2.0 * STEPS / Math.max(1, steps)),
                  2 * STEPS));
    }
    return warnings;
  }

  /**
   * A sentence where MoCo's queue is a large part of a chunk.
   *
   * @param smallest pictures of the smallest chunk of a batch or more
   */
  static Optional<String> queue(Settings settings, int smallest) {
    int batch = settings.training().batch();
    return !(settings.method() instanceof MoCoV2.Settings moco)
            || moco.queue() <= Math.max(smallest / 2, batch)
        ? Optional.empty()
        : Optional.of(
            "--queue %d is more than half of a chunk of %d pictures: keys of the chunk before stay negatives for long, and many are older views of the query's own picture, which are left out; --queue auto makes it %d"
                .formatted(moco.queue(), smallest, QueueLength.automatic(smallest, batch)));
  }

  /**
   * A sentence where pictures are far larger than the views of them.
   *
   * @param shortSides of some pictures, pixels; sorted afterwards
   * @param size side of the views, pixels
   * @param fresh whether no weights are given to start from
   */
  public static Optional<String> far(int[] shortSides, int size, boolean fresh) {
    Arrays.sort(shortSides);
    int median = shortSides.length == 0 ? 0 : shortSides[shortSides.length / 2];
    return median < FAR * size
        ? Optional.empty()
        : Optional.of(
            "the pictures' shorter side is %d pixels in the middle, and --size %d shows little of it: for photos, %s"
                .formatted(
                    median,
                    size,
                    fresh
                        ? "--size 64 --encoder resnet18 --width 64 --stem imagenet; for few of them, --size 64 --init FILE with weights that are there already"
                        : "--size %d or more".formatted(Math.max(64, 2 * size))));
  }
}
