package dev.millrace.stream.source;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.FileName;
import dev.millrace.file.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compressed tar, unpacked to the cache, since a compressed one has no places to read at. What
 * the cache holds is sealed: what a power cut or a failing disk made of it is noticed when it is
 * opened or read, and unpacked again. Thread-safe.
 */
final class UnpackedTar implements BoundedBytes.Source {
  private static final Logger LOG = LoggerFactory.getLogger(UnpackedTar.class);
  private static final int STEP = 1 << 20;

  /** Of the archive's name; file names may have 255 characters. */
  private static final int LONGEST = 100;

  /** Whether it was said that the cache is too small. */
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private final Origin archive;
  private final TarCache cache;
  private final Path tar;
  private volatile SealedFile sealed;

  private UnpackedTar(Origin archive, TarCache cache, Path tar) {
    this.archive = archive;
    this.cache = cache;
    this.tar = tar;
  }

  /**
   * Opens what was unpacked of an archive, and unpacks it where that is missing or damaged. Stays
   * open as long as its pictures can be asked for.
   *
   * @param stop asked now and then; true ends the unpacking
   */
  static UnpackedTar of(Path archive, Path cache, BooleanSupplier stop) throws IOException {
    return of(Origin.of(Origin.Form.COMPRESSED_TAR, archive), cache, stop);
  }

  /** Like {@link #of(Path, Path, BooleanSupplier)}, of a file that may be another machine's. */
  static UnpackedTar of(Origin archive, Path cache, BooleanSupplier stop) throws IOException {
    return of(archive, new TarCache(cache), stop);
  }

  /** Like {@link #of(Origin, Path, BooleanSupplier)}, to a cache of another bound. */
  static UnpackedTar of(Origin archive, TarCache tars, BooleanSupplier stop) throws IOException {
    UnpackedTar unpacked = new UnpackedTar(archive, tars, tars.folder().resolve(key(archive)));
    tars.sweep();
    if (unpacked.isThere()) {
      return unpacked;
    }
    try (CacheTurn turn =
        CacheTurn.take(tars.folder(), "unpacking " + unpacked.tar.getFileName(), stop)) {
      if (!unpacked.isThere()) {
        unpacked.unpack(stop);
      }
    }
    return unpacked;
  }

  /** Opens what is there. */
  private boolean isThere() {
    if (!Files.exists(tar)) {
      return false;
    }
    try {
      sealed = SealedFile.open(tar);
      TarCache.use(tar);
      return true;
    } catch (IOException e) {
      LOG.warn("{} cannot be used and is made again: {}", tar, Reason.of(e));
      return false;
    }
  }

  /** A name that changes with the archive; ASCII, so that every process can write it. */
  private static String key(Origin archive) {
    String name = archive.name().replaceAll("(\\.(tar|gz|tgz|bz2|tbz2?))+$", "");
    String place =
        archive.remote()
            ? archive.file() + "\0" + archive.version()
            : archive.path().toUri().getRawPath();
    return "%s-%x-%x-%s.tar"
        .formatted(
            FileName.ascii(name.substring(0, Math.min(name.length(), LONGEST))),
            archive.size(),
            archive.modified(),
            UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 8));
  }

  long length() {
    return sealed.length();
  }

  /** Closes the file; nothing can be read any more. */
  void close() throws IOException {
    sealed.close();
  }

  /** Takes it out of the cache, since it is no tar. */
  void discard() throws IOException {
    sealed.close();
    Files.deleteIfExists(tar);
  }

  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    SealedFile now = sealed;
    try {
      return now.read(into, at);
    } catch (SealedFile.Damaged e) {
      mend(now, e);
      return sealed.read(into, at);
    }
  }

  /** Unpacks again; a damaged cache must not make a picture a bad one. */
  private synchronized void mend(SealedFile damaged, SealedFile.Damaged why) {
    if (sealed != damaged) {
      return; // another thread did
    }
    LOG.warn("{}; {} is unpacked again", why.getMessage(), archive.file());
    try {
      archive.requireUnchanged();
      unpack(() -> Thread.currentThread().isInterrupted());
      if (sealed.length() != damaged.length()) {
        throw new IOException(archive.file() + " has changed meanwhile");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s, and %s could not be unpacked again: %s; delete the former and run it again"
              .formatted(why.getMessage(), archive.file(), Reason.of(e)),
          e);
    }
  }

  private void unpack(BooleanSupplier stop) throws IOException {
    Path beside = tar.resolveSibling(partial(tar));
    LOG.info("unpacking {} once, to {}", archive.name(), tar);
    try (InputStream in = decompressed()) {
      cache.prepare();
      TarCache.WRITING.add(beside);
      try (FileChannel out =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        TarCache.lock(out);
        write(in, Channels.newOutputStream(out), stop);
        out.force(true);
        AtomicFiles.move(beside, tar);
        sealed = SealedFile.open(tar);
      } catch (Unreadable e) {
        throw e.getCause();
      } catch (IOException e) {
        throw cache.refuses(archive.file(), e);
      } finally {
        TarCache.WRITING.remove(beside);
        Files.deleteIfExists(beside);
      }
    }
    TarCache.use(tar);
    List<Path> missed = cache.bound(tar);
    if (!missed.isEmpty() && TOLD.compareAndSet(false, true)) {
      LOG.warn(
          "unpacked archives take more than the {} GiB that {} keeps: with {} unpacked, {} had to go, and is unpacked again when it is opened once more; write these sets uncompressed, or set {} to more GiB",
          cache.most() >> 30,
          cache.folder(),
          archive.name(),
          missed.get(0).getFileName(),
          TarCache.BOUND);
    }
  }

  private static String partial(Path tar) {
    return tar.getFileName()
        + ""
        + ThreadLocalRandom.current().nextLong(1L << 62)
        + TarCache.PARTIAL;
  }

  /** The archive, not the cache, cannot be read. */
  private static final class Unreadable extends IOException {
    private static final long serialVersionUID = 1;

    Unreadable(IOException cause) {
      super(cause);
    }

    @Override
    public synchronized IOException getCause() {
      return (IOException) super.getCause();
    }
  }

  private static void write(InputStream in, OutputStream out, BooleanSupplier stop)
      throws IOException {
    SealedFile.Writer writer = new SealedFile.Writer(out);
    byte[] step = new byte[STEP];
    while (true) {
      Listing.heed(stop);
      int read;
      try {
        read = in.readNBytes(step, 0, STEP);
      } catch (IOException e) {
        throw new Unreadable(e);
      }
      if (read == 0) {
        break;
      }
      writer.write(step, read);
    }
    writer.seal();
  }

  private InputStream decompressed() throws IOException {
    if (archive.name().toLowerCase(java.util.Locale.ROOT).endsWith(".parquet")) {
      return ParquetShard.unpacking(OpenShard.of(archive, cache.folder()));
    }
    InputStream in = new BufferedInputStream(Files.newInputStream(archive.path()), 1 << 16);
    try {
      return ArchiveForm.of(archive.path()) == ArchiveForm.BZIP2
          ? new BZip2CompressorInputStream(in, true)
          : new GzipCompressorInputStream(in, true);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }
}
