package dev.millrace.live.account;

import java.util.Locale;

/** What became of a picture that was offered. Stored by place: add only at the end. */
public enum State {
  /** Accepted: its bytes lie in the open chunk, or in a closed one that is not learned yet. */
  PENDING,
  /** In a chunk that is learned. */
  LEARNED,
  /** Its bytes, or its id with these bytes, were offered before. */
  DUPLICATE,
  /** Nearly equal to another one, and left out for that. */
  NEAR_DUPLICATE,
  /** Not accepted, with a reason: it cannot be decoded, or is too large. */
  QUARANTINED,
  /** Left out by a draw, since more arrived than the spool may hold. */
  SAMPLED_OUT,
  /** Removed because a person asked for it. */
  FORGOTTEN,
  /** In a chunk that was learned and taken back, since its encoder was worse. */
  SET_ASIDE;

  /** Whether its bytes are in a chunk. */
  public boolean isInChunk() {
    return this == PENDING || this == LEARNED || this == SET_ASIDE;
  }

  /** The name in JSON, such as {@code near_duplicate}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
