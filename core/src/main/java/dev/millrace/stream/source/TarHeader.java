package dev.millrace.stream.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A tar header of 512 bytes (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic
 * Tar Format"), and the records of extended headers.
 *
 * @param block the 512 bytes, which the caller gives away
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record TarHeader(byte[] block) {
  static final int BLOCK = 512;

  /** Whether its checksum is right; old tars summed signed bytes. */
  boolean isValid() {
    int unsigned = 0;
    int signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      int b = i >= 148 && i < 156 ? ' ' : block[i];
      unsigned += b & 0xFF;
      signed += b;
    }
    long said = number(148, 8);
    return said == unsigned || said == signed;
  }

  boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  char type() {
    return (char) (block[156] & 0xFF);
  }

  /** A character per byte. */
  String name() {
    String name = text(0, 100);
    // GNU tar keeps other things where POSIX keeps the front of a long name.
    boolean posix = block[257 + 5] == 0 && text(257, 6).equals("ustar");
    boolean star = "tar".equals(text(508, 4));
    String front = posix ? text(345, star ? 131 : 155) : "";
    return front.isEmpty() ? name : front + "/" + name;
  }

  /** A character per byte. */
  String link() {
    return text(157, 100);
  }

  /** Bytes of the entry in the archive, -1 if it says none. */
  long size() {
    return number(124, 12);
  }

  /** The characters up to a NUL, one per byte. */
  private String text(int from, int length) {
    int to = from;
    while (to < from + length && block[to] != 0) {
      to++;
    }
    return new String(block, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** A number in octal digits, or in binary with the first bit set; -1 if it is neither. */
  long number(int from, int length) {
    if ((block[from] & 0x80) != 0) {
      long number = block[from] & 0x7F;
      for (int i = 1; i < length; i++) {
        if (number >> 55 != 0) {
          return -1;
        }
        number = number << 8 | block[from + i] & 0xFF;
      }
      return number;
    }
    String digits = text(from, length).strip();
    if (digits.isEmpty()) {
      return 0;
    }
    return digits.chars().allMatch(c -> c >= '0' && c <= '7') ? Long.parseLong(digits, 8) : -1;
  }

  /** The places of an old GNU sparse file's data: offset and length each, 24 bytes a pair. */
  static void sparse(TarHeader header, int from, int pairs, List<Long> map) {
    for (int i = 0; i < pairs; i++) {
      int at = from + 24 * i;
      if (header.block[at] == 0) {
        return;
      }
      map.add(header.number(at, 12));
      map.add(header.number(at + 12, 12));
    }
  }

  /**
   * The records of an extended header, values a character per byte.
   *
   * @param sparse gains the numbers of sparse maps of version 0.0, whose keys repeat
   * @return null if they are not of the form {@code LENGTH KEY=VALUE}
   */
  static Map<String, String> records(byte[] bytes, List<Long> sparse) {
    Map<String, String> records = new HashMap<>();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Predicate<String> number = s -> s.matches("\\d{1,18}");
    for (int at = 0; at < text.length() && text.charAt(at) != 0; ) {
      int space = text.indexOf(' ', at);
      if (space < 0 || space == at || !text.substring(at, space).matches("\\d{1,9}")) {
        return null;
      }
      int end = at + Integer.parseInt(text.substring(at, space));
      int equals = text.indexOf('=', space);
      if (end > text.length() || equals < 0 || equals >= end || text.charAt(end - 1) != '\n') {
        return null;
      }
      String key = text.substring(space + 1, equals);
      String value = text.substring(equals + 1, end - 1);
      if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
        if (!number.test(value)) {
          return null;
        }
        sparse.add(Long.parseLong(value));
      }
      records.put(key, value);
      at = end;
    }
    return records;
  }

  /** Numbers with commas between, as sparse maps of version 0.1 have them. */
  static List<Long> numbers(String commas) {
    List<Long> numbers = new ArrayList<>();
    for (String number : commas.split(",")) {
      if (number.matches("\\d{1,18}")) {
        numbers.add(Long.parseLong(number));
      }
    }
    return numbers;
  }
}
