package dev.millrace.live;

import dev.millrace.refusal.Require;

/**
 * How pictures are taken in. Immutable.
 *
 * @param spoolPictures how many pictures may wait for being learned
 * @param spoolBytes how many bytes, likewise
 * @param overflow what happens to pictures beyond that
 * @param horizon how many pictures back equal bytes are known under another id
 * @param near what happens to pictures nearly equal to another one
 * @param seed of the draws by which pictures are left out
 */
public record IngestSettings(
    long spoolPictures,
    long spoolBytes,
    Overflow overflow,
    long horizon,
    NearDuplicates.Rule near,
    long seed) {
  /** What happens when the spool is full. */
  public enum Overflow {
    /** Sources wait. */
    BLOCK,
    /** The open chunk becomes a uniform sample of what arrives. */
    SAMPLE
  }

  /** Refuses bounds that nothing fits in. */
  public IngestSettings {
    Require.flag(
        spoolPictures >= CloseRule.LEAST,
        "--spool-pictures",
        spoolPictures + " is below " + CloseRule.LEAST);
    Require.flag(spoolBytes >= 1, "--spool-bytes", spoolBytes + " is below 1");
    Require.flag(horizon >= 1, "--horizon", horizon + " is below 1");
  }

  /** A hundred thousand pictures, 10 GiB; a million checksums. */
  public static IngestSettings standard() {
    return new IngestSettings(
        100_000, 10L << 30, Overflow.BLOCK, 1_000_000, NearDuplicates.Rule.standard(), 0);
  }
}
