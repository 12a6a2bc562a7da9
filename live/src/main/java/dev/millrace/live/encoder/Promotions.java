package dev.millrace.live.encoder;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Who decides which of the {@link KeptEncoders} is served: the gate, and persons, whose choice
 * stands against it. Each decision is a line in the log before anything changes, and writers of all
 * processes wait for one another. Thread-safe; there is nothing to close.
 */
public final class Promotions {
  private final KeptEncoders encoders;
  private final Decisions decisions;
  private final InstantSource clock;

  Promotions(KeptEncoders encoders, InstantSource clock) {
    this.encoders = encoders;
    decisions = encoders.decisions();
    this.clock = clock;
  }

  /**
   * What the gate has noted of a version, with the change that the line says and a kill may have
   * kept from it.
   *
   * @return nothing if it was not judged
   */
  public Optional<Decision> noted(EncoderVersion version) throws IOException {
    try (FileChannel lock = encoders.locked()) {
      List<Decision> all = decisions.all();
      for (int i = all.size() - 1; i >= 0; i--) {
        Decision one = all.get(i);
        if (!one.what().equals(Decision.GATE) || one.version() != version.version()) {
          continue;
        }
        Serving now = encoders.serving();
        // Behind a later line the change was made, or is no longer wanted.
        boolean last = i == all.size() - 1 && now.version() == one.champion();
        if (last && one.action().equals(Decision.SERVE) && one.champion() != version.version()) {
          encoders.serve(now.next(version, at()));
        }
        return Optional.of(one);
      }
      return Optional.empty();
    }
  }

  /**
   * Notes what the gate found of a version, and serves it unless it failed or a person's hold keeps
   * it from that. The first encoder is served whatever was found, since there is no better one. The
   * line is written first, so that no version is served without one.
   *
   * @param champion the version that was served when it was judged; 0 for none
   * @return the decision as it was noted; nothing is noted if another version is served by now, so
   *     that a person's choice stands: judge again
   */
  public Optional<Decision> judged(
      EncoderVersion version,
      int champion,
      Verdict verdict,
      List<String> reasons,
      Map<String, Double> numbers)
      throws IOException {
    return judged(version, champion, verdict, Decision.HOLD, reasons, numbers);
  }

  /**
   * Notes a verdict, and what follows from it where the candidate is worse.
   *
   * @param onFail what follows where it is worse: {@link Decision#HOLD} or {@link Decision#REVERT}
   */
  public Optional<Decision> judged(
      EncoderVersion version,
      int champion,
      Verdict verdict,
      String onFail,
      List<String> reasons,
      Map<String, Double> numbers)
      throws IOException {
    try (FileChannel lock = encoders.locked()) {
      Serving now = encoders.serving();
      if (now.version() != champion) {
        return Optional.empty();
      }
      boolean worse = verdict == Verdict.FAIL && now.any();
      boolean kept = now.held() && now.any() && champion != version.version();
      List<String> all = new ArrayList<>(reasons);
      if (!worse && kept) {
        all.add("version " + champion + " is held by a person");
      } else if (verdict == Verdict.FAIL && !worse) {
        all.add("it is served nevertheless: there is no other");
      }
      Decision decision =
          new Decision(
              at(),
              Decision.GATE,
              Decision.GATE,
              version.version(),
              champion,
              verdict.word(),
              worse ? onFail : kept ? Decision.HOLD : Decision.SERVE,
              all,
              numbers);
      decisions.add(decision);
      if (decision.action().equals(Decision.SERVE) && champion != version.version()) {
        encoders.serve(now.next(version, at()));
      }
      return Optional.of(decision);
    }
  }

  /** Serves a version from now on, whatever the gate says and also while it is held. */
  public Serving promote(int version, String reason) throws IOException {
    EncoderVersion chosen = encoders.require(version);
    encoders.requireWhole(chosen);
    return change(
        now -> now.version() == version ? now : now.next(chosen, at()),
        now -> person("promote", version, now.version(), Decision.SERVE, reason));
  }

  /**
   * Serves the version again that was served before the present one.
   *
   * @throws UsageException if there was none
   */
  public Serving rollback(String reason) throws IOException {
    try (FileChannel lock = encoders.locked()) {
      Serving now = encoders.serving();
      if (now.before().isEmpty()) {
        throw UsageException.ofWord(
            now.any()
                ? "%s: version %d was served first, so there is none to go back to; choose one with `millrace live promote`"
                    .formatted(encoders.folder(), now.version())
                : "%s serves no encoder yet, so there is none to go back to"
                    .formatted(encoders.folder()));
      }
      EncoderVersion earlier = encoders.require(now.before().get(now.before().size() - 1));
      encoders.requireWhole(earlier);
      decisions.add(person("rollback", earlier.version(), now.version(), Decision.SERVE, reason));
      return encoders.serve(now.back(earlier, at()));
    }
  }

  /** Forbids the gate to promote, or allows it again. */
  public Serving hold(boolean held, String reason) throws IOException {
    return change(
        now -> now.held(held),
        now ->
            person(held ? "hold" : "release", now.version(), now.version(), Decision.HOLD, reason));
  }

  private Decision person(String what, int version, int champion, String action, String reason) {
    return new Decision(
        at(),
        what,
        "person",
        version,
        champion,
        null,
        action,
        reason.isBlank() ? List.of() : List.of(reason),
        Map.of());
  }

  private Serving change(UnaryOperator<Serving> how, Function<Serving, Decision> why)
      throws IOException {
    try (FileChannel lock = encoders.locked()) {
      Serving now = encoders.serving();
      decisions.add(why.apply(now));
      Serving then = how.apply(now);
      return then.equals(now) ? now : encoders.serve(then);
    }
  }

  private String at() {
    return clock.instant().toString();
  }
}
