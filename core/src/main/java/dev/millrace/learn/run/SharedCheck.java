package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A decode check that a run's ranks share: each checks its part, and all know what all found. Its
 * methods are to be called by all ranks, in the same order, and so by one thread of each. There is
 * nothing to close.
 */
final class SharedCheck {
  /** Pictures that each of several ranks checks before all ask whether to stop. */
  private static final int ROUND = 1024;

  /**
   * What a rank found in its part.
   *
   * @param narrow as {@link PictureCheck.Result#narrow}
   */
  private record Part(long bytes, int narrow, List<DecodeCheck.Bad> bad) {}

  private final Ranks ranks;

  SharedCheck(Ranks ranks) {
    this.ranks = ranks;
  }

  /** What the first rank knows, which is all that counts of {@code kept}. */
  DecodeCheck ofFirst(DecodeCheck kept) throws IOException {
    return ranks.count() == 1
        ? kept
        : JSON.readValue(
            SharedWords.ofFirst(ranks, JSON.writeValueAsString(kept)), DecodeCheck.class);
  }

  /**
   * What all find, each in a part of the set.
   *
   * @param checkers threads that check, of all ranks together
   * @param stop asked after every picture; must be thread-safe
   * @throws CancellationException if a stop was requested, of any
   */
  DecodeCheck found(ImageSet set, int checkers, BooleanSupplier stop) throws IOException {
    Part own = part(set, checkers, stop);
    long bytes = 0;
    int narrow = 0;
    List<DecodeCheck.Bad> bad = new ArrayList<>();
    if (ranks.count() == 1) {
      bytes = own.bytes;
      narrow = own.narrow;
      bad.addAll(own.bad);
    } else {
      for (String words : SharedWords.of(ranks, JSON.writeValueAsString(own))) {
        Part one = JSON.readValue(words, Part.class);
        bytes += one.bytes;
        narrow += one.narrow;
        bad.addAll(one.bad);
      }
    }
    if (ranks.index() == 0) {
      PictureCheck.warn(set, narrow);
    }
    return new DecodeCheck(set.size(), DecodeCheck.ids(set), bytes, bad);
  }

  /** This rank's part; where there are several, in rounds, after which all hear of a stop. */
  private Part part(ImageSet set, int checkers, BooleanSupplier stop) {
    int from = begin(set, ranks.index());
    int until = begin(set, ranks.index() + 1);
    int round = ranks.count() == 1 ? Math.max(1, set.size()) : ROUND;
    int rounds = ((set.size() + ranks.count() - 1) / ranks.count() + round - 1) / round;
    int threads = Math.max(1, checkers / ranks.count());
    LongAdder bytes = new LongAdder();
    int narrow = 0;
    List<DecodeCheck.Bad> bad = new ArrayList<>();
    for (int r = 0; r < rounds; r++) {
      int first = Math.min(until, from + r * round);
      int last = Math.min(until, first + round);
      boolean stopped = false;
      try {
        PictureCheck.Result one = look(set, first, last, threads, bytes, stop);
        narrow += one.narrow();
        bad.addAll(bad(first, last - first, one));
      } catch (CancellationException e) {
        stopped = true;
      }
      if (ranks.any(stopped)) {
        throw new CancellationException("stopped while pictures were checked");
      }
    }
    return new Part(bytes.sum(), narrow, bad);
  }

  /** Where a rank's part of a set begins. */
  private int begin(ImageSet set, int rank) {
    return (int) ((long) set.size() * rank / ranks.count());
  }

  private static PictureCheck.Result look(
      ImageSet set, int from, int until, int threads, LongAdder bytes, BooleanSupplier stop) {
    ImageSet part =
        until - from == set.size()
            ? set
            : set.subset(set.name(), IntStream.range(from, until).toArray());
    return PictureCheck.look(
        part,
        threads,
        (index, width, height, length) -> {
          bytes.add(length);
          if (stop.getAsBoolean()) {
            throw new CancellationException("stopped while pictures were checked");
          }
        });
  }

  /** The bad ones of a part, by their places in the set. */
  private static List<DecodeCheck.Bad> bad(int from, int size, PictureCheck.Result result) {
    List<DecodeCheck.Bad> bad = new ArrayList<>();
    int good = 0;
    for (int i = 0; i < size; i++) {
      if (good < result.good().length && result.good()[good] == i) {
        good++;
      } else {
        PictureCheck.Bad found = result.bad().get(bad.size());
        bad.add(new DecodeCheck.Bad(from + i, found.id(), found.reason()));
      }
    }
    return bad;
  }
}
