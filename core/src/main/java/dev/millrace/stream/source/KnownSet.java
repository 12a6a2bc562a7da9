package dev.millrace.stream.source;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.UsageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A set known by name: where it may lie and how it is split when it comes without a split. Splits
 * are draws of a fixed seed, the same everywhere.
 *
 * @param name what the command calls it
 * @param patterns file names under the data root, first match wins
 * @param held how many of a group of n pictures are held out for testing; null where the split is
 *     given
 * @param group what the split is drawn within
 * @param unit what goes to one side as a whole, such as a track of near-duplicates
 * @param wordNetIds whether classes are WordNet ids
 * @param metric how accuracy is counted by convention
 */
public record KnownSet(
    String name,
    List<String> patterns,
    Held held,
    Function<Row, String> group,
    Function<Row, String> unit,
    boolean wordNetIds,
    Metric metric) {
  /** Units held out of a group of n. */
  @FunctionalInterface
  public interface Held {
    /** How many of n. */
    int of(int n);
  }

  /** A picture as the split sees it: its id, class and domain; the latter two may be null. */
  public record Row(String id, String label, String domain) {}

  private static final String COARSE = "cifar100-coarse";

  private static final String[] HUNDRED = {
    "cifar100*.tar.gz", "cifar-100-binary*", "cifar-100-python*"
  };

  static final List<KnownSet> ALL =
      List.of(
          given(
              "cifar10",
              Metric.TOP1,
              false,
              "cifar10{,[!0]*}.tar.gz",
              "cifar-10-batches-bin",
              "cifar-10-binary*",
              "cifar-10-batches-py",
              "cifar-10-python*"),
          given("tiny-imagenet", Metric.TOP1, true, "tiny-imagenet*"),
          drawn(
              "pacs",
              n -> (int) Math.round(0.2 * n),
              Metric.TOP1,
              r -> r.domain() + "/" + r.label(),
              Row::id,
              "pacs*"),
          drawn(
              "caltech101",
              n -> Math.max(0, n - 30),
              Metric.MEAN_PER_CLASS,
              Row::label,
              Row::id,
              "caltech101*"),
          drawn("dtd10", n -> n / 3, Metric.TOP1, Row::label, Row::id, "dtd*"),
          given("flowers12", Metric.MEAN_PER_CLASS, false, "flowers12*"),
          drawn(
              "gtsrb",
              n -> (int) Math.round(0.3 * n),
              Metric.TOP1,
              Row::label,
              r -> r.id().replaceAll("_[^_]*$", ""),
              "gtsrb*"),
          drawn(
              "sign-digits",
              n -> (int) Math.round(0.25 * n),
              Metric.TOP1,
              Row::label,
              Row::id,
              "sign-digits*"),
          given("mnist", Metric.TOP1, false, "mnist*"),
          given("fashion-mnist", Metric.TOP1, false, "fashion-mnist*"),
          given("omniglot", Metric.TOP1, false, "omniglot*"),
          given("bccd", Metric.TOP1, false, "bccd*"),
          given("cifar100", Metric.TOP1, false, HUNDRED),
          given(COARSE, Metric.TOP1, false, HUNDRED));

  private static KnownSet given(String name, Metric metric, boolean wordNet, String... patterns) {
    return new KnownSet(name, List.of(patterns), null, null, null, wordNet, metric);
  }

  private static KnownSet drawn(
      String name,
      Held held,
      Metric metric,
      Function<Row, String> group,
      Function<Row, String> unit,
      String... patterns) {
    return new KnownSet(name, List.of(patterns), held, group, unit, false, metric);
  }

  /**
   * Applies the split.
   *
   * @param groups that the classes stand in; may be empty
   */
  DataSet split(Layout.Parts parts, Map<String, List<String>> groups) {
    if (name.equals(COARSE) && groups.isEmpty()) {
      throw UsageException.of(
          "--data",
          "%s: what is here has no coarse labels; give CIFAR-100 as its authors do, binary (cifar-100-binary) or for Python (cifar-100-python), or take cifar100"
              .formatted(name));
    }
    if (name.equals(COARSE)) {
      return LocalSets.dataSet(name, coarse(parts, groups), wordNetIds, metric);
    }
    return split(parts).grouped(groups);
  }

  /** CIFAR-100 by its 20 coarse labels. */
  private static Layout.Parts coarse(Layout.Parts parts, Map<String, List<String>> groups) {
    Function<List<Labelled.Row>, List<Labelled.Row>> part =
        rows ->
            rows.stream()
                .map(
                    row ->
                        new Labelled.Row(
                            row.id(), groups.get(row.label()).get(0), row.domain(), row.content()))
                .toList();
    return new Layout.Parts(
        part.apply(parts.train()), List.of(), part.apply(parts.test()), parts.about());
  }

  private DataSet split(Layout.Parts parts) {
    if (held == null || !parts.test().isEmpty()) {
      return LocalSets.dataSet(name, relabelled(parts), wordNetIds, metric);
    }
    Map<String, TreeMap<String, List<Labelled.Row>>> groups = new TreeMap<>();
    for (Labelled.Row row : parts.train()) {
      Row seen = new Row(row.id(), row.label(), row.domain());
      groups
          .computeIfAbsent(String.valueOf(group.apply(seen)), k -> new TreeMap<>())
          .computeIfAbsent(unit.apply(seen), k -> new ArrayList<>())
          .add(row);
    }
    Map<String, Boolean> test = new HashMap<>();
    int index = 0;
    for (TreeMap<String, List<Labelled.Row>> units : groups.values()) {
      List<List<Labelled.Row>> all = List.copyOf(units.values());
      int[] order = Draw.of(0, "split", index++).permutation(all.size());
      int out = held.of(all.size());
      for (int i = 0; i < order.length; i++) {
        for (Labelled.Row row : all.get(order[i])) {
          test.put(row.id(), i < out);
        }
      }
    }
    List<Labelled.Row> learn = parts.train().stream().filter(r -> !test.get(r.id())).toList();
    List<Labelled.Row> judge = parts.train().stream().filter(r -> test.get(r.id())).toList();
    Layout.Parts drawn = new Layout.Parts(learn, List.of(), judge, parts.about());
    return LocalSets.dataSet(name, drawn, wordNetIds, metric);
  }

  /** Omniglot's classes are characters, named by alphabet; BCCD's pictures have no class. */
  private Layout.Parts relabelled(Layout.Parts parts) {
    if (!name.equals("omniglot") && !name.equals("bccd")) {
      return parts;
    }
    List<Labelled.Row> found = new ArrayList<>(parts.train());
    found.addAll(parts.validation());
    found.addAll(parts.test());
    List<Labelled.Row> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Labelled.Row row : found) {
      String[] cells = row.id().split("/");
      String label =
          name.equals("bccd") || cells.length < 3
              ? null
              : cells[cells.length - 3] + "/" + cells[cells.length - 2];
      // Omniglot's small archives 1 and 2 both hold Greek and Latin, picture for picture.
      if (label == null || seen.add(label + "/" + cells[cells.length - 1])) {
        rows.add(new Labelled.Row(row.id(), label, null, row.content()));
      }
    }
    return new Layout.Parts(rows, List.of(), List.of(), parts.about());
  }
}
