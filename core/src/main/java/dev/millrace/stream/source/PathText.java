package dev.millrace.stream.source;

import dev.millrace.file.NameBytes;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;

/**
 * Paths as text that is the same in every locale, and back: a path knows its bytes, though its own
 * text loses what the process's locale cannot say. Stateless.
 */
final class PathText {
  private static final char UNDECODED = '\uFFFD';
  private static final String UNESCAPED = "/-._~";

  /** Java's name for how it decodes file names; in the POSIX locale it is ASCII. */
  private static final boolean DECODES_UTF8 =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

  private PathText() {}

  /** A path's text; what of it is not UTF-8 is decoded by a guess. */
  static String of(Path path) {
    String text = path.toString();
    if (isWhole(text)) {
      return text;
    }
    String separator = path.getFileSystem().getSeparator();
    StringJoiner names =
        new StringJoiner(separator, path.getRoot() == null ? "" : path.getRoot().toString(), "");
    path.forEach(name -> names.add(name(name)));
    return names.toString();
  }

  /** The text of a path's last step. */
  static String name(Path step) {
    String raw = raw(step);
    Charset charset = NameEncoding.of(List.of(raw));
    return NameEncoding.decode(raw, charset);
  }

  /** The path of an absolute text, whose letters the locale need not have. */
  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      StringBuilder uri = new StringBuilder("file://");
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        char c = (char) (b & 0xFF);
        boolean plain = c < 0x80 && Character.isLetterOrDigit(c) || UNESCAPED.indexOf(c) >= 0;
        uri.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
      }
      return Path.of(URI.create(uri.toString()));
    }
  }

  /** The bytes of the name that a path ends in, a character each. */
  static String raw(Path name) {
    String text = name.toString();
    if (isWhole(text)) {
      return NameEncoding.isAscii(text)
          ? text
          : NameEncoding.raw(text.getBytes(StandardCharsets.UTF_8));
    }
    return NameEncoding.raw(NameBytes.of(name));
  }

  /** Whether a path's own text has all its letters. */
  private static boolean isWhole(String text) {
    return NameEncoding.isAscii(text) || DECODES_UTF8 && text.indexOf(UNDECODED) < 0;
  }
}
