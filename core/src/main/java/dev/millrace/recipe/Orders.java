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
    return switch (settings.stream()) {
      case "instance" -> InstanceOrder.stream(set, settings.chunks(), settings.ordering());
      case "class" -> ClassOrder.stream(set, settings.chunks(), settings.ordering());
      case "domain" ->
          settings.chunks() == 1
              ? DomainOrder.stream(set, settings.ordering())
              : DomainOrder.stream(set, settings.chunks(), settings.ordering());
      case "joint" -> {
        requireChunks(settings, 1, "a joint stream is the whole set at once");
        yield JointOrder.stream(set);
      }
      case "distant" -> distant(settings, set, hierarchy);
      default -> throw UsageException.of("--stream", settings.stream() + " is unknown");
    };
  }

  /**
   * Refuses a number of chunks that a stream does not have.
   *
   * @param why what decides the number
   */
  static void requireChunks(Settings settings, int has, String why) {
    if (settings.chunks() != 1 && settings.chunks() != has) {
      throw UsageException.of(
          "--chunks",
          "%d is not the %d that --stream %s has here: %s; leave --chunks out%s, or take --stream instance"
              .formatted(
                  settings.chunks(),
                  has,
                  settings.stream(),
                  why,
                  has == 1 ? "" : " or give " + has));
    }
  }

  private static ClassTree tree(Settings settings, Map<String, List<String>> hierarchy)
      throws IOException {
    if (!settings.hierarchy().isEmpty()) {
      return HierarchyFile.read(Path.of(settings.hierarchy()));
    }
    return hierarchy.isEmpty() ? WordNetTree.open() : HierarchyFile.of(hierarchy);
  }

  private static ImageStream distant(
      Settings settings, ImageSet set, Map<String, List<String>> hierarchy) throws IOException {
    ClassTree tree = tree(settings, hierarchy);
    ImageStream stream =
        DistantClassOrder.stream(set, settings.chunks(), tree, settings.ordering());
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
