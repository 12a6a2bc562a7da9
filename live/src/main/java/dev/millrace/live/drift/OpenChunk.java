package dev.millrace.live.drift;

import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The pictures of a growing tar, each read once. Not thread-safe. */
final class OpenChunk {
  private static final int BLOCK = 512;
  private static final int SIZE = 124;
  private static final int SIZE_DIGITS = 12;
  private static final int TYPE = 156;

  private final Path file;
  private long position;
  private long passed;
  private long at;

  OpenChunk(Path file) {
    this.file = file;
  }

  /** Begins at the file's beginning again: another chunk is open. */
  void restart() {
    position = 0;
    passed = 0;
  }

  /** Takes a picture. */
  @FunctionalInterface
  interface Each {
    void take(byte[] picture);
  }

  /**
   * Hands on the pictures that were appended since the last call, in their order; one at a time is
   * in memory. One that was handed on is not handed on again, also if that failed.
   */
  void next(Each each) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      for (ByteBuffer head = head(channel); head != null; head = head(channel)) {
        int size = size(head);
        ByteBuffer bytes = read(channel, position + BLOCK, size);
        if (bytes == null) {
          return; // still being appended
        }
        at = position + BLOCK;
        position += BLOCK + (size + BLOCK - 1L) / BLOCK * BLOCK;
        byte type = head.get(TYPE);
        if (type == '0' || type == 0) {
          passed++;
          each.take(bytes.array());
        }
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** Passes over what was appended since the last call. */
  void skip() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      for (ByteBuffer head = head(channel); head != null; head = head(channel)) {
        position += BLOCK + (size(head) + BLOCK - 1L) / BLOCK * BLOCK;
        passed++;
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** How many pictures of the chunk were handed on or passed over so far. */
  long passed() {
    return passed;
  }

  /** Where in the file the bytes of the picture that was handed on last begin. */
  long at() {
    return at;
  }

  private ByteBuffer head(FileChannel channel) throws IOException {
    ByteBuffer head = read(channel, position, BLOCK);
    return head == null || head.get(0) == 0 ? null : head;
  }

  private int size(ByteBuffer head) throws IOException {
    String digits =
        new String(head.array(), SIZE, SIZE_DIGITS, StandardCharsets.US_ASCII)
            .replace('\0', ' ')
            .strip();
    if (!digits.matches("[0-7]{1,11}")) {
      throw new IOException(
          "%s: at byte %d there is no entry of a tar; remove it from the spool"
              .formatted(file, position));
    }
    return Math.toIntExact(Long.parseLong(digits, 8));
  }

  private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, from + bytes.position()) < 0) {
        return null;
      }
    }
    return bytes;
  }
}
