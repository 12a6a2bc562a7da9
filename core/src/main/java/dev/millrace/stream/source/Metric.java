package dev.millrace.stream.source;

/** How accuracy on a set is counted by convention. */
public enum Metric {
  /** Share of all pictures. */
  TOP1("accuracy over all pictures (top-1)"),
  /** Mean over classes of the share in each. */
  MEAN_PER_CLASS("accuracy per class, averaged over classes");

  private final String words;

  Metric(String words) {
    this.words = words;
  }

  /** The name in a sentence. */
  public String words() {
    return words;
  }
}
