package dev.millrace.live.source;

import dev.millrace.file.Reason;
import dev.millrace.live.account.State;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder into which pictures and archives ({@code .tar}, {@code .zip}) are dropped, with all
 * folders in it. Only whole files are read: those unchanged for {@link FolderSettings#settle},
 * which one that is renamed into place is at once where it was written before. Hidden names, {@code
 * .part} and {@code .tmp} are ignored and counted, as is what is no picture by its name. The key of
 * a picture is its path in the folder; in an archive, {@code ARCHIVE!/path}. Not thread-safe.
 */
public final class FolderSource implements Source {
  private static final String IN_ARCHIVE = "!/";

  private final String name;
  private final FolderSettings settings;
  private final Catalogue catalogue;
  private final InstantSource clock;
  private final Afterwards afterwards;

  /** Files that were seen and are not whole yet: stamp, and since when it is that. */
  private final Map<String, Map.Entry<String, Instant>> settling = new HashMap<>();

  private final Deque<Path> found = new ArrayDeque<>();
  private final List<String> released = new ArrayList<>();
  private final Map<String, Long> ignored = new TreeMap<>();
  private Memory memory;
  private OpenArchive archive;
  private boolean drained;

  /**
   * @param name of the source
   * @param clock says what time it is
   */
  public FolderSource(
      String name, FolderSettings settings, Catalogue catalogue, InstantSource clock) {
    this.name = name;
    this.settings = settings;
    this.catalogue = catalogue;
    this.clock = clock;
    afterwards = new Afterwards(settings);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(Memory remembered) throws IOException {
    memory = remembered;
    if (!Files.isDirectory(settings.folder())) {
      throw new IOException(settings.folder() + " is no folder; make it, and drop pictures there");
    }
    String place = memory.place();
    if (place == null || place.isEmpty()) {
      return;
    }
    String[] words = place.split("\n", 3);
    Path file = settings.folder().resolve(words[2]);
    if (Files.isRegularFile(file) && Afterwards.stamp(file).equals(words[1])) {
      archive =
          OpenArchive.of(catalogue, file, words[2], words[1]).from(Integer.parseInt(words[0]));
    }
  }

  @Override
  public Batch poll(int most) throws IOException {
    if (archive != null) {
      return fromArchive(most);
    }
    boolean scanned = found.isEmpty();
    if (scanned) {
      scan();
    }
    List<Arrival> arrivals = new ArrayList<>();
    Map<String, String> stamps = new HashMap<>();
    while (!found.isEmpty() && arrivals.size() < most) {
      Path file = found.peek();
      String key = key(file);
      if (isArchive(key)) {
        if (!arrivals.isEmpty()) {
          break;
        }
        found.remove();
        archive = OpenArchive.of(catalogue, file, key, Afterwards.stamp(file));
        return fromArchive(most);
      }
      found.remove();
      read(file, key, arrivals, stamps);
    }
    drained = scanned && arrivals.isEmpty() && settling.isEmpty();
    List<String> free = List.copyOf(released);
    released.clear();
    return new Batch(arrivals, arrivals.isEmpty() && free.isEmpty() ? null : "", stamps, free);
  }

  /** Looks for files that are whole and were not taken yet. */
  private void scan() throws IOException {
    ignored.clear();
    Set<String> there = new HashSet<>();
    List<Path> files;
    try (Stream<Path> all = Files.walk(settings.folder(), FileVisitOption.FOLLOW_LINKS)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : files) {
      String key = key(file);
      String kind = ignored(key);
      if (kind != null) {
        if (!key.startsWith(Afterwards.TAKEN + "/")) {
          ignored.merge(kind, 1L, Long::sum);
        }
        continue;
      }
      there.add(key);
      String stamp;
      try {
        stamp = Afterwards.stamp(file);
      } catch (NoSuchFileException e) {
        continue; // taken away since
      }
      if (stamp.equals(memory.stamp(key))) {
        leave(file, key, stamp, null); // a kill came between its commit and this
      } else if (whole(file, key, stamp)) {
        found.add(file);
      }
    }
    settling.keySet().retainAll(there);
  }

  private static String ignored(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith(".") || lower.contains("/.")) {
      return "hidden";
    }
    if (lower.endsWith(".part") || lower.endsWith(".tmp")) {
      return "unfinished";
    }
    return Catalogue.isPicture(key) || isArchive(key) ? null : "no picture";
  }

  private static boolean isArchive(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tar") || lower.endsWith(".zip");
  }

  private boolean whole(Path file, String key, String stamp) throws IOException {
    Instant now = clock.instant();
    Instant changed = Files.getLastModifiedTime(file).toInstant();
    Map.Entry<String, Instant> before = settling.get(key);
    boolean same = before != null && before.getKey().equals(stamp);
    Instant since = same ? before.getValue() : now;
    Duration settle = settings.settle();
    if (!changed.plus(settle).isAfter(now) || !since.plus(settle).isAfter(now)) {
      settling.remove(key);
      return true;
    }
    settling.put(key, Map.entry(stamp, since));
    return false;
  }

  private String key(Path file) {
    return settings.folder().relativize(file).toString().replace('\\', '/');
  }

  /** Adds a file; one that is gone, or changes while it is read, is found by a later scan. */
  private void read(Path file, String key, List<Arrival> arrivals, Map<String, String> stamps)
      throws IOException {
    try {
      String stamp = Afterwards.stamp(file);
      long size = Files.size(file);
      if (size > Image.MAX_BYTES) {
        arrivals.add(Arrival.bad(key, "it has %d bytes, more than 512 MiB".formatted(size)));
        stamps.put(key, stamp);
        return;
      }
      byte[] bytes = Files.readAllBytes(file);
      if (Afterwards.stamp(file).equals(stamp)) {
        arrivals.add(new Arrival(key, bytes, label(key), null));
        stamps.put(key, stamp);
      }
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  private String label(String key) {
    int slash = key.indexOf('/');
    return settings.labels() && slash > 0 ? key.substring(0, slash) : null;
  }

  private Batch fromArchive(int most) {
    drained = false;
    List<Arrival> arrivals = new ArrayList<>();
    int at = archive.at();
    boolean continued = at > 0;
    while (at < archive.entries().size() && arrivals.size() < most) {
      arrivals.add(read(archive.entries().get(at), archive.key()));
      at++;
    }
    archive = archive.from(at);
    return new Batch(
        arrivals,
        archive.place(),
        archive.isRead() ? Map.of(archive.key(), archive.stamp()) : Map.of(),
        List.of(),
        List.of(),
        continued);
  }

  private Arrival read(Map.Entry<String, Image.Content> entry, String within) {
    String key = entry.getKey().isEmpty() ? within : within + IN_ARCHIVE + entry.getKey();
    try {
      return new Arrival(key, entry.getValue().read(), label(entry.getKey()), null);
    } catch (IOException e) {
      return Arrival.bad(key, Reason.whole(e));
    }
  }

  @Override
  public void committed(Batch batch, List<State> states) throws IOException {
    if (archive == null) {
      for (Map.Entry<String, String> one : batch.stamps().entrySet()) {
        leave(settings.folder().resolve(one.getKey()), one.getKey(), one.getValue(), null);
      }
    } else if (archive.isRead()) {
      OpenArchive done = archive;
      archive = null;
      leave(done.file(), done.key(), done.stamp(), done);
    }
  }

  /** Does with a file that is taken what is to be done afterwards; an archive may be open. */
  private void leave(Path file, String key, String stamp, OpenArchive open) throws IOException {
    if (afterwards.leave(file, key, stamp, () -> stored(file, key, stamp, open))) {
      released.add(key);
    }
  }

  private boolean stored(Path file, String key, String stamp, OpenArchive open) throws IOException {
    if (!memory.stored(key) || !isArchive(key)) {
      return memory.stored(key);
    }
    // What else lies in an archive is stored nowhere.
    return (open == null ? OpenArchive.of(catalogue, file, key, stamp) : open).complete();
  }

  @Override
  public boolean drained() {
    return drained && archive == null;
  }

  @Override
  public Map<String, Long> ignored() {
    return Map.copyOf(ignored);
  }

  @Override
  public void close() {
    archive = null;
  }
}
