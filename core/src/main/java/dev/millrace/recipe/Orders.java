package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.order.ClassOrder;
import dev.millrace.stream.order.DistantClassOrder;
import dev.millrace.stream.order.DomainOrder;
import dev.millrace.stream.order.InstanceOrder;
import dev.millrace.stream.order.JointOrder;
import dev.millrace.stream.taxonomy.ClassTree;
import dev.millrace.stream.taxonomy.HierarchyFile;
import dev.millrace.stream.taxonomy.WordNetTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From {@code --stream} to chunks; {@code --chunks} 1, the default, counts as not given. */
final class Orders {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private Orders() {}

  /**
   * Divides a set.
   *
   * @param hierarchy the set's own, for the distant stream; empty if it has none
   * @throws IllegalArgumentException if the settings do not fit the set
   */
  static ImageStream order(Settings settings, ImageSet set, Map<String, List<String>> hierarchy)
      throws IOException {
    return switch (settings.stream().order()) {
      case INSTANCE ->
          InstanceOrder.stream(set, settings.stream().chunks(), settings.stream().ordering());
      case CLASS ->
          ClassOrder.stream(set, settings.stream().chunks(), settings.stream().ordering());
      case DOMAIN ->
          settings.stream().chunks() == 1
              ? DomainOrder.stream(set, settings.stream().ordering())
              : DomainOrder.stream(set, settings.stream().chunks(), settings.stream().ordering());
      case JOINT -> {
        requireChunks(settings, 1, "a joint stream is the whole set at once");
        yield JointOrder.stream(set);
      }
      case DISTANT -> distant(settings, set, hierarchy);
      case GIVEN -> throw new IllegalArgumentException("each set of a given stream is a chunk");
    };
  }

  /**
   * Refuses a number of chunks that a stream does not have.
   *
   * @param why what decides the number
   */
  static void requireChunks(Settings settings, int has, String why) {
    if (settings.stream().chunks() != 1 && settings.stream().chunks() != has) {
      throw UsageException.of(
          "--chunks",
          "%d is not the %d that --stream %s has here: %s; leave --chunks out%s, or take --stream instance"
              .formatted(
                  settings.stream().chunks(),
                  has,
                  settings.stream().order().word(),
                  why,
                  has == 1 ? "" : " or give " + has));
    }
  }

  private static ClassTree tree(Settings settings, Map<String, List<String>> hierarchy)
      throws IOException {
    if (!settings.stream().hierarchy().isEmpty()) {
      return HierarchyFile.read(Path.of(settings.stream().hierarchy()));
    }
    return hierarchy.isEmpty() ? WordNetTree.open() : HierarchyFile.of(hierarchy);
  }

  private static ImageStream distant(
      Settings settings, ImageSet set, Map<String, List<String>> hierarchy) throws IOException {
    ClassTree tree = tree(settings, hierarchy);
    ImageStream stream =
        DistantClassOrder.stream(
            set, settings.stream().chunks(), tree, settings.stream().ordering());
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
