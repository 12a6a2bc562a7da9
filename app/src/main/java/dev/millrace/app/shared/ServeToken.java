package dev.millrace.app.shared;

/** The token that a server asks for. */
public final class ServeToken {
  private static final String VARIABLE = "MILLRACE_TOKEN";

  private ServeToken() {}

  /** The given one; without one, that of the environment, which no command line shows, or none. */
  public static String of(String given) {
    String kept = System.getenv(VARIABLE);
    return given != null ? given : kept != null ? kept : "";
  }
}
