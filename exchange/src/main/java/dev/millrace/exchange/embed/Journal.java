package dev.millrace.exchange.embed;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.file.Reason;
import dev.millrace.probe.BadPicture;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The vectors of an unfinished embedding, on disk, in the order of the pictures: a line that says
 * which embedding it is, then a {@link Frame} a batch. It only grows. A kill leaves at most the
 * last frame half written, and a lost disk cache some more of them; what has no right checksum is
 * cut off when the journal is opened again. One process at a time holds it. Not thread-safe.
 */
final class Journal implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The sizes of the set's pictures; journals of older versions do not have it. */
  static final String SIZES = "sizes_sha256";

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

  /**
   * Opens a journal, or begins one.
   *
   * @param identity what the embedding's vectors depend on
   * @param mended whether a picture that was bad no longer is: what was found since then is made
   *     again
   * @throws IllegalArgumentException if the file is of another embedding, or no journal
   * @throws IOException if another process holds it, or it cannot be written
   */
  static Journal open(Path file, Map<String, String> identity, Predicate<BadPicture> mended)
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
        channel.truncate(0).position(0);
        ByteBuffer buffer = ByteBuffer.wrap(line);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } else {
        requireSame(file, found, identity);
      }
      Journal journal = new Journal(file, channel, channel.position());
      boolean anyBad = journal.recover(mended);
      if (found != null && !anyBad) {
        requireSizes(file, found, identity);
      }
      return journal;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    boolean held;
    try {
      held = channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      held = true; // by this very process
    }
    if (held) {
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
      throw noJournal(file);
    }
  }

  private static IllegalArgumentException noJournal(Path file) {
    return new IllegalArgumentException(
        "--out: "
            + file
            + " is in the way and no unfinished embedding; move it elsewhere, or choose another --out");
  }

  private static void requireSame(Path file, byte[] line, Map<String, String> identity) {
    Map<String, String> found;
    try {
      found = JSON.readValue(line, new TypeReference<Map<String, String>>() {});
    } catch (IOException e) {
      throw noJournal(file); // not JSON, or, with bytes of zero, not even text
    }
    List<String> other = new ArrayList<>();
    identity.forEach(
        (key, value) -> {
          if (!value.equals(found.get(key)) && !key.equals(SIZES)) {
            other.add("%s is %s there and %s now".formatted(key, found.get(key), value));
          }
        });
    if (!other.isEmpty()) {
      throw new IllegalArgumentException(
          "--out: %s is the beginning of another embedding: %s; give the command it was begun with, remove it to start over, or choose another --out"
              .formatted(file, String.join("; ", other)));
    }
  }

  /** Pictures exchanged under their names; a bad one may be mended, and then has another size. */
  private static void requireSizes(Path file, byte[] line, Map<String, String> identity)
      throws IOException {
    String then = JSON.readTree(line).path(SIZES).asText(null);
    String now = identity.get(SIZES);
    if (then != null && now != null && !then.equals(now)) {
      throw new IllegalArgumentException(
          "--out: %s is the beginning of an embedding of other pictures under the same names: their sizes changed; remove it to start over, or choose another --out"
              .formatted(file));
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

  /** The frames from the first one on. */
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
