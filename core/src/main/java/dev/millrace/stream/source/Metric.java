package dev.millrace.stream.source;

/** How accuracy on a set is counted by convention. */
public enum Metric {
  /** Share of all pictures. */
  TOP1,
  /** Mean over classes of the share in each. */
  MEAN_PER_CLASS
}
