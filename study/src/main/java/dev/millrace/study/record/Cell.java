package dev.millrace.study.record;

/** One row of a study: everything but the seed. */
public record Cell(String data, String stream, String method, String remedy) {
  /** The remedy that is none. */
  public static final String SEQUENTIAL = "st";

  /** Replay and MAS together. */
  public static final String BOTH = "both";

  /** Joint training. */
  public static final String JOINT = "jt";

  /** Joint training at each chunk, begun from the last joint model: every picture is kept. */
  public static final String JOINT_WARM = "joint-warm";

  /** An encoder that was never trained, in a remedy's place. */
  public static final String UNTRAINED = "untrained";

  /** No encoder but the pixels, in a remedy's place. */
  public static final String RAW = "raw";

  /** Whether this is joint training, the reference. */
  public boolean joint() {
    return JOINT.equals(remedy);
  }

  /** Whether nothing was pre-trained: an untrained encoder, or the pictures' raw pixels. */
  public boolean baseline() {
    return remedy.equals(UNTRAINED) || remedy.equals(RAW);
  }

  /** The joint row that this one is held against: one head over all classes is joint training's. */
  public Cell reference() {
    return new Cell(data, "joint", method.replaceFirst("-full$", ""), JOINT);
  }

  /** The same row with another remedy. */
  public Cell with(String otherRemedy) {
    return new Cell(data, stream, method, otherRemedy);
  }

  /** The same row by another method. */
  public Cell by(String otherMethod) {
    return new Cell(data, stream, otherMethod, remedy);
  }
}
