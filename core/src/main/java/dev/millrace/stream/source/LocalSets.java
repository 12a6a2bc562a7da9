package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets that lie at a path of this machine, in a folder or an archive, listed file by file; what a
 * large one lists is kept in the cache. Immutable, thread-safe; no file stays open.
 *
 * @param cache where compressed archives are unpacked
 */
record LocalSets(Path cache) {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSets.class);

  /** What was read of a place, the groups its classes stand in, and what was left out. */
  private record Read(Layout.Parts parts, Map<String, List<String>> hierarchy, LeftOut leftOut) {}

  /** Opens a known set, which has a layout of its own. */
  DataSet known(KnownSet known, Path path, BooleanSupplier stop) throws IOException {
    Read read = whole(path, known.name(), Folders.AUTO, Need.LABELS, stop);
    return known.split(read.parts(), read.hierarchy()).leaving(read.leftOut());
  }

  /**
   * Opens a set of the user's own: as it was kept in the cache, or listed now.
   *
   * @param set its word, for what is said of it
   * @param name what it calls itself
   */
  DataSet open(Path path, String set, String name, Folders folders, Need need, BooleanSupplier stop)
      throws IOException {
    Origin before = KeptIndex.origin(path);
    DataSet kept = KeptIndex.of(cache, path, name, folders, need);
    if (kept != null) {
      return kept;
    }
    if (before == null || before.size() < OneShard.WORTH) {
      return listed(path, set, name, folders, need, before, stop);
    }
    try (CacheTurn turn = CacheTurn.take(cache, "listing " + before.file(), stop)) {
      kept = KeptIndex.of(cache, path, name, folders, need);
      return kept == null ? listed(path, set, name, folders, need, before, stop) : kept;
    }
  }

  private DataSet listed(
      Path path,
      String set,
      String name,
      Folders folders,
      Need need,
      Origin before,
      BooleanSupplier stop)
      throws IOException {
    Read read = whole(path, set, folders, need, stop);
    DataSet listed =
        dataSet(name, read.parts(), false, Metric.TOP1)
            .grouped(read.hierarchy())
            .leaving(read.leftOut());
    return KeptIndex.packed(cache, before, listed, folders, need, Chunk.LARGE);
  }

  private Read whole(Path file, String name, Folders folders, Need need, BooleanSupplier stop)
      throws IOException {
    List<String> notes = new ArrayList<>();
    if (Files.isDirectory(file) && Idx.in(file)) {
      return idx(file, name, folders, notes, stop);
    }
    Listing listing = listing(file, folders, notes, stop);
    if (Files.isDirectory(file)) {
      ArchiveFolder.addTo(listing, file, name, cache, folders, notes, stop);
    }
    report(listing, name);
    noteEmpty(listing, notes);
    if (Cifar.in(listing)) {
      Cifar.Found found = Cifar.read(listing);
      if (found.missing() != null) {
        notes.add(found.missing());
      }
      return alone(listing, name, found.parts(), found.hierarchy(), found.files(), notes);
    }
    Folders meant = folders == Folders.FOLDERS ? Folders.AUTO : folders;
    Layout.Parts parts = Layout.read(listing, name, meant, need, notes);
    return new Read(parts, Map.of(), listing.leftOut().done());
  }

  private static void noteEmpty(Listing listing, List<String> notes) {
    if (!listing.empty().isEmpty()) {
      notes.add("these folders hold nothing: " + Doubt.shown(List.copyOf(listing.empty())));
    }
  }

  /** MNIST's files; what lies beside them is counted where it can be listed. */
  private Read idx(
      Path file, String name, Folders folders, List<String> notes, BooleanSupplier stop)
      throws IOException {
    Layout.Parts parts = new Layout.Parts(Idx.read(file, "train"), Idx.read(file, "t10k"));
    Listing listing;
    try {
      listing = listing(file, folders, notes, stop);
    } catch (IOException | IllegalArgumentException e) {
      notes.add("what lies beside MNIST's files is not counted: " + Reason.of(e));
      listing = Listing.of(new TreeMap<>(), new LeftOut.Tally(), new TreeSet<>());
    }
    report(listing, name);
    noteEmpty(listing, notes);
    return alone(listing, name, parts, Map.of(), Idx.files(file), notes);
  }

  /**
   * A set in a form of its own, whatever its folders are called.
   *
   * @param files of which it was read; all others are counted
   * @param notes what was in doubt
   */
  private static Read alone(
      Listing listing,
      String name,
      Layout.Parts parts,
      Map<String, List<String>> hierarchy,
      Set<String> files,
      List<String> notes) {
    List<String> pictures = List.copyOf(listing.pictures().keySet());
    if (!pictures.isEmpty()) {
      notes.add(
          "%d pictures lie beside and are no part of it: %s; give their folder as a set of its own"
              .formatted(pictures.size(), Doubt.shown(pictures)));
    }
    Set<String> others = new TreeSet<>(listing.files().keySet());
    others.removeAll(files);
    OtherFiles.report(name, others, parts.train().size() + parts.test().size());
    notes.forEach(note -> LOG.warn("{}: {}", name, note));
    About about = new About("", OtherFiles.of(others), notes);
    return new Read(
        new Layout.Parts(parts.train(), parts.validation(), parts.test(), about),
        hierarchy,
        listing.leftOut().done());
  }

  /** A place's files, whatever they are; what is in doubt is said. */
  Listing files(Path file, String name, BooleanSupplier stop) throws IOException {
    List<String> notes = new ArrayList<>();
    Listing listing = listing(file, Folders.FOLDERS, notes, stop);
    notes.forEach(note -> LOG.warn("{}: {}", name, note));
    return listing;
  }

  private Listing listing(Path file, Folders folders, List<String> notes, BooleanSupplier stop)
      throws IOException {
    requireArchive(file);
    if (Files.isDirectory(file)) {
      return Folder.list(file, stop);
    }
    Listing listing = Archive.list(file, 0, cache, stop);
    ArchiveFolder.openIn(listing, file.toString(), folders, notes, stop);
    return listing;
  }

  private static void requireArchive(Path file) throws IOException {
    if (!Files.isDirectory(file) && !ArchiveForm.isAny(file)) {
      throw UsageException.ofWord(
          file
              + " is neither a folder nor a .tar, .tar.gz, .tar.bz2 or .zip archive, a .parquet file or a list of pictures (.csv, .tsv, .jsonl); give one of these");
    }
  }

  /** Says what a listing left out. */
  static void report(Listing listing, String name) {
    listing.leftOut().done().lines().forEach(line -> LOG.info("{}: left out {}", name, line));
  }

  /** A set of the rows of its parts. */
  static DataSet dataSet(String name, Layout.Parts parts, boolean wordNet, Metric metric) {
    List<Labelled.Row> all = new ArrayList<>(parts.train());
    all.addAll(parts.validation());
    all.addAll(parts.test());
    List<String> classes = Labelled.names(all, Labelled.Row::label);
    List<String> domains = Labelled.names(all, Labelled.Row::domain);
    Function<List<Labelled.Row>, Labelled> part = rows -> Labelled.of(name, rows, classes, domains);
    return new DataSet(
        name,
        part.apply(parts.train()),
        part.apply(parts.validation()),
        part.apply(parts.test()),
        wordNet,
        metric,
        Map.of(),
        LeftOut.NONE,
        parts.about());
  }
}
