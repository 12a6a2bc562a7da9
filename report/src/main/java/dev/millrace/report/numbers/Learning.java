package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether a row learned what it was shown. Who no longer learns forgets little, costs little and
 * lies in a flat place, so a row that fails here is no evidence for or against a claim.
 */
final class Learning {
  /** Streams whose chunks are sets or domains of their own, each as hard as it is. */
  private static final Set<String> OF_SETS = Set.of("given", "domain");

  /** A later chunk must be learned to this share of the accuracy on the first. */
  private static final double HALF = 0.5;

  private final Study study;
  private final Analyses analyses;

  Learning(Study study) {
    this.study = study;
    analyses = new Analyses(study);
  }

  /** Why a row gives no verdict; empty if it learned, or nothing tells. */
  Optional<String> fault(Cell cell) {
    return tooLow(cell).or(() -> guessing(cell)).or(() -> nothing(cell));
  }

  /**
   * Why nothing can be said of what a row forgot; empty if it learned, or nothing tells. Who
   * learned and then forgot all of it is evidence.
   */
  Optional<String> faultOfForgetting(Cell cell) {
    return tooLow(cell).or(() -> guessing(cell)).or(() -> never(cell));
  }

  /** No part better than untrained right after its own chunk, by every measure of forgetting. */
  private Optional<String> never(Cell cell) {
    List<String> tasks = analyses.forgettingTasks(cell);
    boolean never =
        !tasks.isEmpty()
            && tasks.stream()
                .map(task -> analyses.learnedAtOnce(cell, task))
                .noneMatch(learned -> !learned.measured() || learned.mean() > 0);
    return never
        ? Optional.of(
            "%s, %s, is no better than an untrained encoder on its own data right after learning it"
                .formatted(
                    study.names().method(cell.method()), study.names().remedy(cell.remedy())))
        : Optional.empty();
  }

  /** By every measure of forgetting, on the row's own data, no better than untrained. */
  Optional<String> nothing(Cell cell) {
    List<String> tasks = analyses.forgettingTasks(cell);
    boolean nothing =
        !tasks.isEmpty()
            && tasks.stream()
                .map(task -> analyses.learned(cell, task))
                .noneMatch(learned -> !learned.measured() || learned.mean() > 0);
    return nothing
        ? Optional.of(
            "%s, %s, ends no better than an untrained encoder on its own data"
                .formatted(
                    study.names().method(cell.method()), study.names().remedy(cell.remedy())))
        : Optional.empty();
  }

  /** What could not be checked of a row, since its ledger is older; empty if all was. */
  Optional<String> unchecked(Cell cell) {
    List<String> what = new ArrayList<>();
    if (!cell.joint() && analyses.forgettingTasks(cell).isEmpty()) {
      what.add("accuracy on each chunk");
    }
    List<String> late = neverFirst(cell);
    if (!late.isEmpty()) {
      what.add("accuracy on " + String.join(", ", late) + " where that comes first");
    }
    if (study.seeds(cell).values().stream()
        .anyMatch(run -> ChunkEnd.of(run).stream().noneMatch(ChunkEnd::known))) {
      what.add("loss against guessing");
    }
    return what.isEmpty() || study.seeds(cell).isEmpty()
        ? Optional.empty()
        : Optional.of(
            study.names().method(cell.method())
                + ", "
                + study.names().remedy(cell.remedy())
                + ": "
                + String.join(" and ", what)
                + " not in the ledger, so not checked");
  }

  /**
   * A chunk that was learned to less than half. Chunks of classes are drawn alike and held against
   * the first chunk; sets and domains are not alike, and each is held against what the row's runs
   * made of it where it came first, by the same probe.
   */
  private Optional<String> tooLow(Cell cell) {
    for (String task : analyses.forgettingTasks(cell)) {
      Optional<String> low =
          OF_SETS.contains(cell.stream()) && !analyses.alike(cell, task)
              ? tooLowOfSets(cell, task)
              : tooLowOfChunks(cell, task);
      if (low.isPresent()) {
        return low.map(
            what ->
                "%s, %s, learned %s: less than half"
                    .formatted(
                        study.names().method(cell.method()),
                        study.names().remedy(cell.remedy()),
                        what));
      }
    }
    return Optional.empty();
  }

  private Optional<String> tooLowOfChunks(Cell cell, String task) {
    int chunks = analyses.accuracies(cell, task).values().length;
    boolean alike = analyses.alike(cell, task);
    double first = analyses.accuracy(cell, task, 0, 0).mean();
    return IntStream.range(1, chunks)
        .filter(c -> analyses.accuracy(cell, task, c, alike ? 0 : c).mean() < HALF * first)
        .boxed()
        .findFirst()
        .map(
            c ->
                "chunk %s to %s %% by %s where the first reached %s %%"
                    .formatted(
                        c + 1,
                        Wording.number(analyses.accuracy(cell, task, c, alike ? 0 : c).mean(), 1),
                        Wording.task(task),
                        Wording.number(first, 1)));
  }

  private Optional<String> tooLowOfSets(Cell cell, String task) {
    Map<String, Double> first = first(cell, task);
    Map<Integer, List<Double>> shares = new TreeMap<>();
    for (Insight.Forgetting one : forgetting(cell, task)) {
      for (int c = 1; c < one.accuracy().size(); c++) {
        Double learned = learned(one, c);
        Double reached = c < one.parts().size() ? first.get(one.parts().get(c)) : null;
        if (learned != null && reached != null && reached > 0) {
          shares.computeIfAbsent(c, chunk -> new ArrayList<>()).add(learned / reached);
        }
      }
    }
    return shares.entrySet().stream()
        .filter(chunk -> Spread.of(chunk.getValue()).mean() < HALF)
        .findFirst()
        .map(
            chunk ->
                "chunk %s to %s %% of the accuracy by %s that its sets have where they come first"
                    .formatted(
                        chunk.getKey() + 1,
                        Wording.number(100 * Spread.of(chunk.getValue()).mean(), 0),
                        Wording.task(task)));
  }

  /** What each set reaches right after its chunk where it comes first, mean over runs, percent. */
  private Map<String, Double> first(Cell cell, String task) {
    return forgetting(cell, task).stream()
        .filter(one -> !one.parts().isEmpty() && learned(one, 0) != null)
        .collect(
            Collectors.groupingBy(
                one -> one.parts().get(0), Collectors.averagingDouble(one -> learned(one, 0))));
  }

  private List<Insight.Forgetting> forgetting(Cell cell, String task) {
    return study.seeds(cell).values().stream()
        .flatMap(run -> run.insight().forgetting().stream())
        .filter(one -> task.equals(one.task()))
        .toList();
  }

  /** Accuracy on a chunk's own part right after it; null where it was not measured. */
  private static Double learned(Insight.Forgetting one, int chunk) {
    return chunk < one.accuracy().size() && chunk < one.accuracy().get(chunk).size()
        ? one.accuracy().get(chunk).get(chunk)
        : null;
  }

  /** Sets and domains that no run of a row begins with, so that nothing tells what they reach. */
  private List<String> neverFirst(Cell cell) {
    if (!OF_SETS.contains(cell.stream()) || analyses.forgettingTasks(cell).isEmpty()) {
      return List.of();
    }
    String task = analyses.forgettingTasks(cell).get(0);
    Set<String> first = first(cell, task).keySet();
    return forgetting(cell, task).stream()
        .flatMap(one -> one.parts().stream())
        .distinct()
        .filter(part -> !first.contains(part))
        .sorted()
        .toList();
  }

  /** Half of a row's runs, or more, that did not learn one of their chunks. */
  private Optional<String> guessing(Cell cell) {
    List<String> unlearned = unlearned(cell);
    int runs = study.seeds(cell).size();
    return !unlearned.isEmpty() && 2 * unlearned.size() >= runs
        ? Optional.of(
            "%s, %s, did not learn a chunk in %s of %s: %s"
                .formatted(
                    study.names().method(cell.method()),
                    study.names().remedy(cell.remedy()),
                    unlearned.size(),
                    Wording.count(runs, "run"),
                    String.join(", ", unlearned)))
        : Optional.empty();
  }

  /** The runs of a row that did not learn one of their chunks, in words, with the first such. */
  private List<String> unlearned(Cell cell) {
    List<String> words = new ArrayList<>();
    study
        .seeds(cell)
        .forEach(
            (replicate, run) ->
                ChunkEnd.of(run).stream()
                    .filter(ChunkEnd::guesses)
                    .findFirst()
                    .ifPresent(end -> words.add("seed " + replicate.words() + ", " + end.words())));
    return words;
  }

  /** Single runs of a row that did not learn a chunk, where that is no fault of the row. */
  Optional<String> exceptions(Cell cell) {
    List<String> unlearned = unlearned(cell);
    return unlearned.isEmpty() || guessing(cell).isPresent()
        ? Optional.empty()
        : Optional.of(
            study.names().method(cell.method())
                + ", "
                + study.names().remedy(cell.remedy())
                + ", "
                + String.join(", ", unlearned));
  }
}
