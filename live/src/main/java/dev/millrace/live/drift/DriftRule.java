package dev.millrace.live.drift;

import dev.millrace.live.CloseRule;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.account.ChunkRecord;
import java.io.IOException;
import java.time.Instant;

/**
 * Closes a chunk when the pictures that arrive no longer look, to the serving encoder, like those
 * before them. Reads each accepted picture once, from the open chunk; what it compares with goes on
 * from chunk to chunk, and begins anew when another encoder is served, since features of two are
 * not comparable. Costs an encoder's pass per picture on the thread that takes pictures in. Not
 * thread-safe.
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

  private final OpenChunk pictures;
  private final Eye eye;
  private final DriftDetector detector;
  private int chunk;
  private int version;
  private boolean alarm;

  /** A rule that has seen nothing. */
  public DriftRule(LiveFolder live, Eye eye, DriftSettings settings) {
    pictures = new OpenChunk(live.open());
    this.eye = eye;
    detector = new DriftDetector(settings);
  }

  @Override
  public String due(ChunkRecord open, Instant now) throws IOException {
    if (open.number() != chunk) {
      chunk = open.number();
      pictures.restart();
      alarm = false;
    }
    int looking = eye.version();
    if (looking != version) {
      version = looking;
      detector.restart();
    }
    for (byte[] picture : pictures.next()) {
      float[] features = looking == 0 ? null : eye.see(picture);
      alarm |= features != null && detector.add(features);
    }
    return alarm ? "drift" : null;
  }

  /** The p-value of the last window; NaN before the first. */
  public double score() {
    return detector.score();
  }
}
