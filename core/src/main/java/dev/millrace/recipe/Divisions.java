package dev.millrace.recipe;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.Union;
import dev.millrace.stream.order.DistantClassOrder;
import dev.millrace.stream.taxonomy.ClassTree;
import dev.millrace.stream.taxonomy.HierarchyFile;
import dev.millrace.stream.taxonomy.WordNetTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the sets of a run to chunks, where that takes more than one call of an order. */
final class Divisions {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private Divisions() {}

  /** All sets as one. */
  static ImageSet union(Settings run, List<ImageSet> sets) {
    return sets.size() == 1 ? sets.get(0) : new Union(String.join("+", run.data().sets()), sets);
  }

  /** Makes the chunks of an order by its seed. */
  @FunctionalInterface
  interface Drawn {
    /** One of the orders there are. */
    ImageStream by(long seed) throws IOException;
  }

  /** A draw of the run's order, or one place of a square, whose chunks are drawn once for it. */
  static ImageStream ordered(Settings run, Drawn division) throws IOException {
    long order = run.stream().ordering();
    if (!run.stream().orderSquare()) {
      return division.by(order);
    }
    int planned = run.stream().chunks();
    int chunks = planned > 1 ? planned : division.by(1).chunks().size(); // as many as domains
    ImageStream square = division.by(Math.floorDiv(order - 1, (long) chunks) + 1);
    int first = (int) Math.floorMod(order - 1, (long) chunks);
    List<Chunk> turned = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      Chunk chunk = square.chunks().get((first + i) % chunks);
      turned.add(new Chunk(i, chunk.name(), chunk.images()));
    }
    return new ImageStream(square.order(), turned);
  }

  /** Each set is a chunk, or what it has beyond what was seen of it. */
  static ImageStream given(Settings run, List<ImageSet> sets, Map<String, List<String>> hierarchy) {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      ImageSet set = ChunkSettings.newOnly(run, i) ? beyond(run, sets, i) : sets.get(i);
      chunks.add(new Chunk(i, NamedSets.nameOf(run, run.data().sets().get(i)), set));
    }
    return new ImageStream("given", chunks);
  }

  /** What a set has beyond what it had when it was an earlier chunk. */
  private static ImageSet beyond(Settings settings, List<ImageSet> sets, int index) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < index; i++) {
      if (settings.data().sets().get(i).equals(settings.data().sets().get(index))) {
        ImageSet before = sets.get(i);
        IntStream.range(0, before.size()).forEach(at -> seen.add(before.image(at).id()));
      }
    }
    return sets.get(index).where(id -> !seen.contains(id));
  }

  /** One hierarchy for all sets; none as soon as one of them has none. */
  static Map<String, List<String>> together(List<Map<String, List<String>>> hierarchies) {
    Map<String, List<String>> all = new HashMap<>();
    for (Map<String, List<String>> one : hierarchies) {
      if (one.isEmpty()) {
        return Map.of();
      }
      all.putAll(one);
    }
    return all;
  }

  private static ClassTree tree(Settings settings, Map<String, List<String>> hierarchy)
      throws IOException {
    if (!settings.stream().hierarchy().isEmpty()) {
      return HierarchyFile.read(Path.of(settings.stream().hierarchy()));
    }
    return hierarchy.isEmpty() ? WordNetTree.open() : HierarchyFile.of(hierarchy);
  }

  /** Classes that are far from each other, by the sets' own hierarchy or another. */
  static ImageStream distant(Settings run, List<ImageSet> sets, Map<String, List<String>> hierarchy)
      throws IOException {
    ImageSet set = union(run, sets);
    ClassTree tree = tree(run, hierarchy);
    int number = run.stream().chunks();
    ImageStream stream = ordered(run, seed -> DistantClassOrder.stream(set, number, tree, seed));
    // A class without pictures may be unknown.
    set.classes().stream()
        .filter(tree::knows)
        .forEach(name -> LOG.info("class {} is {}", name, tree.describe(name)));
    stream
        .chunks()
        .forEach(chunk -> LOG.info("{}: {}", ChunkWords.of(chunk.index()), chunk.name()));
    return stream;
  }
}
