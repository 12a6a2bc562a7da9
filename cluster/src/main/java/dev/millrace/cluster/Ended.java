package dev.millrace.cluster;

import java.io.Serializable;

/**
 * How a task ended.
 *
 * @param code of its process
 * @param logFrom bytes of the log that were there before
 * @param where stage, attempt, executor and host, for a person
 * @param refusal why no process was started; empty if one was
 */
record Ended(int code, long logFrom, String where, String refusal) implements Serializable {
  private static final long serialVersionUID = 1;
}
