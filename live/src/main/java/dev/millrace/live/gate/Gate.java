package dev.millrace.live.gate;

import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps each candidate, has it judged against the encoder that is served, notes verdict, numbers
 * and reasons, and serves it unless it is worse. One that is worse is kept beside, for a person to
 * promote; learning goes on from it. What a person chooses while a candidate is judged stands: the
 * candidate is judged again, against what is served then. A call that was killed may be made again:
 * a candidate is judged once. Not thread-safe.
 */
public final class Gate {
  private static final Judgement CHOSEN =
      new Judgement(
          Verdict.UNDECIDED,
          List.of("a person has chosen it already, so it is not judged"),
          Map.of());

  private final KeptEncoders encoders;
  private final Judge judge;
  private final String onFail;

  /**
   * A gate.
   *
   * @param encoders of the live run
   * @param judge that compares
   */
  public Gate(KeptEncoders encoders, Judge judge) {
    this(encoders, judge, Decision.HOLD);
  }

  /**
   * @param onFail what follows where a candidate is worse: {@link Decision#HOLD} or {@link
   *     Decision#REVERT}, which whoever asks carries out
   */
  Gate(KeptEncoders encoders, Judge judge, String onFail) {
    this.encoders = encoders;
    this.judge = judge;
    this.onFail = onFail;
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
    Optional<Decision> noted = encoders.promotions().noted(candidate);
    while (noted.isEmpty()) {
      Optional<EncoderVersion> champion = encoders.served();
      Judgement judgement =
          champion.filter(candidate::equals).isPresent()
              ? CHOSEN
              : judge.of(champion.map(encoders::file).orElse(null), encoders.file(candidate));
      noted =
          encoders
              .promotions()
              .judged(
                  candidate,
                  champion.map(EncoderVersion::version).orElse(0),
                  judgement.verdict(),
                  onFail,
                  judgement.reasons(),
                  judgement.numbers());
    }
    return noted.get();
  }
}
