package dev.millrace.stream.memory;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.stream.memory.BundleIndex.Format;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The frame of a {@link Bundle}'s file: magic, the records, the index, the index's offset and
 * CRC32C, and the SHA-256 of all before it. Immutable; no file stays open.
 *
 * @param format that the magic stands for
 * @param size bytes of the file
 * @param index checked
 */
record BundleFrame(Format format, long size, BundleIndex.Read index) {
  /** Bytes before the first record. */
  static final int MAGIC = Format.WHOLE.magic().length;

  private static final int SHA = 32;
  private static final int TRAILER = Long.BYTES + Integer.BYTES + SHA;

  /** Writes the pictures' bytes and answers the index. */
  interface Content {
    BundleIndex.Read to(DataOutputStream out) throws IOException;
  }

  /** Replaces a file, whole. */
  static void write(Path file, Format format, Content content) throws IOException {
    MessageDigest digest = Sha256.digest();
    AtomicFiles.write(
        file,
        channel -> {
          OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          DataOutputStream out = new DataOutputStream(new DigestOutputStream(raw, digest));
          out.write(format.magic());
          byte[] index = BundleIndex.write(format, content.to(out));
          out.flush();
          long offset = channel.position();
          out.write(index);
          out.writeLong(offset);
          out.writeInt(crc(index));
          out.write(digest.digest());
          out.flush();
        });
  }

  /** Reads the index, checked; no record. */
  static BundleFrame read(Path file) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] magic = new byte[MAGIC];
      long size = in.length();
      if (size < MAGIC + TRAILER) {
        throw damaged(file, "it has only " + size + " bytes");
      }
      in.readFully(magic);
      in.seek(size - TRAILER);
      long offset = in.readLong();
      int crc = in.readInt();
      long length = size - TRAILER - offset;
      Format format =
          Arrays.stream(Format.values())
              .filter(one -> Arrays.equals(magic, one.magic()))
              .findFirst()
              .orElse(null);
      if (format == null || offset < MAGIC || length < 0 || length > Integer.MAX_VALUE) {
        throw damaged(file, "its frame is not that of a replay memory");
      }
      byte[] index = new byte[(int) length];
      in.seek(offset);
      in.readFully(index);
      if (crc(index) != crc) {
        throw damaged(file, "the checksum of its index differs");
      }
      return new BundleFrame(format, size, BundleIndex.read(format, index));
    }
  }

  /** Checks the SHA-256 of the whole file. */
  static void verify(Path file) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] expected;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      long left = Files.size(file) - SHA;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw damaged(file, "it is cut off");
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      expected = in.readAllBytes();
    }
    if (!MessageDigest.isEqual(expected, digest.digest())) {
      throw damaged(file, "its SHA-256 differs");
    }
  }

  static IOException damaged(Path file, String how) {
    return new IOException(
        "replay memory "
            + file
            + " is damaged: "
            + how
            + "; restore the file from a copy, or start the run anew");
  }

  /** The CRC32C of a record, or of the index. */
  static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
