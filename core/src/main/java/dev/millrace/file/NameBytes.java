package dev.millrace.file;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;

/**
 * The bytes of a file's name, which a path's text may have lost where the process's locale cannot
 * say them, and its URI has not. Stateless and thread-safe.
 */
public final class NameBytes {
  private NameBytes() {}

  /** Those of the name that a path ends in. */
  public static byte[] of(Path path) {
    String uri = path.toUri().getRawPath();
    int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
    String last = uri.substring(uri.lastIndexOf('/', end - 1) + 1, end);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < last.length(); i++) {
      if (last.charAt(i) == '%') {
        bytes.write(Integer.parseInt(last.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(last.charAt(i));
      }
    }
    return bytes.toByteArray();
  }
}
