package dev.millrace.live.source;

import dev.millrace.file.NameBytes;
import dev.millrace.stream.source.Catalogue;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringJoiner;

/** What the name of a dropped file says of it: its path in the folder. Stateless. */
final class DroppedName {
  /** What Java has for each byte of a name that it cannot decode. */
  private static final char UNDECODED = '\uFFFD';

  /** The kind of what no set lists either. */
  static final String HIDDEN = "hidden";

  private DroppedName() {}

  /**
   * A file's key: its path in the folder, with slashes. Different files have different keys: bytes
   * of a name that are not UTF-8 are written in hexadecimal behind {@code \uFFFD} each.
   */
  static String key(Path folder, Path file) {
    StringJoiner key = new StringJoiner("/");
    for (Path name : folder.relativize(file)) {
      String text = name.toString();
      key.add(text.indexOf(UNDECODED) < 0 ? text : decoded(NameBytes.of(name)));
    }
    return key.toString();
  }

  private static String decoded(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    if (!decoder.decode(in, out, true).isError()) {
      return out.flip().toString(); // only the process's locale cannot say it
    }
    StringBuilder text = new StringBuilder();
    in.rewind();
    while (true) {
      out.clear();
      CoderResult result = decoder.reset().decode(in, out, true);
      for (char one : out.flip().toString().toCharArray()) {
        text.append(one == UNDECODED ? escaped((byte) 0xEF, (byte) 0xBF, (byte) 0xBD) : one);
      }
      if (!result.isError()) {
        return text.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        text.append(escaped(in.get()));
      }
    }
  }

  private static String escaped(byte... bytes) {
    StringBuilder text = new StringBuilder();
    for (byte one : bytes) {
      text.append(UNDECODED).append("%02X".formatted(one));
    }
    return text.toString();
  }

  /** As what kind a file is passed over; null if it is a picture or an archive. */
  static String ignored(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    if (Catalogue.isHidden(key)) {
      return HIDDEN;
    }
    if (lower.endsWith(".part") || lower.endsWith(".tmp")) {
      return "unfinished";
    }
    return Catalogue.isPicture(key) || isArchive(key) ? null : "no picture";
  }

  /** Whether it is called as archives are. */
  static boolean isArchive(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tar") || lower.endsWith(".zip");
  }
}
