package dev.millrace.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Text that people write, in UTF-8, with or without the byte order mark that some editors begin it
 * with. Stateless.
 */
public final class TextFile {
  private static final String MARK = "\uFEFF";

  private TextFile() {}

  /**
   * The whole text, without the mark.
   *
   * @throws IOException if it cannot be read, or is not UTF-8: the message names the file, the line
   *     and the byte
   */
  public static String read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new IOException(
          "%s, line %d: found the byte 0x%02X, expected UTF-8 text; save it as UTF-8"
              .formatted(file, line, bytes[in.position()]));
    }
    return unmarked(out.flip().toString());
  }

  /** A text without the byte order mark that it may begin with. */
  public static String unmarked(String text) {
    return text.startsWith(MARK) ? text.substring(MARK.length()) : text;
  }

  /** The lines of {@link #read}, without what ends them. */
  public static List<String> lines(Path file) throws IOException {
    return read(file).lines().toList();
  }
}
