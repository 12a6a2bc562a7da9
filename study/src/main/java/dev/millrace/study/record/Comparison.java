package dev.millrace.study.record;

import java.util.List;

/**
 * A run's encoders against those of its joint run.
 *
 * @param error why it failed, else null
 * @param orderSeed seed of the stream's order; null for the seed
 */
public record Comparison(
    String id,
    String status,
    Integer attempts,
    String error,
    String run,
    String reference,
    String data,
    String stream,
    String method,
    String remedy,
    long seed,
    Long orderSeed,
    List<Likeness> cka) {
  /** A list that a line lacks is empty. */
  public Comparison {
    cka = cka == null ? List.of() : List.copyOf(cka);
  }

  /** The same of another method's row. */
  Comparison of(String otherMethod) {
    return new Comparison(
        id,
        status,
        attempts,
        error,
        run,
        reference,
        data,
        stream,
        otherMethod,
        remedy,
        seed,
        orderSeed,
        cka);
  }

  /** Whether it was made; older ledgers note only those that were. */
  public boolean done() {
    return !"failed".equals(status);
  }

  /** Which repetition of its row is compared. */
  public Replicate replicate() {
    return new Replicate(seed, orderSeed == null ? seed : orderSeed);
  }

  /** The row of the study that it belongs to. */
  public Cell cell() {
    return new Cell(data, stream, method, remedy);
  }

  /**
   * Linear CKA after one chunk, 0 to 1.
   *
   * @param values rows: the run's layers; columns: the reference's
   */
  public record Likeness(
      int chunk, List<String> layers, List<String> referenceLayers, List<List<Double>> values) {}
}
