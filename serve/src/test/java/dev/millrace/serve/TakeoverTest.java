package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TakeoverTest {
  @Test
  void anErrorOfTheJvmIsSaidAndTheWatchGoesOn() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    Publication publication =
        () -> {
          if (broken.get()) {
            throw new OutOfMemoryError("unable to create native thread: possibly out of memory");
          }
          return Optional.empty();
        };
    Encoder.Options options = new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1);
    try (Takeover takeover = new Takeover(publication, options, true)) {
      assertThat(takeover.failure()).contains("no more threads");
      Thread.sleep(600); // two looks of the thread
      broken.set(false);
      while (!takeover.failure().isEmpty()) {
        Thread.sleep(20); // until the time limit
      }
    }
  }
}
