package dev.millrace.recipe;

import dev.millrace.file.Sha256;
import dev.millrace.learn.run.Chunks;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The chunks of a run as its settings say, each described so that it can be recognised later and
 * opened only when its turn comes. Not thread-safe.
 */
public final class RunChunks implements Chunks {
  private final Settings settings;
  private final List<ChunkEntry> entries;
  private final List<Chunk> opened;

  /** What an opened chunk holds, as it was described once: its set never changes. */
  private final Map<Chunk, ChunkEntry> described = new IdentityHashMap<>();

  /** The run's folder; null while there is none. */
  private final Path run;

  private final Catalogue catalogue;

  /** Asked while a set is listed or unpacked. */
  private final BooleanSupplier stop;

  private RunChunks(
      Settings settings,
      Path run,
      Catalogue catalogue,
      BooleanSupplier stop,
      List<ChunkEntry> entries,
      List<Chunk> opened) {
    this.settings = settings;
    this.run = run;
    this.catalogue = catalogue;
    this.stop = stop;
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
    List<Chunk> chunks = new NamedSets(settings, null, catalogue).divided(stop);
    RunChunks all =
        new RunChunks(
            settings.with("extensions", List.of()),
            null,
            catalogue,
            stop,
            chunks.stream().map(chunk -> ChunkEntry.of(chunk, settings)).toList(),
            new ArrayList<>(chunks));
    for (Chunk chunk : chunks) {
      all.described.put(chunk, all.entries.get(chunk.index()));
    }
    for (int i = 0; i < settings.history().extensions().size(); i++) {
      String set = settings.history().extensions().get(i);
      Settings longer =
          settings.with("extensions", settings.history().extensions().subList(0, i + 1));
      NamedSets.Learnable whole = all.learnable(longer, set);
      all =
          all.extended(
              longer,
              set,
              ChunkSettings.newOnly(settings, all.count())
                  ? all.seen(set, whole).without(whole.images())
                  : whole.images());
    }
    return all;
  }

  /**
   * The chunks of a run that was planned before; nothing is opened yet.
   *
   * @param stop asked while a set is opened; true ends that by a {@link CancellationException}
   */
  static RunChunks known(
      Settings settings,
      Path run,
      Catalogue catalogue,
      BooleanSupplier stop,
      List<ChunkEntry> entries) {
    Chunk[] none = new Chunk[entries.size()];
    return new RunChunks(
        settings, run, catalogue, stop, entries, new ArrayList<>(Arrays.asList(none)));
  }

  /** Which pictures of a set these chunks hold. */
  SeenPictures seen(String set, NamedSets.Learnable whole) throws IOException {
    return new SeenPictures(settings, entries, set, whole, this::names);
  }

  /**
   * These chunks and one more.
   *
   * @param set its word in the longer settings
   * @param images what is learned of it, before it is thinned
   */
  RunChunks extended(Settings longer, String set, ImageSet images) {
    Chunk chunk = new NamedSets(longer, run, catalogue).alone(entries.size(), set, images);
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
    RunChunks all = new RunChunks(longer, run, catalogue, stop, more, open);
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
        stop,
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
    ChunkIdentity identity = new ChunkIdentity(settings, run, entries.get(index), now, chunk);
    if (identity.changed()) {
      Chunk mended = identity.mended();
      if (mended != null) {
        return mended;
      }
    }
    identity.require(entries, opened);
    return chunk;
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

  private void reopen(int index) throws IOException {
    NamedSets sets = new NamedSets(settings, run, catalogue);
    String set = Orders.setOf(settings, index, settings.stream().chunks());
    if (set != null) {
      opened.set(index, again(sets, index, set));
    } else {
      List<Chunk> chunks = sets.divided(stop);
      for (int i = 0; i < chunks.size(); i++) {
        opened.set(i, chunks.get(i));
      }
    }
  }

  /** A set that is a chunk; it may have grown since then where the chunk was not all of it. */
  private Chunk again(NamedSets sets, int index, String set) throws IOException {
    ImageSet all = sets.learnable(set, stop).images();
    return ChunkSettings.newOnly(settings, index)
        ? new Chunk(index, NamedSets.nameOf(settings, set), all.where(names(index)::contains))
        : sets.alone(index, set, all);
  }

  /**
   * What there is to learn of a set.
   *
   * @param longer the settings that name it
   * @throws CancellationException if a stop was requested
   */
  NamedSets.Learnable learnable(Settings longer, String set) throws IOException {
    return new NamedSets(longer, run, catalogue).learnable(set, stop);
  }
}
