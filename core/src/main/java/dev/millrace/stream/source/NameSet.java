package dev.millrace.stream.source;

import dev.millrace.file.Sha256;
import java.util.Arrays;

/** Names that were met, eight bytes or so each: two names are held for one once in 10¹⁹ pairs. */
final class NameSet {
  private static final int LEAST = 64;

  /** 0 where nothing lies; the one name of that number is taken for that of 1. */
  private long[] places = new long[LEAST];

  private int count;

  /** Adds a name; false if it is there. */
  boolean add(String name) {
    if (2L * ++count > places.length) {
      long[] before = places;
      places = new long[Math.multiplyExact(2, before.length)];
      Arrays.stream(before).filter(number -> number != 0).forEach(this::put);
    }
    long number = Sha256.number(name);
    return put(number == 0 ? 1 : number);
  }

  private boolean put(long number) {
    int at = (int) (number & places.length - 1);
    while (places[at] != 0) {
      if (places[at] == number) {
        return false;
      }
      at = at + 1 & places.length - 1;
    }
    places[at] = number;
    return true;
  }
}
