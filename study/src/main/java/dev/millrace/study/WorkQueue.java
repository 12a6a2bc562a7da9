package dev.millrace.study;

import dev.millrace.learn.run.RunFolder;
import dev.millrace.study.record.Ledger;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * What a study's ledger does not have yet: runs in the study's order, and comparisons with joint
 * training, each as soon as both its sides are there. Thread-safe.
 */
final class WorkQueue {
  private static final long LOOK_MILLIS = 100;

  private final StudyFolder folder;
  private final Ledger ledger;
  private final Deque<Work> runs = new ArrayDeque<>();
  private final Map<String, Pair> comparisons = new LinkedHashMap<>();
  private int working;

  /** A comparison, and the ids of the runs on its two sides, whose digests take their time. */
  private record Pair(Work work, String run, String reference) {}

  WorkQueue(StudyFile study, StudyFolder folder, Ledger ledger) {
    this.folder = folder;
    this.ledger = ledger;
    for (PlannedRun run : study.runs()) {
      String own = run.id();
      if (!ledger.done(own)) {
        runs.add(new Work(run, null, own));
      }
      PlannedRun reference = study.comparison(run);
      if (reference != null) {
        String other = reference.id();
        String id = PlannedRun.comparison(own, other);
        if (!ledger.done(id)) {
          comparisons.put(id, new Pair(new Work(run, reference, id), own, other));
        }
      }
    }
  }

  /**
   * The next work, waiting for one that others may make possible; give each back through {@link
   * #ended}.
   *
   * @param stop true when no more is wanted; asked again and again
   * @return null when there is no more
   */
  synchronized Work take(BooleanSupplier stop) {
    while (!stop.getAsBoolean()) {
      Work next =
          comparisons.values().stream()
              .filter(this::comparable)
              .map(Pair::work)
              .findFirst()
              .orElse(null);
      if (next != null) {
        comparisons.remove(next.id());
      } else {
        next = runs.poll();
      }
      if (next != null) {
        working++;
        return next;
      }
      if (working == 0) {
        return null;
      }
      try {
        wait(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  /**
   * Takes out what needs a set that is not here, since it cannot be made.
   *
   * @param missing names of sets
   * @return the runs that were taken out; their comparisons went with them
   */
  synchronized List<PlannedRun> block(Set<String> missing) {
    Predicate<PlannedRun> needs = run -> SetSizes.needed(run).stream().anyMatch(missing::contains);
    List<PlannedRun> blocked = waiting().stream().filter(needs).toList();
    runs.removeIf(work -> needs.test(work.run()));
    comparisons.values().removeIf(pair -> needs.test(pair.work().run()));
    return blocked;
  }

  /** A work that was taken is over, well or not. */
  synchronized void ended() {
    working--;
    notifyAll();
  }

  /** Runs that no one has taken yet. */
  synchronized List<PlannedRun> waiting() {
    return runs.stream().map(Work::run).toList();
  }

  /** How many comparisons no one has taken yet. */
  synchronized int comparisons() {
    return comparisons.size();
  }

  /** Comparisons that could not be made are named, not passed over. */
  synchronized List<String> skipped() {
    List<String> skipped = new ArrayList<>();
    for (Pair pair : comparisons.values()) {
      Work work = pair.work();
      List<String> gone = new ArrayList<>();
      for (PlannedRun run : List.of(work.run(), work.reference())) {
        if (!ledger.done(run.id())) {
          gone.add(run.shown() + " is not done");
        } else if (!here(run)) {
          gone.add("the encoders of " + run.shown() + " are not on this machine");
        }
      }
      skipped.add(
          "not compared with joint training: %s: %s"
              .formatted(work.run().shown(), String.join("; ", gone)));
    }
    return skipped;
  }

  /** Both sides are done, and their encoders are on this machine. */
  private boolean comparable(Pair pair) {
    return ledger.done(pair.run())
        && ledger.done(pair.reference())
        && here(pair.work().run())
        && here(pair.work().reference());
  }

  private boolean here(PlannedRun run) {
    return Files.exists(RunFolder.of(folder.run(run)).encoder());
  }
}
