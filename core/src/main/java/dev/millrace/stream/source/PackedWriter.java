package dev.millrace.stream.source;

import static dev.millrace.file.Json.JSON;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.WorkFolder;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Gathers the rows of a packed set on disk, in a folder that a killed call leaves to the next one
 * to sweep. Not thread-safe; close it to remove what was gathered.
 */
final class PackedWriter implements Closeable {
  static final String FOLDER = "sets";
  private static final int BUFFER = 1 << 16;

  /** Of all indexes that are kept; those of a hundred million pictures are half of it. */
  private static final long BYTES = 20L << 30;

  private final Path cache;
  private final WorkFolder work;
  private final boolean kept;
  private final List<DataOutputStream> rows = new ArrayList<>();
  private final DataOutputStream names;
  private final int[] counts = new int[Part.values().length];
  private final Map<String, Integer> classes = new LinkedHashMap<>();
  private final Map<String, Integer> domains = new LinkedHashMap<>();
  private final List<Origin> origins = new ArrayList<>();
  private long nameBytes;

  /**
   * @param cache where the file will be kept; where that cannot be written, it lasts as long as the
   *     process
   */
  PackedWriter(Path cache) throws IOException {
    this.cache = cache;
    WorkFolder made;
    boolean lasts = true;
    try {
      made = WorkFolder.in(Files.createDirectories(cache.resolve(FOLDER)), ".packing");
    } catch (IOException e) {
      lasts = false;
      made = WorkFolder.in(Path.of(System.getProperty("java.io.tmpdir")), "millrace-set");
    }
    work = made;
    kept = lasts;
    for (Part part : Part.values()) {
      rows.add(out(part.shortName()));
    }
    names = out("names");
  }

  private DataOutputStream out(String name) throws IOException {
    return new DataOutputStream(
        new BufferedOutputStream(Files.newOutputStream(work.path().resolve(name)), BUFFER));
  }

  /** Where a set's file is kept. */
  static Path place(Path cache, String set, String key) {
    return cache.resolve(FOLDER).resolve(PackedFile.fileName(set, key));
  }

  /** Refuses a set in more files than can be numbered. */
  static IllegalArgumentException tooMany(int files) {
    return UsageException.ofWord(
        "a set may lie in %d files, and this one has %d or more; make larger ones of them"
            .formatted(PackedFile.MOST_ORIGINS, files));
  }

  /** One more file that pictures lie in; its number. */
  int origin(Origin origin) {
    if (origins.size() == PackedFile.MOST_ORIGINS) {
      throw tooMany(origins.size() + 1);
    }
    origins.add(origin);
    return origins.size() - 1;
  }

  /**
   * One more picture.
   *
   * @param label name of its class, or null
   * @param domain name of its domain, or null
   * @param origin the file's number
   */
  void add(Part part, String id, String label, String domain, int origin, long at, long size)
      throws IOException {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    if (name.length > PackedFile.LONGEST_NAME || at >= PackedFile.MOST_BYTES) {
      throw new IOException(
          "a name of %d bytes at byte %d cannot be kept: %.60s…".formatted(name.length, at, id));
    }
    DataOutputStream out = rows.get(part.ordinal());
    out.writeLong((long) origin << Image.Content.PLACE_BITS | at);
    out.writeLong(size);
    out.writeLong(nameBytes << 16 | name.length);
    out.writeInt(number(classes, label));
    out.writeInt(number(domains, domain));
    names.write(name);
    nameBytes += name.length;
    counts[part.ordinal()] = Math.addExact(counts[part.ordinal()], 1);
  }

  /**
   * One more picture in a file of its own, below a folder.
   *
   * @param path its path there, which may be composed of other letters than the name
   * @param origin the folder's number
   */
  void add(Part part, String id, String path, String label, String domain, int origin, long size)
      throws IOException {
    byte[] raw = id.equals(path) ? new byte[0] : path.getBytes(StandardCharsets.UTF_8);
    add(part, id, label, domain, origin, raw.length, size);
    names.write(raw); // behind the name, as long as the place says
    nameBytes += raw.length;
  }

  private static int number(Map<String, Integer> names, String name) {
    if (name == null) {
      return Image.NONE;
    }
    Integer known = names.putIfAbsent(name, names.size());
    return known == null ? names.size() - 1 : known;
  }

  int count(Part part) {
    return counts[part.ordinal()];
  }

  /** How many pictures have no class. */
  boolean hasClasses() {
    return !classes.isEmpty();
  }

  /**
   * Makes a file of all that was gathered, and opens it.
   *
   * @param key what the file is made of, in words; null for one that is not kept
   * @throws Origin.Changed if a file is another than when its origin was taken
   * @throws IOException if it cannot be written
   */
  PackedFile write(String set, String key, About about, LeftOut leftOut) throws IOException {
    // Beside no part to judge by, that of validation judges.
    boolean judged = counts[Part.TEST.ordinal()] > 0;
    List<Part> order =
        List.of(
            Part.TRAIN, judged ? Part.VALIDATION : Part.TEST, judged ? Part.TEST : Part.VALIDATION);
    Path file = key == null || !kept ? null : place(cache, set, key);
    PackedFile written = write(file, key, order, about, leftOut, true);
    if (file != null) {
      bound(file);
    }
    return written;
  }

  /**
   * Makes a file of one shard, with its parts in the order of their enum.
   *
   * @param file where it is kept; null for nowhere
   */
  PackedFile shard(Path file, String key, About about, LeftOut leftOut) throws IOException {
    return write(kept ? file : null, key, List.of(Part.values()), about, leftOut, false);
  }

  /**
   * Writes everything.
   *
   * @param seen whether what is seen of the pictures is kept beside the file
   */
  private PackedFile write(
      Path file, String key, List<Part> order, About about, LeftOut leftOut, boolean seen)
      throws IOException {
    for (DataOutputStream out : rows) {
      out.close();
    }
    names.close();
    for (Origin origin : origins) {
      origin.requireUnchanged();
    }
    PackedFile.Head head =
        new PackedFile.Head(
            key,
            List.copyOf(origins),
            sorted(classes),
            sorted(domains),
            order.stream().map(this::count).toList(),
            nameBytes,
            about,
            leftOut.kinds());
    Path fresh = work.path().resolve("set");
    try (FileChannel channel =
        FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(channel, head, order);
      channel.force(file != null);
    }
    if (file == null) {
      return PackedFile.open(fresh, cache, false); // mapped, it outlives its folder
    }
    Files.createDirectories(file.getParent());
    AtomicFiles.move(fresh, file);
    return PackedFile.open(file, cache, seen);
  }

  /** Removes the least recently made, until the rest is small enough. */
  static void bound(Path fresh) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(fresh.getParent())) {
      files =
          all.filter(Files::isRegularFile)
              .sorted(Comparator.comparingLong((Path f) -> f.toFile().lastModified()).reversed())
              .toList();
    }
    long sum = 0;
    for (Path file : files) {
      sum += file.toFile().length();
      if (sum > BYTES && !file.equals(fresh)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static List<String> sorted(Map<String, Integer> names) {
    return List.copyOf(new TreeMap<>(names).keySet());
  }

  /** The sorted place of each number that was given out. */
  private static int[] places(Map<String, Integer> numbers) {
    int[] places = new int[numbers.size()];
    int place = 0;
    for (int number : new TreeMap<>(numbers).values()) {
      places[number] = place++;
    }
    return places;
  }

  private void write(FileChannel channel, PackedFile.Head head, List<Part> order)
      throws IOException {
    CRC32C sum = new CRC32C();
    OutputStream checked =
        new BufferedOutputStream(
            new CheckedOutputStream(Channels.newOutputStream(channel), sum), BUFFER);
    DataOutputStream out = new DataOutputStream(checked);
    byte[] words = JSON.writeValueAsBytes(head);
    out.writeLong(PackedFile.MAGIC);
    out.writeInt(words.length);
    out.write(words);
    out.write(new byte[(int) (PackedFile.rowsAt(words.length) - out.size())]);
    int[] classPlaces = places(classes);
    int[] domainPlaces = places(domains);
    for (Part part : order) {
      copy(part.shortName(), out, classPlaces, domainPlaces);
    }
    try (FileChannel all =
        FileChannel.open(work.path().resolve("names"), StandardOpenOption.READ)) {
      Channels.newInputStream(all).transferTo(out);
    }
    out.flush();
    out.writeLong(sum.getValue());
    out.flush();
  }

  private void copy(String name, DataOutputStream out, int[] classPlaces, int[] domainPlaces)
      throws IOException {
    try (var in =
        new java.io.BufferedInputStream(Files.newInputStream(work.path().resolve(name)), BUFFER)) {
      byte[] row = new byte[PackedFile.ROW];
      ByteBuffer numbers = ByteBuffer.wrap(row);
      while (in.readNBytes(row, 0, row.length) == row.length) {
        place(numbers, 24, classPlaces);
        place(numbers, 28, domainPlaces);
        out.write(row);
      }
    }
  }

  private static void place(ByteBuffer row, int at, int[] places) {
    int number = row.getInt(at);
    if (number != Image.NONE) {
      row.putInt(at, places[number]);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (DataOutputStream out : rows) {
        out.close();
      }
      names.close();
    } catch (IOException e) {
      throw new IOException("the index of a set cannot be written: " + Reason.of(e), e);
    } finally {
      work.close();
    }
  }
}
