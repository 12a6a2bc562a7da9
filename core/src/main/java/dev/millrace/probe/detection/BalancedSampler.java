package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Takes a fixed number of boxes to learn from, with at most a share of them foreground and the rest
 * background (Girshick, "Fast R-CNN", ICCV 2015, §2.3). Immutable.
 *
 * @param samples boxes taken of a picture, at least 1
 * @param share of foreground at most, in (0, 1)
 */
public record BalancedSampler(int samples, double share) {
  /** Refuses values outside their ranges. */
  public BalancedSampler {
    if (samples < 1 || !(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "found %d samples with a share of %s foreground, expected at least 1 and a share within 0 … 1: try 256 and 0.5"
              .formatted(samples, share));
    }
  }

  /**
   * Indices of the boxes taken, each part ascending.
   *
   * @param foreground those that are matched
   * @param background those that are not
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  record Taken(int[] foreground, int[] background) {
    /** Foreground, then background. */
    int[] all() {
      return IntStream.concat(Arrays.stream(foreground), Arrays.stream(background)).toArray();
    }
  }

  /**
   * Draws from what a {@link Matcher} said.
   *
   * @param match of each box
   * @param draw decides which ones; nothing else is random
   */
  Taken take(int[] match, Draw draw) {
    int[] foreground = IntStream.range(0, match.length).filter(i -> match[i] >= 0).toArray();
    int[] background =
        IntStream.range(0, match.length).filter(i -> match[i] == Matcher.BACKGROUND).toArray();
    int[] positive = some(foreground, (int) (samples * share), draw.at(0));
    return new Taken(positive, some(background, samples - positive.length, draw.at(1)));
  }

  private static int[] some(int[] of, int most, Draw draw) {
    if (of.length <= most) {
      return of;
    }
    return Arrays.stream(draw.sample(of.length, most)).map(i -> of[i]).sorted().toArray();
  }
}
