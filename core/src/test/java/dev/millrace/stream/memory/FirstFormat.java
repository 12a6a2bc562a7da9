package dev.millrace.stream.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.file.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes a bundle as the first versions did: no chunk's number, all class names of the set. */
final class FirstFormat {
  private FirstFormat() {}

  /** Record r of chunk c is called and holds {@code c0r0}; it is of class r. */
  static void write(Path file, String policy, List<String> classes, int chunk, long... priorities)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write("MILLMEM1".getBytes(US_ASCII));
    ByteArrayOutputStream indexBytes = new ByteArrayOutputStream();
    DataOutputStream index = new DataOutputStream(indexBytes);
    text(index, policy);
    text(index, "set");
    index.writeInt(classes.size());
    for (String name : classes) {
      text(index, name);
    }
    index.writeInt(0);
    index.writeInt(priorities.length);
    for (int r = 0; r < priorities.length; r++) {
      byte[] bytes = ("c" + chunk + "r" + r).getBytes(UTF_8);
      text(index, "c" + chunk + "r" + r);
      index.writeInt(r);
      index.writeInt(-1);
      index.writeLong(priorities[r]);
      index.writeLong(all.size());
      index.writeInt(bytes.length);
      index.writeInt(crc(bytes));
      all.write(bytes);
    }
    long offset = all.size();
    all.write(indexBytes.toByteArray());
    DataOutputStream end = new DataOutputStream(all);
    end.writeLong(offset);
    end.writeInt(crc(indexBytes.toByteArray()));
    all.write(Sha256.digest().digest(all.toByteArray()));
    Files.write(file, all.toByteArray());
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
