package dev.millrace.cluster;

import java.io.Serializable;
import java.util.ArrayList;

/**
 * How a rank's task ended.
 *
 * @param code of its process
 * @param where rank, stage, attempts, executor and host, for a person
 * @param refusal why no process was started; empty if one was, or another rank says why
 * @param result lines of the process's stdout
 * @param said the end of what it wrote to stderr
 */
record RankEnd(int code, String where, String refusal, ArrayList<String> result, String said)
    implements Serializable {
  private static final long serialVersionUID = 1;

  static RankEnd none(String where, String refusal) {
    return new RankEnd(-1, where, refusal, new ArrayList<>(), "");
  }
}
