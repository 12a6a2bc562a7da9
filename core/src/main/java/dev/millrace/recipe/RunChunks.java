package dev.millrace.recipe;

import dev.millrace.file.Sha256;
import dev.millrace.learn.run.Chunks;
import dev.millrace.learn.run.KnownBad;
import dev.millrace.refusal.Some;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.Sizes;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunks of a run as its settings say, each described so that it can be recognised later and
 * opened only when its turn comes. Not thread-safe.
 */
public final class RunChunks implements Chunks {
  private static final Logger LOG = LoggerFactory.getLogger(RunChunks.class);

  /** Of pictures that came or went. */
  private static final int NAMED = 5;

  private final Settings settings;
  private final List<ChunkEntry> entries;
  private final List<Chunk> opened;

  /** What an opened chunk holds, as it was described once: its set never changes. */
  private final Map<Chunk, ChunkEntry> described = new IdentityHashMap<>();

  /** The run's folder; null while there is none. */
  private final Path run;

  private final Catalogue catalogue;

  private RunChunks(
      Settings settings,
      Path run,
      Catalogue catalogue,
      List<ChunkEntry> entries,
      List<Chunk> opened) {
    this.settings = settings;
    this.run = run;
    this.catalogue = catalogue;
    this.entries = entries;
    this.opened = opened;
  }

  /**
   * Opens all the data that the settings name and divides it; extensions are chunks as they are.
   */
  public static RunChunks plan(Settings settings) throws IOException {
    return plan(settings, Catalogue.standard(), () -> false);
  }

  /**
   * Like {@link #plan(Settings)}, unless it is stopped.
   *
   * @throws CancellationException if a stop was requested
   */
  public static RunChunks plan(Settings settings, Catalogue catalogue, BooleanSupplier stop)
      throws IOException {
    List<Chunk> chunks =
        base(settings.with("chunks", planned(settings)), null, catalogue, stop).chunks();
    RunChunks all =
        new RunChunks(
            settings.with("extensions", List.of()),
            null,
            catalogue,
            chunks.stream().map(chunk -> ChunkEntry.of(chunk, settings)).toList(),
            new ArrayList<>(chunks));
    for (Chunk chunk : chunks) {
      all.described.put(chunk, all.entries.get(chunk.index()));
    }
    for (int i = 0; i < settings.history().extensions().size(); i++) {
      String set = settings.history().extensions().get(i);
      Settings longer =
          settings.with("extensions", settings.history().extensions().subList(0, i + 1));
      ImageSet whole = all.learnable(longer, set, stop);
      all =
          all.extended(
              longer,
              set,
              ChunkSettings.newOnly(settings, all.count())
                  ? all.seen(set, whole).without(whole)
                  : whole);
    }
    return all;
  }

  private static int planned(Settings settings) {
    return settings.stream().chunks() - settings.history().extensions().size();
  }

  /** The chunks of a run that was planned before; nothing is opened yet. */
  static RunChunks known(
      Settings settings, Path run, Catalogue catalogue, List<ChunkEntry> entries) {
    Chunk[] none = new Chunk[entries.size()];
    return new RunChunks(settings, run, catalogue, entries, new ArrayList<>(Arrays.asList(none)));
  }

  /** Which pictures of a set these chunks hold. */
  SeenPictures seen(String set, ImageSet whole) throws IOException {
    return new SeenPictures(settings, entries, set, whole.name(), this::names);
  }

  /**
   * These chunks and one more.
   *
   * @param set its word in the longer settings
   * @param images what is learned of it, before it is thinned
   */
  RunChunks extended(Settings longer, String set, ImageSet images) {
    Chunk chunk = new Chunk(entries.size(), nameOf(longer, set), thin(images, longer));
    ChunkEntry entry = ChunkEntry.of(chunk, settings);
    if (Methods.of(longer).classifies() && !classes().containsAll(entry.classes())) {
      Set<String> fresh = new LinkedHashSet<>(entry.classes());
      fresh.removeAll(classes());
      throw new IllegalArgumentException(
          set
              + " brings classes that the run's supervised head does not have: "
              + fresh
              + "; a supervised head spans all classes from the start: name the set in --data of a new run");
    }
    List<ChunkEntry> more = new ArrayList<>(entries);
    more.add(entry);
    List<Chunk> open = new ArrayList<>(opened);
    open.add(chunk);
    RunChunks all = new RunChunks(longer, run, catalogue, more, open);
    all.described.putAll(described);
    all.described.put(chunk, entry);
    HeadSetting.check(longer, all);
    return all;
  }

  /** What opens the sets. */
  Catalogue catalogue() {
    return catalogue;
  }

  public List<ChunkEntry> entries() {
    return entries;
  }

  /** Every class of the stream, by first appearance in the chunks. */
  public List<String> classes() {
    Set<String> all = new LinkedHashSet<>();
    entries.forEach(entry -> all.addAll(entry.classes()));
    return List.copyOf(all);
  }

  /** What the run's first chunks held together, as an encoder of that time says. */
  RunChunks first(int count) {
    return new RunChunks(
        ChunkSettings.first(settings, count),
        run,
        catalogue,
        entries.subList(0, count),
        opened.subList(0, count));
  }

  /** One checksum over what all chunks hold. */
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    entries.forEach(entry -> digest.update(entry.fingerprint().getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public int count() {
    return entries.size();
  }

  @Override
  public Chunk open(int index) throws IOException {
    if (opened.get(index) == null) {
      try {
        reopen(index);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            e.getMessage() + "; the run.yaml of the run names it", e);
      }
    }
    Chunk chunk = opened.get(index);
    ChunkEntry now = described.computeIfAbsent(chunk, opening -> ChunkEntry.of(opening, settings));
    ChunkEntry then = entries.get(index);
    String found = now.fingerprint();
    boolean resized =
        then.sizes() != null
            && now.sizes() != null
            && !then.sizes().equals(now.sizes())
            && !knownWithVersions(then, now, chunk);
    Sources sources = new Sources(settings, run);
    // Versions are words of the place: of the same bytes elsewhere they say nothing.
    boolean replaced =
        then.versions() != null
            && now.versions() != null
            && !then.versions().equals(now.versions())
            && !sources.anyMoved(setsOf(index));
    if (resized || replaced || !found.equals(then.fingerprint())) {
      Chunk mended = mended(chunk);
      if (mended != null) {
        return mended;
      }
    }
    if (!found.equals(then.fingerprint())) {
      throw new IOException(
          "the data of %s changed since the run began: %d pictures with fingerprint %.12s, expected %d with %.12s%s; bring the old data back, or start a new run and `millrace extend` it%s"
              .formatted(
                  ChunkWords.of(index, chunk.name()),
                  chunk.size(),
                  found,
                  then.images(),
                  then.fingerprint(),
                  changes(),
                  sources.movedTo()));
    }
    if (resized) {
      throw new IOException(
          "pictures of %s were changed under their names since the run began: their sizes together have the checksum %.12s, expected %.12s; bring the old pictures back, or start a new run%s"
              .formatted(
                  ChunkWords.of(index, chunk.name()),
                  now.sizes(),
                  then.sizes(),
                  sources.movedTo()));
    }
    if (replaced) {
      throw new IOException(
          "files that hold pictures of %s were changed under their names since the run began: their versions together have the checksum %.12s, expected %.12s; bring the old files back, or start a new run"
              .formatted(ChunkWords.of(index, chunk.name()), now.versions(), then.versions()));
    }
    if (!then.classes().equals(now.classes()) || !then.domains().equals(now.domains())) {
      throw new IOException(
          "the run's stream.json names other classes or domains of %s than its data has: it is damaged; restore stream.json and run.yaml together from a copy"
              .formatted(ChunkWords.of(index, chunk.name())));
    }
    return chunk;
  }

  /**
   * Which pictures came and went in the chunks that are open, in words, but for those that may; of
   * large chunks nothing is known, and so nothing of any beside them.
   */
  private String changes() throws IOException {
    Set<String> then = new LinkedHashSet<>();
    Set<String> now = new LinkedHashSet<>();
    Set<String> bad = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      List<String> ids = entries.get(i).ids();
      Chunk chunk = opened.get(i);
      if (chunk != null && (ids == null || chunk.size() >= Chunk.LARGE)) {
        return "";
      }
      if (chunk != null) {
        then.addAll(ids);
        IntStream.range(0, chunk.size()).forEach(p -> now.add(chunk.images().image(p).id()));
        KnownBad known = run == null ? null : KnownBad.read(run, i);
        bad.addAll(known == null ? List.of() : known.ids());
      }
    }
    List<String> came = now.stream().filter(id -> !then.contains(id)).toList();
    List<String> gone = then.stream().filter(id -> !now.contains(id) && !bad.contains(id)).toList();
    return (gone.isEmpty() ? "" : "; no longer there: " + Some.of(gone, NAMED))
        + (came.isEmpty() ? "" : "; not there then: " + Some.of(came, NAMED));
  }

  /** Whether the sizes are those of then as the first runs of remote sets kept them. */
  private static boolean knownWithVersions(ChunkEntry then, ChunkEntry now, Chunk chunk) {
    return then.versions() == null
        && now.versions() != null
        && then.sizes().equals(Sizes.withVersions(List.of(chunk.images())));
  }

  /** The words of the sets that a chunk may have pictures of. */
  private List<String> setsOf(int index) {
    String set = Orders.setOf(settings, index, settings.stream().chunks());
    return set == null ? settings.data().sets() : List.of(set);
  }

  /** How a chunk's pictures were called when the run took it. */
  private ChunkNames names(int index) throws IOException {
    Chunk chunk = run == null ? opened.get(index) : null;
    return ChunkNames.of(run, entries.get(index), chunk == null ? null : chunk.images());
  }

  /** Keeps the names of large chunks in the run, as far as they are not there. */
  List<Path> keepNames(Path folder) throws IOException {
    List<Path> kept = new ArrayList<>();
    for (ChunkEntry entry : entries) {
      Path file = entry.ids() == null ? ChunkNames.file(folder, entry) : null;
      if (file != null && !Files.exists(file) && opened.get(entry.index()) != null) {
        ChunkNames.write(file, opened.get(entry.index()).images());
        kept.add(file);
      }
    }
    return kept;
  }

  /** A chunk of which only bad pictures were mended or removed; null if that is not so. */
  private Chunk mended(Chunk found) throws IOException {
    KnownBad known = run == null ? null : KnownBad.read(run, found.index());
    ImageSet set = known == null ? null : names(found.index()).restored(known, found.images());
    return set == null ? null : new Chunk(found.index(), found.name(), set);
  }

  private void reopen(int index) throws IOException {
    String set = Orders.setOf(settings, index, settings.stream().chunks());
    if (set != null) {
      opened.set(index, new Chunk(index, nameOf(settings, set), again(index, set)));
    } else {
      List<Chunk> chunks =
          base(settings.with("chunks", planned(settings)), run, catalogue, () -> false).chunks();
      for (int i = 0; i < chunks.size(); i++) {
        opened.set(i, chunks.get(i));
      }
    }
  }

  private static void check(BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while the data was listed");
    }
  }

  private static ImageStream base(
      Settings settings, Path run, Catalogue catalogue, BooleanSupplier stop) throws IOException {
    Orders.requireChunks(settings);
    OwnClasses.check(settings);
    List<ImageSet> sets = new ArrayList<>();
    List<Map<String, List<String>>> hierarchies = new ArrayList<>();
    for (String set : settings.data().sets()) {
      check(stop);
      DataSet opened = opened(settings, run, catalogue, set, stop);
      sets.add(thin(OwnClasses.of(settings, set, opened.learnable()), settings));
      hierarchies.add(opened.hierarchy());
    }
    if (run == null) {
      OwnClasses.shared(settings, sets).ifPresent(LOG::warn);
    }
    return Orders.stream(settings, sets, hierarchies);
  }

  /** What people call a set that the settings name. */
  static String nameOf(Settings settings, String set) {
    if (Catalogue.isName(set)) {
      return set;
    }
    Path file = Path.of(settings.place(set)).toAbsolutePath().normalize().getFileName();
    return file == null ? set : file.toString();
  }

  private static DataSet opened(
      Settings settings, Path run, Catalogue catalogue, String set, BooleanSupplier stop)
      throws IOException {
    Sources sources = new Sources(settings, run);
    return sources.open(catalogue, set, sources.need(), stop);
  }

  /**
   * What there is to learn of a set.
   *
   * @param longer the settings that name it
   */
  ImageSet learnable(Settings longer, String set, BooleanSupplier stop) throws IOException {
    check(stop);
    return OwnClasses.of(longer, set, opened(longer, run, catalogue, set, stop).learnable());
  }

  /** A set that is a chunk; it may have grown since then where the chunk was not all of it. */
  private ImageSet again(int index, String set) throws IOException {
    ImageSet all = learnable(settings, set, () -> false);
    if (!ChunkSettings.newOnly(settings, index)) {
      return thin(all, settings);
    }
    return all.where(names(index)::contains);
  }

  /** Bounded as the settings say: over the whole set, or per class. */
  private static ImageSet thin(ImageSet train, Settings settings) {
    return settings.data().imagesPerClass() == 0
        ? Thinned.of(train, settings.data().images())
        : Thinned.byClass(train, settings.data().imagesPerClass());
  }
}
