package dev.millrace.app.report.numbers;

import java.util.List;

/**
 * A run's encoders against those of its joint run.
 *
 * @param error why it failed, else null
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
    List<Likeness> cka) {
  /** A list that a line lacks is empty. */
  public Comparison {
    cka = cka == null ? List.of() : List.copyOf(cka);
  }

  /** Whether it was made; older ledgers note only those that were. */
  public boolean done() {
    return !"failed".equals(status);
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
