package dev.millrace.live.encoder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.ArrayList;
import java.util.List;

/**
 * Which version is served: the content of {@code encoders/current}, replaced in one rename.
 * Immutable.
 *
 * @param version that is served; 0 before the first promotion
 * @param sha256 of its file, hex; empty before the first promotion
 * @param since when it took over, ISO 8601 in UTC; empty before the first promotion
 * @param held whether a person has forbidden the gate to promote another
 * @param before versions that were served before it, the last one last; what a rollback goes back
 *     to
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later build
public record Serving(
    int version, String sha256, String since, boolean held, List<Integer> before) {
  /** A rollback needs a few steps; the whole history is in the decisions. */
  private static final int REMEMBERED = 100;

  static final Serving NOTHING = new Serving(0, "", "", false, List.of());

  /** Copies the list. */
  public Serving {
    before = before == null ? List.of() : List.copyOf(before);
  }

  /** Whether there is something to serve. */
  public boolean any() {
    return version > 0;
  }

  /** Another version takes over. */
  Serving next(EncoderVersion other, String at) {
    List<Integer> trail = new ArrayList<>(before);
    if (any()) {
      trail.add(version);
    }
    int forgotten = Math.max(0, trail.size() - REMEMBERED);
    return new Serving(
        other.version(), other.sha256(), at, held, trail.subList(forgotten, trail.size()));
  }

  /** The version before takes over again. */
  Serving back(EncoderVersion earlier, String at) {
    return new Serving(
        earlier.version(), earlier.sha256(), at, held, before.subList(0, before.size() - 1));
  }

  Serving held(boolean now) {
    return new Serving(version, sha256, since, now, before);
  }
}
