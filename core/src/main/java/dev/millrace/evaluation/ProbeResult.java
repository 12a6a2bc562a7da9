package dev.millrace.evaluation;

/**
 * One answer.
 *
 * @param task what was asked
 * @param data the set, with {@code /DOMAIN} behind it for one domain of a suite's
 * @param split what the value is of: {@code test}; of a set without a test part {@code held-out}, a
 *     fifth of each class, or for few-shot {@code all}; {@code left-out} for all of a domain that
 *     was not learned from
 * @param chunk the encoder after this chunk; null when it is none of a chunk
 * @param shots for few-shot tasks
 * @param metric {@code top1} or {@code mean_per_class}
 * @param value percent
 * @param ci95 half the 95 % interval, percent, where there is one
 * @param encoder {@code pretrained}, {@code momentum}, {@code untrained}, {@code raw-pixels}, or
 *     the file as given
 * @param lambda the regulariser that the linear probe picked; null for other tasks
 * @param conditions on how many pictures and by which settings; null for kept answers of older
 *     versions
 */
public record ProbeResult(
    String task,
    String data,
    String split,
    Integer chunk,
    Integer shots,
    String metric,
    double value,
    Double ci95,
    String encoder,
    Double lambda,
    Conditions conditions) {
  /** Whether it is of the comparisons that {@link ProbeRequest.Encoders#baselines} adds. */
  public boolean ofBaseline() {
    return encoder.equals(ProbedEncoder.UNTRAINED) || encoder.equals(ProbedEncoder.RAW_PIXELS);
  }

  /**
   * Whether the value is above another by more than the 95 % error of the difference of both; the
   * errors are taken as independent, which for the same pictures is careful.
   */
  public boolean beats(ProbeResult other) {
    double error = Math.hypot(ci95 == null ? 0 : ci95, other.ci95 == null ? 0 : other.ci95);
    return value > other.value + error;
  }

  ProbeResult with(Conditions found) {
    return new ProbeResult(
        task, data, split, chunk, shots, metric, value, ci95, encoder, lambda, found);
  }
}
