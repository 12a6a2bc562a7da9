package dev.millrace.stream;

import dev.millrace.file.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The fifth of a set's pictures that judges where the set itself brings no part to judge by. Only
 * the pictures' names decide which, so it is the same fifth for every encoder, task, seed and
 * machine, and one picture more or less moves few of the others. Stateless and thread-safe.
 */
public final class HeldOut {
  /** One of this many pictures is held out. */
  private static final int ONE_OF = 5;

  private HeldOut() {}

  /**
   * A picture with its turn.
   *
   * @param share where it stands among the pictures of its class and domain, 0 … 1
   * @param digest of its name
   */
  private record Turn(int place, double share, long digest) {}

  /** The held out pictures' places in a set, ascending; see {@link #places(int, IntFunction)}. */
  public static int[] places(ImageSet set) {
    return places(set.size(), set::image);
  }

  /**
   * The held out pictures' places, ascending: a fifth of each class, rounded, spread over its
   * domains by their sizes; at least one of a class of two, none of a class of one. Pictures
   * without a class count as one class.
   *
   * @param pictures how many there are
   * @param picture the picture at a place; its id, label and domain are looked at
   */
  public static int[] places(int pictures, IntFunction<Image> picture) {
    Map<Integer, Map<Integer, List<Turn>>> classes = new TreeMap<>();
    for (int place = 0; place < pictures; place++) {
      Image image = picture.apply(place);
      long digest = Sha256.number(image.id());
      classes
          .computeIfAbsent(image.label(), label -> new TreeMap<>())
          .computeIfAbsent(image.domain(), domain -> new ArrayList<>())
          .add(new Turn(place, 0, digest));
    }
    List<Turn> held = new ArrayList<>();
    for (Map<Integer, List<Turn>> domains : classes.values()) {
      List<Turn> turns = new ArrayList<>();
      domains.values().forEach(domain -> turns.addAll(inTurn(domain)));
      turns.sort(
          Comparator.comparingDouble(Turn::share)
              .thenComparing(Turn::digest, Long::compareUnsigned));
      int fifth = Math.max(1, (int) Math.round(turns.size() / (double) ONE_OF));
      held.addAll(turns.subList(0, turns.size() < 2 ? 0 : fifth));
    }
    int[] places = held.stream().mapToInt(Turn::place).toArray();
    Arrays.sort(places);
    return places;
  }

  private static List<Turn> inTurn(List<Turn> domain) {
    domain.sort(Comparator.comparing(Turn::digest, Long::compareUnsigned));
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < domain.size(); i++) {
      Turn turn = domain.get(i);
      turns.add(new Turn(turn.place(), (i + 0.5) / domain.size(), turn.digest()));
    }
    return turns;
  }
}
