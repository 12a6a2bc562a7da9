package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import dev.millrace.stream.KnownHead;
import dev.millrace.stream.SourceException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The files that the pictures of a packed set lie in: a few are kept open, of many those that were
 * used last, since a process may have a thousand open files. A file that has changed since it was
 * listed is not read. Thread-safe.
 */
final class Origins {
  private static final int KEPT_OPEN = 64;

  private final List<Origin> origins;
  private final java.nio.file.Path cache;
  private final AtomicReferenceArray<BoundedBytes.Source> open;

  /** Of many files those that are open, the one that was used last at the end. */
  private final Map<Integer, Lent> latest = new LinkedHashMap<>(16, 0.75f, true);

  Origins(List<Origin> origins, java.nio.file.Path cache) {
    this.origins = origins;
    this.cache = cache;
    open = new AtomicReferenceArray<>(origins.size());
  }

  /** A picture's bytes. */
  Image.Content content(PackedFile file, int row) {
    Origin origin = origins.get(file.origin(row));
    if (origin.form() == Origin.Form.FOLDER && origin.remote()) {
      return new OfPlace(origin.file() + "/" + file.path(row));
    }
    if (origin.form() == Origin.Form.FOLDER) {
      return new BoundedBytes.OfFile(origin.path().resolve(file.path(row)), file.size(row));
    }
    return new Stretch(this, file, row);
  }

  /** What is done with a file's bytes. */
  private interface Use<T> {
    T of(BoundedBytes.Source source) throws IOException;
  }

  private <T> T with(int origin, Use<T> use) throws IOException {
    if (origins.size() > KEPT_OPEN) {
      Lent lent = lend(origin);
      try {
        return use.of(lent.source);
      } finally {
        giveBack(lent);
      }
    }
    BoundedBytes.Source source = open.get(origin);
    return use.of(source == null ? kept(origin) : source);
  }

  private synchronized BoundedBytes.Source kept(int origin) throws IOException {
    BoundedBytes.Source there = open.get(origin);
    if (there != null) {
      return there;
    }
    BoundedBytes.Source source = opened(origin).source;
    open.set(origin, source);
    return source;
  }

  /** An open file of many, which is closed when it is neither used nor among the latest. */
  private static final class Lent {
    final BoundedBytes.Source source;
    final Closeable file;
    int users;
    boolean dropped;

    Lent(BoundedBytes.Source source, Closeable file) {
      this.source = source;
      this.file = file;
    }

    void closeUnused() throws IOException {
      if (dropped && users == 0) {
        file.close();
      }
    }
  }

  private synchronized Lent lend(int origin) throws IOException {
    Lent lent = latest.get(origin);
    if (lent == null) {
      lent = opened(origin);
      latest.put(origin, lent);
      if (latest.size() > KEPT_OPEN) {
        Lent eldest = latest.remove(latest.keySet().iterator().next());
        eldest.dropped = true;
        eldest.closeUnused();
      }
    }
    lent.users++;
    return lent;
  }

  private synchronized void giveBack(Lent lent) throws IOException {
    lent.users--;
    lent.closeUnused();
  }

  private Lent opened(int origin) throws IOException {
    Origin file = origins.get(origin);
    if (file.form() != Origin.Form.PLAIN) {
      file.requireUnchanged();
      UnpackedTar unpacked =
          UnpackedTar.of(file, cache, () -> Thread.currentThread().isInterrupted());
      return new Lent(unpacked, unpacked::close);
    }
    if (file.remote()) {
      return new Lent(RemoteFile.of(file, cache), () -> {});
    }
    SteadyFile bytes;
    try {
      bytes = SteadyFile.open(file.path());
    } catch (java.nio.file.NoSuchFileException e) {
      throw new SourceException(file.file() + " is no longer there; bring it back", e);
    }
    try {
      file.requireUnchanged();
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
    return new Lent(bytes, bytes);
  }

  /** A picture that is a file of another machine. */
  private record OfPlace(String whole) implements Image.Content {
    @Override
    public byte[] read() throws IOException {
      byte[] bytes = RemoteStore.of(whole).read(whole, Image.MAX_BYTES);
      BoundedBytes.require(bytes.length, () -> whole);
      return bytes;
    }
  }

  /** A picture's bytes within a file. */
  private record Stretch(Origins origins, PackedFile file, int row) implements KnownHead {
    @Override
    public int shortSide() {
      return file.shortSide(row);
    }

    @Override
    public void keepShortSide(int pixels) {
      file.keepShortSide(row, pixels);
    }

    private String name() {
      return origins.origins.get(file.origin(row)).file() + ": " + SetPath.shown(file.name(row));
    }

    @Override
    public byte[] read() throws IOException {
      return origins.with(
          file.origin(row),
          source -> BoundedBytes.of(source, file.at(row), file.size(row), this::name));
    }

    @Override
    public byte[] head(int bytes) throws IOException {
      byte[] head = new byte[(int) Math.min(bytes, size())];
      origins.with(
          file.origin(row),
          source -> BoundedBytes.fill(source, file.at(row), head, 0, head.length));
      return head;
    }

    @Override
    public InputStream open() {
      BoundedBytes.Source source =
          (into, at) -> origins.with(file.origin(row), bytes -> bytes.read(into, at));
      return new BoundedBytes.Stretch(source, file.at(row), size(), this::name);
    }

    @Override
    public long size() {
      return file.size(row);
    }

    @Override
    public long place() {
      return file.place(row);
    }

    @Override
    public String version() {
      return origins.origins.get(file.origin(row)).version();
    }
  }
}
