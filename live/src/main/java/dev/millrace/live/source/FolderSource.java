package dev.millrace.live.source;

import dev.millrace.live.account.State;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A folder into which pictures and archives ({@code .tar}, {@code .zip}) are dropped, with all
 * folders in it. Only whole files are read: those unchanged for {@link FolderSettings#settle},
 * which one that is renamed into place is at once where it was written before. Hidden names and
 * what file servers keep for themselves, as {@link Catalogue#isHidden} has them, {@code .part} and
 * {@code .tmp} are ignored and counted, as is what is no picture by its name. The key of a picture
 * is its path in the folder ({@link DroppedName#key}); in an archive, {@code ARCHIVE!/path}. Not
 * thread-safe.
 */
public final class FolderSource implements Source {
  private final String name;
  private final FolderSettings settings;
  private final Catalogue catalogue;
  private final Access access;
  private final Afterwards afterwards;
  private final Retries retries;

  private final Settling settling;
  private final Pace pace;
  private final Deque<Found> found = new ArrayDeque<>();

  /** The files of the last batch, by their keys. */
  private final Map<String, Path> taken = new HashMap<>();

  private final List<String> released = new ArrayList<>();
  private final Map<String, Long> ignored = new TreeMap<>();
  private Memory memory;
  private OpenArchive archive;
  private boolean drained;

  /** A file that was whole when it bore this stamp. */
  private record Found(Path file, String key, String stamp) {}

  /** Fails where a file may not be read; tests let it fail. */
  @FunctionalInterface
  interface Access {
    void check(Path file) throws IOException;
  }

  /**
   * @param name of the source
   * @param clock says what time it is
   */
  public FolderSource(
      String name, FolderSettings settings, Catalogue catalogue, InstantSource clock) {
    this(name, settings, catalogue, clock, file -> FileChannel.open(file).close());
  }

  FolderSource(
      String name,
      FolderSettings settings,
      Catalogue catalogue,
      InstantSource clock,
      Access access) {
    this.access = access;
    this.name = name;
    this.settings = settings;
    this.catalogue = catalogue;
    afterwards = new Afterwards(settings);
    retries = new Retries(clock);
    settling = new Settling(clock, settings.settle());
    pace = new Pace(clock);
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
    Path file = file(words[2]);
    OpenArchive begun = file == null ? null : opened(new Found(file, words[2], words[1]));
    // One that cannot be read now is found again, and then read from its beginning.
    if (begun != null && !begun.isBroken()) {
      archive = begun.from(Integer.parseInt(words[0]));
    }
  }

  @Override
  public Batch poll(int most) throws IOException {
    if (archive != null) {
      return fromArchive(most);
    }
    boolean scanned = found.isEmpty() && pace.due();
    if (scanned) {
      scan();
    }
    List<Arrival> arrivals = new ArrayList<>();
    Map<String, String> stamps = new HashMap<>();
    taken.clear();
    long bytes = 0;
    while (!found.isEmpty() && arrivals.size() < most && bytes < Batch.ENOUGH_BYTES) {
      boolean anArchive = DroppedName.isArchive(found.peek().key());
      if (anArchive && !arrivals.isEmpty()) {
        break;
      }
      Found next = found.remove();
      if (anArchive) {
        archive = opened(next);
        if (archive != null) {
          return fromArchive(most);
        }
        continue;
      }
      Arrival one;
      try {
        one = read(next);
      } catch (OutOfMemoryError e) {
        if (!arrivals.isEmpty()) { // it may have room when these are away
          found.addFirst(next);
          break;
        }
        one = Arrival.unread(next.key(), e);
      }
      if (one != null) {
        arrivals.add(one);
        stamps.put(next.key(), next.stamp());
        taken.put(next.key(), next.file());
        bytes += one.bytes().length;
      }
    }
    drained = (scanned || drained) && arrivals.isEmpty() && settling.isEmpty();
    List<String> free = List.copyOf(released);
    released.clear();
    return new Batch(arrivals, arrivals.isEmpty() && free.isEmpty() ? null : "", stamps, free);
  }

  /** Looks for files that are whole and were not taken yet. */
  private void scan() throws IOException {
    pace.begin();
    ignored.clear();
    Set<String> there = new HashSet<>();
    FolderWalk walk = FolderWalk.of(settings.folder());
    if (walk.hidden() > 0) {
      ignored.put(DroppedName.HIDDEN, walk.hidden());
    }
    for (Map.Entry<Path, IOException> one : walk.unreadable().entrySet()) {
      there.add(key(one.getKey()));
      retries.failed(key(one.getKey()), one.getValue());
    }
    for (Map.Entry<Path, BasicFileAttributes> one : walk.files().entrySet()) {
      Path file = one.getKey();
      String key = key(file);
      String kind = DroppedName.ignored(key);
      if (kind != null) {
        ignored.merge(kind, 1L, Long::sum);
        continue;
      }
      there.add(key);
      String stamp = Afterwards.stamp(one.getValue());
      if (retries.waits(key)) {
        continue;
      }
      if (stamp.equals(memory.stamp(key))) {
        leave(file, key, stamp, null); // a kill came between its commit and this
        continue;
      }
      Instant whole = settling.whole(key, stamp, one.getValue().lastModifiedTime().toInstant());
      if (whole == null) {
        found.add(new Found(file, key, stamp));
      } else {
        pace.whole(whole);
      }
    }
    settling.retain(there);
    retries.retain(there);
    pace.end(!found.isEmpty());
  }

  /** The file that has a key; null for none. */
  private Path file(String key) throws IOException {
    try {
      Path file = settings.folder().resolve(key);
      if (key(file).equals(key) && Files.exists(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // a name that cannot be made of its text can be found
    }
    return FolderWalk.of(settings.folder()).files().keySet().stream()
        .filter(one -> key(one).equals(key))
        .findFirst()
        .orElse(null);
  }

  private String key(Path file) {
    return DroppedName.key(settings.folder(), file);
  }

  /**
   * Reads a file; null if it is gone, or was written on since it was found whole.
   *
   * @throws OutOfMemoryError if the heap has no room for it
   */
  private Arrival read(Found one) {
    try {
      if (changed(one)) {
        return null;
      }
      long size = Files.size(one.file());
      if (size > Image.MAX_BYTES) {
        return Arrival.bad(one.key(), "it has %d bytes, more than 512 MiB".formatted(size));
      }
      access.check(one.file());
      byte[] bytes = Catalogue.bytes(one.file());
      retries.succeeded(one.key());
      return changed(one) ? null : new Arrival(one.key(), bytes, label(one.key()), null);
    } catch (NoSuchFileException e) {
      retries.succeeded(one.key()); // taken away since
    } catch (IOException e) {
      retries.failed(one.key(), e);
    }
    return null;
  }

  /** Opens an archive; null if it is gone, was written on or cannot be read now. */
  private OpenArchive opened(Found one) {
    try {
      if (changed(one)) {
        return null;
      }
      access.check(one.file()); // what may not be read is no broken archive
      retries.succeeded(one.key());
      OpenArchive made = OpenArchive.of(catalogue, one.file(), one.key(), one.stamp());
      return changed(one) ? null : made;
    } catch (NoSuchFileException e) {
      retries.succeeded(one.key());
    } catch (IOException e) {
      retries.failed(one.key(), e);
    }
    return null;
  }

  /** Whether a file is another one than was found; it then has to settle anew. */
  private boolean changed(Found one) throws IOException {
    String stamp = Afterwards.stamp(one.file());
    if (stamp.equals(one.stamp())) {
      return false;
    }
    settling.changed(one.key(), stamp);
    return true;
  }

  private String label(String key) {
    int slash = key.indexOf('/');
    return settings.labels() && slash > 0 ? key.substring(0, slash) : null;
  }

  /** The next pictures of the archive; none if it is another one by now, and found anew then. */
  private Batch fromArchive(int most) {
    drained = false;
    OpenArchive open = archive;
    Found opened = new Found(open.file(), open.key(), open.stamp());
    archive = null;
    try {
      if (changed(opened)) {
        return Batch.none();
      }
      Batch batch = open.batch(most, this::label);
      if (!changed(opened)) { // else its entries are no longer where they were listed
        archive = open.from(open.at() + batch.arrivals().size());
        return batch;
      }
    } catch (NoSuchFileException e) {
      retries.succeeded(open.key()); // taken away since
    } catch (IOException e) {
      retries.failed(open.key(), e); // what is to blame is not its pictures
    }
    return Batch.none();
  }

  @Override
  public void committed(Batch batch, List<State> states) {
    if (archive == null) {
      for (Map.Entry<String, String> one : batch.stamps().entrySet()) {
        leave(taken.get(one.getKey()), one.getKey(), one.getValue(), null);
      }
    } else if (archive.isRead()) {
      OpenArchive done = archive;
      archive = null;
      leave(done.file(), done.key(), done.stamp(), done);
    }
  }

  /** Does with a file that is taken what is to be done afterwards; an archive may be open. */
  private void leave(Path file, String key, String stamp, OpenArchive open) {
    try {
      if (afterwards.leave(file, stamp, () -> stored(file, key, stamp, open))) {
        released.add(key);
      }
      retries.succeeded(key);
    } catch (IOException e) {
      retries.failed(key, e); // it is taken, and stays for now
    }
  }

  private boolean stored(Path file, String key, String stamp, OpenArchive open) throws IOException {
    if (!memory.stored(key)) {
      return false;
    }
    // What else lies in an archive is stored nowhere.
    return !DroppedName.isArchive(key)
        || (open == null ? OpenArchive.of(catalogue, file, key, stamp) : open).complete();
  }

  @Override
  public boolean drained() {
    return drained && archive == null;
  }

  @Override
  public Map<String, Long> ignored() {
    Map<String, Long> all = new TreeMap<>(ignored);
    if (retries.count() > 0) {
      all.put("unreadable", (long) retries.count());
    }
    return all;
  }

  @Override
  public List<String> faults() {
    return retries.said();
  }

  @Override
  public void close() {
    archive = null;
  }
}
