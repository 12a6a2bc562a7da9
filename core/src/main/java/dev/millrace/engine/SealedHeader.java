package dev.millrace.engine;

import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The checksum that a safetensors file can carry in its metadata: SHA-256 over all bytes of the
 * file with the checksum's own 64 digits as zeros, so numbers, names and words are all covered.
 */
final class SealedHeader {
  /** The metadata's key; files of other programs do not have it. */
  static final String KEY = "millrace-sha256";

  /** What stands in the checksum's place while it is taken. */
  static final String BLANK = "0".repeat(64);

  private SealedHeader() {}

  /** Puts a checksum where a header has zeros. */
  static void put(byte[] header, String sha256) {
    int at = place(header, BLANK);
    System.arraycopy(sha256.getBytes(StandardCharsets.US_ASCII), 0, header, at, sha256.length());
  }

  /** Where a value of the key begins in a header; -1 if it is not there. */
  private static int place(byte[] header, String value) {
    String before = "\"" + KEY + "\":\"";
    int at = new String(header, StandardCharsets.ISO_8859_1).indexOf(before + value + "\"");
    return at < 0 ? -1 : at + before.length();
  }

  /**
   * Refuses a file that does not fit the checksum it carries. All is read from one channel: by the
   * file's name another file could be met, which took its place meanwhile.
   *
   * @param channel of the file; its position is moved
   * @param value the metadata's; null if the file has none, and is taken as it is
   * @param headerSize bytes of the JSON header, which follows 8 bytes of length
   */
  static void require(Path file, FileChannel channel, String value, long headerSize)
      throws IOException {
    if (value == null) {
      return;
    }
    String found;
    try {
      InputStream in = Channels.newInputStream(channel.position(0)); // closed with the channel
      byte[] head = in.readNBytes((int) (8 + headerSize));
      int at = place(head, value);
      if (at >= 0) {
        Arrays.fill(head, at, Math.min(head.length, at + BLANK.length()), (byte) '0');
      }
      MessageDigest digest = Sha256.digest();
      digest.update(head);
      byte[] block = new byte[1 << 16];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
      }
      found = HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    if (!found.equals(value)) {
      throw new IOException(
          "%s is damaged: it carries the checksum %s, its bytes have %s; take an intact copy (`millrace resume RUN` makes a run's own again)"
              .formatted(file, value, found));
    }
  }
}
