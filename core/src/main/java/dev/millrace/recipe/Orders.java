package dev.millrace.recipe;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From {@code --stream} to chunks. */
final class Orders {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private Orders() {}

  static ImageStream order(Settings settings, ImageSet set) throws IOException {
    return switch (settings.stream()) {
      case "instance" -> InstanceOrder.stream(set, settings.chunks(), settings.seed());
      case "class" -> ClassOrder.stream(set, settings.chunks(), settings.seed());
      case "domain" -> DomainOrder.stream(set, settings.seed());
      case "joint" -> JointOrder.stream(set);
      case "distant" -> distant(settings, set);
      default ->
          throw new IllegalArgumentException("--stream " + settings.stream() + " is unknown");
    };
  }

  private static ImageStream distant(Settings settings, ImageSet set) throws IOException {
    ClassTree tree =
        settings.hierarchy().isEmpty()
            ? WordNetTree.open()
            : HierarchyFile.read(Path.of(settings.hierarchy()));
    ImageStream stream = DistantClassOrder.stream(set, settings.chunks(), tree, settings.seed());
    set.classes().forEach(name -> LOG.info("class {} is {}", name, tree.describe(name)));
    stream.chunks().forEach(chunk -> LOG.info("chunk {}: {}", chunk.index(), chunk.name()));
    return stream;
  }
}
