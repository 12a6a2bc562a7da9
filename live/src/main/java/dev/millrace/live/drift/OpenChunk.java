package dev.millrace.live.drift;

import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The pictures of a growing tar, each read once. Not thread-safe. */
final class OpenChunk {
  private static final int BLOCK = 512;
  private static final int SIZE = 124;
  private static final int SIZE_DIGITS = 12;
  private static final int TYPE = 156;

  private final Path file;
  private long position;

  OpenChunk(Path file) {
    this.file = file;
  }

  /** Begins at the file's beginning again: another chunk is open. */
  void restart() {
    position = 0;
  }

  /** The pictures that were appended since the last call, in their order. */
  List<byte[]> next() throws IOException {
    List<byte[]> pictures = new ArrayList<>();
    if (!Files.exists(file)) {
      return pictures;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      while (true) {
        ByteBuffer head = read(channel, position, BLOCK);
        if (head == null || head.get(0) == 0) {
          return pictures;
        }
        int size = size(head);
        ByteBuffer bytes = read(channel, position + BLOCK, size);
        if (bytes == null) {
          return pictures; // still being appended
        }
        byte type = head.get(TYPE);
        if (type == '0' || type == 0) {
          pictures.add(bytes.array());
        }
        position += BLOCK + (size + BLOCK - 1L) / BLOCK * BLOCK;
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
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
