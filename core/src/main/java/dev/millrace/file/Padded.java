package dev.millrace.file;

/**
 * Numbers within names of files and pictures. A format's {@code %05d} has the digits of the
 * machine's locale, and what is called by those is not found again under another. Stateless and
 * thread-safe.
 */
public final class Padded {
  private Padded() {}

  /**
   * A number in the digits 0 to 9, with zeros before it.
   *
   * @param number at least 0
   * @param digits at least so many
   */
  public static String of(long number, int digits) {
    if (number < 0) {
      throw new IllegalArgumentException(number + " is below 0 and in no name");
    }
    String plain = Long.toString(number);
    return "0".repeat(Math.max(0, digits - plain.length())) + plain;
  }
}
