package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import dev.millrace.stream.KnownHead;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The files that the pictures of a packed set lie in: a few are kept open, of many each is opened
 * for a picture, since a process may have a thousand open files. Thread-safe.
 */
final class Origins {
  private static final int KEPT_OPEN = 64;

  private final List<Origin> origins;
  private final java.nio.file.Path cache;
  private final AtomicReferenceArray<BoundedBytes.Source> open;

  Origins(List<Origin> origins, java.nio.file.Path cache) {
    this.origins = origins;
    this.cache = cache;
    open = new AtomicReferenceArray<>(origins.size());
  }

  /** A picture's bytes. */
  Image.Content content(PackedFile file, int row) {
    Origin origin = origins.get(file.origin(row));
    if (origin.form() == Origin.Form.FOLDER) {
      return new BoundedBytes.OfFile(origin.path().resolve(file.name(row)), file.size(row));
    }
    return new Stretch(this, file, row);
  }

  /** What is done with a file's bytes. */
  private interface Use<T> {
    T of(BoundedBytes.Source source) throws IOException;
  }

  private <T> T with(int origin, Use<T> use) throws IOException {
    BoundedBytes.Source source = open.get(origin);
    if (source != null) {
      return use.of(source);
    }
    if (origins.get(origin).form() == Origin.Form.PLAIN && origins.size() > KEPT_OPEN) {
      try (FileChannel channel = channel(origin)) {
        return use.of(channel::read);
      }
    }
    return use.of(kept(origin));
  }

  private synchronized BoundedBytes.Source kept(int origin) throws IOException {
    BoundedBytes.Source there = open.get(origin);
    if (there != null) {
      return there;
    }
    Origin file = origins.get(origin);
    BoundedBytes.Source source =
        switch (file.form()) {
          case COMPRESSED_TAR, PAGES ->
              UnpackedTar.of(file.path(), cache, () -> Thread.currentThread().isInterrupted());
          default -> channel(origin)::read;
        };
    open.set(origin, source);
    return source;
  }

  private FileChannel channel(int origin) throws IOException {
    Origin file = origins.get(origin);
    try {
      return FileChannel.open(file.path(), StandardOpenOption.READ);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new FileNotFoundException(file.file() + " is no longer there; bring it back");
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
  }
}
