package dev.millrace.live.gate;

import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Keeps each candidate, has it judged against the encoder that is served, notes verdict, numbers
 * and reasons, and serves it if it is not worse. One that is worse is kept beside, for a person to
 * promote; learning goes on from it. A call that was killed may be made again: a candidate is
 * judged once. Not thread-safe.
 */
public final class Gate {
  private final KeptEncoders encoders;
  private final Judge judge;

  /**
   * A gate.
   *
   * @param encoders of the live run
   * @param judge that compares
   */
  public Gate(KeptEncoders encoders, Judge judge) {
    this.encoders = encoders;
    this.judge = judge;
  }

  /**
   * Takes a candidate.
   *
   * @param file its encoder
   * @param run that made it
   * @param chunk the last that it has learned, from 1
   * @return the decision, noted
   */
  public Decision admit(Path file, Path run, int chunk) throws IOException {
    EncoderVersion candidate = encoders.keep(file, run, chunk);
    List<Decision> all = encoders.decisions().all();
    for (int i = all.size() - 1; i >= 0; i--) {
      Decision earlier = all.get(i);
      if (earlier.what().equals(Decision.GATE) && earlier.version() == candidate.version()) {
        if (i == all.size() - 1) {
          encoders.settle(earlier); // a kill may have come between the line and the change
        }
        return earlier;
      }
    }
    Optional<EncoderVersion> champion = encoders.served();
    Judgement judgement =
        judge.of(champion.map(encoders::file).orElse(null), encoders.file(candidate));
    return encoders.judged(candidate, judgement.passed(), judgement.reasons(), judgement.numbers());
  }
}
