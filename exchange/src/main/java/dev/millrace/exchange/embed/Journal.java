package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.probe.BadPicture;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The vectors of an unfinished embedding, on disk, in the order of the pictures: a line that says
 * which embedding it is, then a {@link Frame} a batch. It only grows. A kill leaves at most the
 * last frame half written, and a lost disk cache some more of them; what has no right checksum is
 * cut off when the journal is opened again. One process at a time holds it. Not thread-safe.
 */
final class Journal implements Closeable {
  private static final int LONGEST_LINE = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final long begin;
  private int pictures;
  private long bad;

  private Journal(Path file, FileChannel channel, long begin) {
    this.file = file;
    this.channel = channel;
    this.begin = begin;
  }

  /** Takes what was found for an earlier state of the sets. */
  interface Earlier {
    /** The frames, before the journal begins anew; a call that fails leaves it as it is. */
    void take(Frames frames) throws IOException;
  }

  /**
   * Opens a journal, or begins one.
   *
   * @param identity what the embedding's vectors depend on
   * @param mended whether a picture that was bad no longer is: what was found since then is made
   *     again
   * @param earlier takes the frames of a journal of an earlier state of the sets, which then begins
   *     anew; null to refuse it
   * @throws IllegalArgumentException if the file is of another embedding, or no journal
   * @throws IOException if another process holds it, or it cannot be written
   */
  static Journal open(
      Path file, Map<String, String> identity, Predicate<BadPicture> mended, Earlier earlier)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(file, channel);
      byte[] line = (JSON.writeValueAsString(identity) + "\n").getBytes(StandardCharsets.UTF_8);
      byte[] found = line(channel);
      if (found == null) {
        requireBeginning(file, channel, line);
        begin(channel, line);
      } else {
        JournalIdentity of = JournalIdentity.read(file, found);
        of.requireSame(identity, earlier != null, keyed(channel));
        if (earlier != null && of.isEarlier(identity)) {
          earlier.take(wholeFrames(channel));
          begin(channel, line);
          found = null;
        }
      }
      Journal journal = new Journal(file, channel, channel.position());
      boolean anyBad = journal.recover(mended);
      if (found != null && !anyBad) {
        JournalIdentity.read(file, found).requireSizes(identity);
      }
      return journal;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void begin(FileChannel channel, byte[] line) throws IOException {
    channel.truncate(0).position(0);
    ByteBuffer buffer = ByteBuffer.wrap(line);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Whether frames say which picture each vector is of: those of older versions do not. */
  private static boolean keyed(FileChannel channel) throws IOException {
    long at = channel.position();
    Frame first = Frame.read(channel);
    channel.position(at);
    return first == null || first.vectors().length == 0 || first.keys().length > 0;
  }

  /** The frames behind the channel's position, up to the first that is not whole. */
  private static Frames wholeFrames(FileChannel channel) {
    return () -> Frame.read(channel);
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    if (!LockFile.hold(channel)) {
      throw new IOException(
          "another process is working on " + file + "; wait for it or stop it, then try again");
    }
  }

  /** The first line, its end included; null where there is no end. */
  private static byte[] line(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(LONGEST_LINE, channel.size()));
    channel.position(0);
    while (start.hasRemaining() && channel.read(start) >= 0) {
      // reads on
    }
    for (int i = 0; i < start.position(); i++) {
      if (start.get(i) == '\n') {
        channel.position(i + 1L);
        return Arrays.copyOf(start.array(), i + 1);
      }
    }
    return null;
  }

  /** A journal that was killed in its first line holds the beginning of it, and nothing else. */
  private static void requireBeginning(Path file, FileChannel channel, byte[] line)
      throws IOException {
    ByteBuffer there = ByteBuffer.allocate((int) Math.min(line.length, channel.size()));
    channel.position(0);
    while (there.hasRemaining() && channel.read(there) >= 0) {
      // reads on
    }
    boolean torn =
        channel.size() < line.length
            && new String(line, StandardCharsets.UTF_8)
                .startsWith(new String(there.array(), StandardCharsets.UTF_8));
    if (!torn) {
      throw JournalIdentity.noJournal(file);
    }
  }

  /** Reads the frames that are whole; whether any picture was found bad. */
  private boolean recover(Predicate<BadPicture> mended) throws IOException {
    long good = begin;
    boolean anyBad = false;
    channel.position(begin);
    for (Frame frame = Frame.read(channel); frame != null; frame = Frame.read(channel)) {
      anyBad |= !frame.bad().isEmpty();
      if (frame.from() != pictures || frame.bad().stream().anyMatch(mended)) {
        break;
      }
      count(frame);
      good = channel.position();
    }
    channel.truncate(good).position(good);
    return anyBad;
  }

  private void count(Frame frame) {
    pictures = frame.end();
    bad += frame.bad().size();
  }

  /** How many pictures are done, bad ones included. */
  int pictures() {
    return pictures;
  }

  /** How many of them have no vector. */
  long bad() {
    return bad;
  }

  /** Appends the batch after the last one. */
  void append(Frame frame) throws IOException {
    long end = channel.size();
    try {
      channel.position(end);
      frame.write(channel);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be written: %s; free some disk space, then give the same command again"
              .formatted(file, Reason.of(e)),
          e);
    }
    count(frame);
  }

  /** Frames, one after another. */
  interface Frames {
    /** The next one; null after the last. */
    Frame next() throws IOException;
  }

  /** The frames from the first one on; one reader at a time, and no {@link #append} meanwhile. */
  Frames frames() {
    return new Frames() {
      private long at = begin;
      private int next;

      @Override
      public Frame next() throws IOException {
        if (next == pictures) {
          return null;
        }
        channel.position(at);
        Frame frame = Frame.read(channel);
        if (frame == null || frame.from() != next) {
          throw new IOException(
              file + " was damaged after picture " + next + "; give the same command again");
        }
        at = channel.position();
        next = frame.end();
        return frame;
      }
    };
  }

  /** Removes the file; close the journal after it. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
