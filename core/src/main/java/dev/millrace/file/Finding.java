package dev.millrace.file;

/**
 * What reading a file again found.
 *
 * @param file its name, within the folder that was examined
 * @param ok whether it can be used
 * @param found what there is, for a person
 * @param mend what to do; empty if nothing
 */
public record Finding(String file, boolean ok, String found, String mend) {
  /** A file that is as it was written. */
  public static Finding ok(String file, String found) {
    return new Finding(file, true, found, "");
  }

  /** A file that is not. */
  public static Finding bad(String file, String found, String mend) {
    return new Finding(file, false, found, mend);
  }
}
