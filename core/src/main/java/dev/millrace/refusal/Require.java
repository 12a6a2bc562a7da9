package dev.millrace.refusal;

/** Conditions of what is given, each with the words of its refusal. */
public final class Require {
  private Require() {}

  /**
   * Refuses a flag's value.
   *
   * @param words what stands behind the flag, with found, expected and mend: {@code 0 is below 1}
   * @throws UsageException if it does not hold
   */
  public static void flag(boolean holds, String flag, String words) {
    if (!holds) {
      throw UsageException.of(flag, words);
    }
  }

  /**
   * Refuses the value of a record's component.
   *
   * @param component its name in Java
   * @param words what stands behind it, with found, expected and mend: {@code 0 is below 1}
   * @throws UsageException if it does not hold
   */
  public static void component(boolean holds, String component, String words) {
    if (!holds) {
      throw UsageException.ofComponent(component, words);
    }
  }

  /**
   * Refuses the value of a record's component that is not above 0, or is infinite.
   *
   * @param component its name in Java
   * @throws UsageException if it is not
   */
  public static void positive(double value, String component) {
    boolean infinite = value == Double.POSITIVE_INFINITY;
    component(
        value > 0 && !infinite,
        component,
        value + (infinite ? " is not finite" : " is not above 0"));
  }

  /**
   * Refuses a value that no flag gives.
   *
   * @throws IllegalArgumentException if it does not hold
   */
  public static void that(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
