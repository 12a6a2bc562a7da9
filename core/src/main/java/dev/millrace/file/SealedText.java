package dev.millrace.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * JSON objects that carry their own checksum as their last field, {@code "seal"}: one line of a log
 * or a small file of its own. The checksum is over the text, so any changed byte shows, blanks and
 * digits alike. Text without a seal is from an older version and is taken as it is.
 */
public final class SealedText {
  private static final String FIELD = ",\"seal\":\"";

  private SealedText() {}

  /**
   * Adds the seal.
   *
   * @param object a JSON object with one field at least, ending with its brace
   */
  public static String seal(String object) {
    if (!object.endsWith("}") || object.length() < 3) {
      throw new IllegalArgumentException("only a JSON object with a field can be sealed");
    }
    return object.substring(0, object.length() - 1) + FIELD + Sha256.of(object) + "\"}";
  }

  /**
   * Takes the seal off; white space after the object is passed over.
   *
   * @return the object as it was sealed, the text itself if it has no seal, null if the seal does
   *     not fit
   */
  public static String open(String text) {
    String whole = text.stripTrailing();
    int at = whole.lastIndexOf(FIELD);
    if (at < 0) {
      return text;
    }
    String object = whole.substring(0, at) + "}";
    return seal(object).equals(whole) ? object : null;
  }

  /**
   * The lines of a log, none where there is no file; bytes that are no UTF-8 become marks of their
   * own, so that they break their line and no other.
   */
  public static List<String> lines(Path log) throws IOException {
    if (!Files.exists(log)) {
      return List.of();
    }
    try {
      String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      return List.of(text.split("\n", -1)).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw Reason.named(log, e);
    }
  }
}
