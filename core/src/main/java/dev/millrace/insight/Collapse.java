package dev.millrace.insight;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How features have stopped telling pictures apart. Immutable.
 *
 * @param kind what is left of their space
 * @param words the kind with the numbers that show it, such as {@code to a line: effective rank 1.2
 *     of 127}
 */
public record Collapse(Kind kind, String words) {
  /** What is left of the space of features. */
  public enum Kind {
    /** All pictures have nearly the same features. */
    POINT,
    /** Features differ along one direction. */
    LINE,
    /** Features differ along few of the directions that they could (Jing et al., ICLR 2022). */
    FEW_DIMENSIONS,
    /** Features differ along few of the directions that they once did. */
    LOST_DIMENSIONS,
    /** All pictures are assigned to the same prototype. */
    ONE_PROTOTYPE,
    /** All pictures are assigned to all prototypes alike. */
    ALL_PROTOTYPES
  }

  /** Below this variance of unit features a representation has collapsed to a point. */
  public static final double LEAST_VARIANCE = 1e-3;

  /** Below this effective rank it has collapsed to a line. */
  public static final double LEAST_RANK = 1.5;

  /**
   * Below this share of the rank that features could have they use few dimensions. The encoders of
   * the studies that learned without labels use 0.3 and more.
   */
  public static final double LEAST_SHARE = 1.0 / 32;

  /**
   * Below this share of their best rank so far they have lost dimensions. In the studies encoders
   * that learned without labels kept 0.6 and more over a stream; supervised ones that forgot fell
   * to 0.16.
   */
  public static final double LEAST_KEPT = 0.25;

  /**
   * Below this share of the spread that a loss asks of embeddings they have shrunk to a point: a
   * hundredth and less was seen without that part of the loss, a third and more with it.
   */
  public static final double LEAST_SPREAD = 0.1;

  /** Within this share of the loss of one who guesses a method guesses. */
  public static final double NEAR_GUESS = 0.01;

  /** So many epochs in a row, after which it is no beginning any more. */
  public static final int GUESSING_EPOCHS = 10;

  /** Below this many one prototype takes all. */
  public static final double LEAST_PROTOTYPES = 1.5;

  /**
   * What a look at features says.
   *
   * @param variance of unit features, 0 to 1; below its least where not a number
   * @param rank the effective one, 0 to reach
   * @param reach the largest rank that living features of these pictures could have; for features
   *     that need only separate C classes at most C − 1 ({@link #reach})
   * @param best the largest rank that was seen before in the same training; 0 where none was
   * @return empty where the features are alive
   */
  public static Optional<Collapse> of(double variance, double rank, int reach, double best) {
    if (!(variance >= LEAST_VARIANCE)) {
      return found(
          Kind.POINT,
          "to a point: the variance of unit features is %.5f, expected at least %.3f",
          variance,
          LEAST_VARIANCE);
    }
    if (reach < 3) {
      return Optional.empty(); // so few pictures or classes lie on a line in the best of spaces
    }
    if (!(rank >= LEAST_RANK)) {
      return found(Kind.LINE, "to a line: effective rank %.2f of %d", rank, reach);
    }
    if (rank < LEAST_SHARE * reach) {
      return found(
          Kind.FEW_DIMENSIONS,
          "to a few dimensions: effective rank %.2f of %d that these pictures could span",
          rank,
          reach);
    }
    if (rank < LEAST_KEPT * Math.min(best, reach)) {
      return found(
          Kind.LOST_DIMENSIONS,
          "to a few dimensions: effective rank %.2f of %d, after %.2f at its best",
          rank,
          reach,
          best);
    }
    return Optional.empty();
  }

  /**
   * What a look at embeddings says, which a method's loss compares. They are narrower than features
   * and use few dimensions at first, so only a point is a collapse.
   *
   * @param variance of unit embeddings, 0 to 1; below its least where not a number
   * @return empty where the embeddings are alive
   */
  public static Optional<Collapse> ofEmbeddings(double variance) {
    return variance >= LEAST_VARIANCE
        ? Optional.empty()
        : found(
            Kind.POINT,
            "behind the projector to a point: the variance of unit embeddings is %.5f, expected at least %.3f",
            variance,
            LEAST_VARIANCE);
  }

  /**
   * What a look at embeddings says of which a loss asks a spread, as VICReg and LeJEPA do: they can
   * shrink and still point apart.
   *
   * @param spread by {@link Representation#spread}
   * @param asked the loss's, above 0
   * @return empty where the embeddings are alive
   */
  public static Optional<Collapse> ofSpread(double spread, double asked) {
    return spread >= LEAST_SPREAD * asked
        ? Optional.empty()
        : found(
            Kind.POINT,
            "behind the projector to a point: embeddings deviate by %.4f from their mean, where the loss asks for %.1f",
            spread,
            asked);
  }

  /**
   * What a look at assignments to prototypes says. That all pictures are assigned to all of them
   * alike is no collapse here: a healthy method can begin so, and {@link #ofLoss} says where it
   * stays so.
   *
   * @param used by {@link Representation#effectivePrototypes}
   * @param prototypes how many there are
   * @return empty where pictures are told apart
   */
  public static Optional<Collapse> ofAssignments(double used, int prototypes) {
    return prototypes < 3 || used >= LEAST_PROTOTYPES
        ? Optional.empty()
        : found(
            Kind.ONE_PROTOTYPE,
            "to one prototype: pictures are assigned to %.2f of %d",
            used,
            prototypes);
  }

  /**
   * What the losses of epochs say where pictures are assigned to prototypes: one that guesses has
   * ln K. A healthy loss passes that by in a few epochs; one that stays there was not seen to leave
   * it.
   *
   * @param losses the means of the last epochs, in order
   * @param guess the loss of assigning all pictures to all prototypes alike
   * @return empty where fewer than {@link #GUESSING_EPOCHS} of the last are at the guess
   */
  public static Optional<Collapse> ofLoss(List<Double> losses, double guess) {
    int last = losses.size() - GUESSING_EPOCHS;
    if (last < 0
        || !losses.subList(last, losses.size()).stream()
            .allMatch(loss -> Math.abs(loss - guess) <= NEAR_GUESS * guess)) {
      return Optional.empty();
    }
    return found(
        Kind.ALL_PROTOTYPES,
        "to all prototypes alike: for %d epochs the loss has been within 1 %% of guessing, %.3f where that is %.3f",
        GUESSING_EPOCHS,
        losses.get(losses.size() - 1),
        guess);
  }

  /**
   * The largest effective rank of centred features.
   *
   * @param pictures N
   * @param dim D
   * @param classes that the training separates, which needs no more than their number less one
   *     (Papyan, Han and Donoho, "Prevalence of Neural Collapse", PNAS 2020); 0 for training
   *     without labels
   */
  public static int reach(int pictures, long dim, int classes) {
    long span = Math.min(dim, pictures - 1L);
    return Math.toIntExact(classes > 0 ? Math.min(span, classes - 1L) : span);
  }

  private static Optional<Collapse> found(Kind kind, String words, Object... values) {
    return Optional.of(new Collapse(kind, String.format(Locale.ROOT, words, values)));
  }
}
