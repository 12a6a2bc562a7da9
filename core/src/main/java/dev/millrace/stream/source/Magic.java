package dev.millrace.stream.source;

import java.nio.charset.StandardCharsets;

/** Whether first bytes are those of a picture; for files whose name does not say. */
final class Magic {
  /** How many first bytes are looked at. */
  static final int BYTES = 32;

  private Magic() {}

  static boolean picture(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    return text.startsWith("\u00ff\u00d8\u00ff")
        || text.startsWith("\u0089PNG\r\n\u001a\n")
        || text.startsWith("GIF87a")
        || text.startsWith("GIF89a")
        || text.startsWith("RIFF") && text.startsWith("WEBP", 8)
        || text.startsWith("II*\0")
        || text.startsWith("MM\0*")
        || text.length() >= BYTES && text.matches("(?s)P[1-6]\\s[\\s\\d#].*")
        || bitmap(head);
  }

  /** "BM" alone begins many a word, so the header's size must be one that bitmaps have. */
  private static boolean bitmap(byte[] head) {
    return head.length > 17
        && head[0] == 'B'
        && head[1] == 'M'
        && (head[6] | head[7] | head[8] | head[9] | head[15] | head[16] | head[17]) == 0
        && "\u000c\u0028\u0034\u0038\u0040\u006c\u007c".indexOf(head[14]) >= 0;
  }
}
