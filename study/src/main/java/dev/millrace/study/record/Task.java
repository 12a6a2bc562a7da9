package dev.millrace.study.record;

/**
 * A downstream question.
 *
 * @param data the set; of a study's own data that is made of several sets, {@code DATA/SET}
 */
public record Task(String task, String data, String split, Integer shots, String metric) {
  /** Whether it is asked about a study's own data. */
  public boolean of(String own) {
    return data.equals(own) || data.startsWith(own + "/");
  }
}
