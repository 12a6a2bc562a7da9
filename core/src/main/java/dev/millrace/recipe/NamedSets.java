package dev.millrace.recipe;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sets that a run's settings name, opened and bounded as the settings say, and the chunks that
 * they make. Holds none of what it opens, so it has nothing to close; as safe for threads as its
 * catalogue.
 *
 * @param run the run's folder; null while there is none
 */
record NamedSets(Settings settings, Path run, Catalogue catalogue) {
  private static final Logger LOG = LoggerFactory.getLogger(NamedSets.class);

  /** What people call a set that the settings name. */
  static String nameOf(Settings settings, String set) {
    if (Catalogue.isName(set)) {
      return set;
    }
    Path file = Path.of(settings.place(set)).toAbsolutePath().normalize().getFileName();
    return file == null ? set : file.toString();
  }

  /**
   * The chunks that all sets are divided into, extensions aside.
   *
   * @throws CancellationException if a stop was requested
   */
  List<Chunk> divided(BooleanSupplier stop) throws IOException {
    int planned = settings.stream().chunks() - settings.history().extensions().size();
    return new NamedSets(settings.with("chunks", planned), run, catalogue).all(stop);
  }

  private List<Chunk> all(BooleanSupplier stop) throws IOException {
    Orders.requireChunks(settings);
    OwnClasses.check(settings);
    List<ImageSet> sets = new ArrayList<>();
    List<Map<String, List<String>>> hierarchies = new ArrayList<>();
    for (String set : settings.data().sets()) {
      DataSet opened = opened(set, stop);
      sets.add(thin(OwnClasses.of(settings, set, opened.learnable())));
      hierarchies.add(opened.hierarchy());
    }
    if (run == null) {
      OwnClasses.shared(settings, sets).ifPresent(LOG::warn);
    }
    return Orders.stream(settings, sets, hierarchies).chunks();
  }

  /**
   * What there is to learn of a set.
   *
   * @param around the folders of the set that hold all of it and stand in no picture's name
   */
  record Learnable(ImageSet images, String around) {}

  /**
   * What there is to learn of a set.
   *
   * @throws CancellationException if a stop was requested
   */
  Learnable learnable(String set, BooleanSupplier stop) throws IOException {
    DataSet opened = opened(set, stop);
    return new Learnable(OwnClasses.of(settings, set, opened.learnable()), opened.about().around());
  }

  private DataSet opened(String set, BooleanSupplier stop) throws IOException {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while the data was listed");
    }
    Sources sources = new Sources(settings, run);
    return sources.open(catalogue, set, sources.need(), stop);
  }

  /**
   * A set as a chunk of its own.
   *
   * @param images what is learned of it, before it is thinned
   */
  Chunk alone(int index, String set, ImageSet images) {
    return new Chunk(index, nameOf(settings, set), thin(images));
  }

  /** Bounded as the settings say: over the whole set, or per class. */
  private ImageSet thin(ImageSet train) {
    return settings.data().imagesPerClass() == 0
        ? Thinned.of(train, settings.data().images())
        : Thinned.byClass(train, settings.data().imagesPerClass());
  }
}
