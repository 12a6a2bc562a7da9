package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Paths within a set: parts joined by {@code /}, none of them empty, {@code .} or {@code ..}, in
 * Unicode's normal form C, so that a name is the same whoever wrote it: macOS writes {@code ä} as
 * two characters. Any other character of a name is kept. Stateless.
 */
final class SetPath {
  private static final int DELETE = 0x7F;

  private SetPath() {}

  /**
   * The path of a decoded name whose parts are joined by {@code /}, before normal form C: without a
   * root, {@code .} and empty parts, and with {@code ..} resolved.
   *
   * @return empty where no part is left, null where it leads out
   */
  static String plain(String name) {
    if (isPlain(name)) {
      return name;
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          return null;
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  private static boolean isPlain(String name) {
    boolean fresh = true; // at the beginning of a part
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (fresh && (c == '/' || c == '.')) {
        return false;
      }
      fresh = c == '/';
    }
    return !fresh;
  }

  /** Names and paths in normal form C, as all of a set's are. */
  static String normal(String name) {
    return Normalizer.isNormalized(name, Normalizer.Form.NFC)
        ? name
        : Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /** The folder that a path lies in; empty at the top. */
  static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  /** For a message: control characters as {@code \}{@code u000A}. */
  static String shown(String name) {
    return escaped(name, false);
  }

  /** For a message on names that look alike: everything beyond ASCII as {@code \}{@code u00E4}. */
  static String spelled(String name) {
    return escaped(name, true);
  }

  /** Refuses two files of a container whose names are one in normal form C. */
  static UsageException alike(String container, String one, String other) {
    return UsageException.ofWord(
        "%s: %s and %s look alike and are two files, since their letters are composed differently; rename one"
            .formatted(container, spelled(one), spelled(other)));
  }

  private static String escaped(String name, boolean all) {
    StringBuilder text = new StringBuilder();
    for (char c : name.toCharArray()) {
      if (c < ' ' || c >= DELETE && (all || c < 0xA0)) {
        text.append("\\u%04X".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
