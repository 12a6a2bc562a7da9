package dev.millrace.report.numbers;

/** How a number stands to zero, as far as its seeds tell. */
public enum Relation {
  /** Within the margin around zero. */
  EQUAL,
  /** Below zero. */
  BELOW,
  /** Above zero. */
  ABOVE,
  /** The seeds do not tell, or are too few. */
  OPEN,
  /** There is no number. */
  NOT_MEASURED
}
