package dev.millrace.stream.memory;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bundle's index says, in bytes, of the three formats there are: in the first it had no
 * number of a chunk, and since the third it says from which chunk on it answers. Stateless.
 */
final class BundleIndex {
  /** Which format a bundle has; the name of each begins its file. */
  enum Format {
    FIRST("MILLMEM1"),
    /** As a chunk is absorbed. */
    WHOLE("MILLMEM2"),
    /** Written anew: some pictures are gone. */
    LESS("MILLMEM3");

    private final byte[] magic;

    Format(String magic) {
      this.magic = magic.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] magic() {
      return magic.clone();
    }
  }

  /**
   * @param chunk −1 in the first format
   * @param since the first chunk before which the members can be told; 0 for any
   */
  record Read(
      String policy,
      int chunk,
      int since,
      String name,
      List<String> classes,
      List<String> domains,
      List<Bundle.Entry> entries) {}

  private BundleIndex() {}

  static byte[] write(Format format, Read index) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    text(out, index.policy());
    out.writeInt(index.chunk());
    if (format == Format.LESS) {
      out.writeInt(index.since());
    }
    text(out, index.name());
    texts(out, index.classes());
    texts(out, index.domains());
    out.writeInt(index.entries().size());
    for (Bundle.Entry e : index.entries()) {
      text(out, e.id());
      out.writeInt(e.label());
      out.writeInt(e.domain());
      out.writeLong(e.priority());
      out.writeLong(e.offset());
      out.writeInt(e.length());
      out.writeInt(e.crc());
    }
    return bytes.toByteArray();
  }

  static Read read(Format format, byte[] index) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(index));
    String policy = text(in);
    int chunk = format == Format.FIRST ? -1 : in.readInt();
    int since = format == Format.LESS ? in.readInt() : 0;
    String name = text(in);
    List<String> classes = texts(in);
    List<String> domains = texts(in);
    int count = in.readInt();
    List<Bundle.Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(
          new Bundle.Entry(
              text(in),
              in.readInt(),
              in.readInt(),
              in.readLong(),
              in.readLong(),
              in.readInt(),
              in.readInt()));
    }
    return new Read(policy, chunk, since, name, classes, domains, List.copyOf(entries));
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void texts(DataOutputStream out, List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      text(out, text);
    }
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(text(in));
    }
    return List.copyOf(texts);
  }
}
