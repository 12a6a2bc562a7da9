package dev.millrace.learn.remedy;

/**
 * Pictures that went through an encoder beyond those that the method learns from: what remedies
 * send, and what statistics of a published mean are taken of. Law 4's equal passes leave them out.
 * A picture counts once per view.
 *
 * @param forwards that went forwards alone, most of them through a frozen or averaged network
 * @param backwards that went forwards and had a gradient come back, which costs about three times
 *     as much
 */
public record Passes(long forwards, long backwards) {
  /** No picture. */
  public static final Passes NONE = new Passes(0, 0);

  /** Refuses what cannot be counted. */
  public Passes {
    if (forwards < 0 || backwards < 0) {
      throw new IllegalArgumentException(forwards + " and " + backwards + " are no counts");
    }
  }

  /** These went forwards alone. */
  public static Passes forwards(long pictures) {
    return new Passes(pictures, 0);
  }

  /** A gradient came back from these. */
  public static Passes backwards(long pictures) {
    return new Passes(0, pictures);
  }

  /** All of both kinds. */
  public long all() {
    return forwards + backwards;
  }

  /** Both together. */
  public Passes plus(Passes more) {
    return new Passes(forwards + more.forwards, backwards + more.backwards);
  }
}
