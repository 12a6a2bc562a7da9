package dev.millrace.live.drift;

import dev.millrace.file.Reason;
import dev.millrace.live.CloseRule;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.source.Wait;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes a chunk when the pictures that arrive no longer look, to the serving encoder, like those
 * before them. Reads each accepted picture once, from the open chunk; what it compares with goes on
 * from chunk to chunk, and begins anew when another encoder is served, since features of two are
 * not comparable. An encoder that cannot be read is said once and tried again; until it works
 * nothing is looked at. Each window that was compared is a line of {@link DriftLog}. Costs an
 * encoder's pass per picture on the thread that takes pictures in. Not thread-safe.
 */
public final class DriftRule implements CloseRule {
  /** How a picture looks; the encoder that is served, or a stand-in. */
  public interface Eye {
    /** Which encoder looks now; 0 for none yet. Asked before each batch. */
    int version() throws IOException;

    /**
     * Features of a picture, {@code [D]}.
     *
     * @return null of one that cannot be decoded
     */
    float[] see(byte[] picture) throws IOException;
  }

  /** How long an eye that failed is left alone. */
  private static final long WAIT_SECONDS = 30;

  private final OpenChunk pictures;
  private final Eye eye;
  private final DriftDetector detector;
  private final DriftLog log;
  private int chunk;
  private int version;
  private boolean alarm;
  private Wait wait = Wait.NONE;
  private String said;
  private final List<String> faults = new ArrayList<>();
  private Numbers numbers = at -> 0;

  /** A rule that has seen nothing. */
  public DriftRule(LiveFolder live, Eye eye, DriftSettings settings) {
    pictures = new OpenChunk(live.open());
    this.eye = eye;
    detector = new DriftDetector(settings);
    log = DriftLog.of(live);
  }

  @Override
  public void numbers(Numbers known) {
    numbers = known;
  }

  @Override
  public String due(ChunkRecord open, Instant now) throws IOException {
    if (open.number() != chunk) {
      chunk = open.number();
      pictures.restart();
      alarm = false;
    }
    if (!wait.isOver(now) || !looks(now)) {
      pictures.skip();
      return alarm ? "drift" : null;
    }
    pictures.next(
        picture -> {
          if (!wait.isOver(now)) {
            return; // the eye failed at a picture before
          }
          try {
            float[] features = eye.see(picture);
            if (features != null) {
              add(features, open, now);
            }
          } catch (IOException | RuntimeException e) {
            failed(e, now);
          }
        });
    return alarm ? "drift" : null;
  }

  private void add(float[] features, ChunkRecord open, Instant now) {
    long before = detector.windows();
    boolean differs = detector.add(features);
    alarm |= differs;
    if (detector.windows() == before) {
      return;
    }
    try {
      log.add(
          new DriftLog.Window(
              now.toString(),
              open.number(),
              number(open),
              detector.score(),
              detector.threshold(),
              differs,
              version));
    } catch (IOException e) { // a page without news keeps no picture from being taken in
      say("the drift score cannot be written down: " + Reason.whole(e));
    }
  }

  /** Of the last picture; pictures in quarantine have numbers, too, and no bytes. */
  private long number(ChunkRecord open) throws IOException {
    long known = numbers.of(pictures.at());
    return known > 0 ? known : Math.max(0, open.first() - 1) + pictures.passed();
  }

  /** Whether there is an encoder that looks now. */
  private boolean looks(Instant now) {
    try {
      int looking = eye.version();
      if (looking != version) {
        version = looking;
        detector.restart();
      }
      return looking != 0;
    } catch (IOException | RuntimeException e) {
      failed(e, now);
      return false;
    }
  }

  /** What cannot be looked at is passed over; the eye is tried again later. */
  private void failed(Exception failure, Instant now) {
    String words =
        "drift is not looked for, since the encoder that is served fails: "
            + Reason.whole(failure)
            + "; tried again, and chunks close by the other rules";
    say(words);
    wait = Wait.ofSeconds(now, WAIT_SECONDS);
  }

  private void say(String words) {
    if (!words.equals(said)) {
      said = words;
      faults.add(words);
    }
  }

  @Override
  public List<String> faults() {
    List<String> all = List.copyOf(faults);
    faults.clear();
    return all;
  }

  /** The p-value of the last window; NaN before the first. */
  public double score() {
    return detector.score();
  }
}
