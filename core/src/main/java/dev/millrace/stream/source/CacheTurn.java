package dev.millrace.stream.source;

import dev.millrace.file.LockFile;
import dev.millrace.file.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turn to make something that a cache lacks: of processes that need it at once, as ranks and
 * runs of a study do, one makes it and the others wait. Where no lock can be had each makes it, as
 * before. Whoever has the turn looks first whether it is there by now, and closes the turn when it
 * is.
 *
 * @param lock null where none can be had
 */
record CacheTurn(Path file, FileChannel lock) implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheTurn.class);
  private static final long LOOK_MILLIS = 50;

  /**
   * Waits for the turn.
   *
   * @param what is to be made, in words
   * @param stop asked again and again; true ends it
   * @throws java.util.concurrent.CancellationException if it was stopped
   */
  static CacheTurn take(Path cache, String what, BooleanSupplier stop) throws IOException {
    Path file = cache.resolve(".turn-" + Sha256.of(what).substring(0, 16));
    boolean waited = false;
    try {
      Files.createDirectories(cache);
      FileChannel lock = LockFile.take(file);
      while (lock == null) {
        if (!waited) {
          LOG.info("waiting for another process: {}", what);
        }
        waited = true;
        Listing.heed(stop);
        Thread.sleep(LOOK_MILLIS);
        lock = LockFile.take(file);
      }
      return new CacheTurn(file, lock);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + what);
    } catch (IOException e) {
      LOG.debug("{} cannot be locked", file, e);
      return new CacheTurn(file, null);
    }
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      try {
        Files.deleteIfExists(file); // who waits makes another; two turns at once do no harm
      } catch (IOException e) {
        LOG.debug("{} stays", file, e);
      } finally {
        lock.close();
      }
    }
  }
}
