package dev.millrace.live;

import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Serves each candidate without judging it: what happens where nobody else takes candidates. */
final class ServeEach implements Candidate.Taker {
  private final InstantSource clock;

  ServeEach(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void take(Candidate candidate) throws IOException {
    KeptEncoders encoders = KeptEncoders.of(candidate.live(), clock);
    EncoderVersion version =
        encoders.keep(candidate.encoder(), candidate.run().root(), candidate.chunk());
    int champion = encoders.serving().version();
    if (champion == version.version()) {
      return; // a kill came between this and the next chunk
    }
    encoders.promote(
        version,
        new Decision(
            clock.instant().toString(),
            Decision.GATE,
            Decision.GATE,
            version.version(),
            champion,
            Decision.PASS,
            Decision.SERVE,
            List.of("each encoder is served: no gate is set"),
            Map.of()));
  }
}
