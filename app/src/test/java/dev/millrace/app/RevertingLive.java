package dev.millrace.app;

import dev.millrace.live.Live;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.live.gate.GateSettings;
import dev.millrace.live.gate.GateTaker;
import dev.millrace.live.gate.Judgement;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A live run whose judge calls every second version worse, and that goes back then. */
final class RevertingLive {
  private RevertingLive() {}

  /** Runs until it is idle: RUN, the folder of pictures, pictures a chunk, learning's flags. */
  public static void main(String[] args) throws Exception {
    Map<String, Object> learning = new LinkedHashMap<>();
    for (int i = 3; i < args.length; i += 2) {
      String value = args[i + 1];
      learning.put(
          args[i].substring(2),
          value.contains(".") ? (Object) Double.valueOf(value) : (Object) Integer.valueOf(value));
    }
    GateSettings gate = GateSettings.of(GateSettings.SELF).reverting(true);
    try (Live live =
        Live.in(Path.of(args[0]))
            .source("folder:" + args[1] + ";settle=0s")
            .close("count=" + args[2])
            .pretrain(learning)
            .gate(gate.asMap())
            .taker(
                new GateTaker(gate, (champion, candidate) -> judged(candidate), Clock.systemUTC()))
            .untilIdle(true)
            .start()) {
      live.await();
    }
  }

  private static Judgement judged(Path candidate) {
    int version = Integer.parseInt(candidate.getParent().getFileName().toString());
    return new Judgement(
        version % 2 == 0 ? Verdict.FAIL : Verdict.PASS, List.of("as a test has it"), Map.of());
  }
}
