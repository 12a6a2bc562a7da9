package dev.millrace.live;

import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.live.gate.Gate;
import dev.millrace.live.gate.Judgement;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Serves each candidate without judging it: what happens where nobody else takes candidates. */
final class ServeEach implements Candidate.Taker {
  private static final Judgement UNJUDGED =
      new Judgement(Verdict.UNDECIDED, List.of("each encoder is served: no gate is set"), Map.of());

  private final InstantSource clock;

  ServeEach(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void take(Candidate candidate) throws IOException {
    new Gate(KeptEncoders.of(candidate.live(), clock), (champion, file) -> UNJUDGED)
        .admit(candidate.encoder(), candidate.run().root(), candidate.chunk());
  }
}
