package dev.millrace.terminal;

import dev.millrace.engine.FreeCores;
import java.io.PrintStream;
import java.util.Locale;

/** Numbers, and the command itself, as a person says them. */
public final class Say {
  private Say() {}

  /** The command, as the person who started it calls the launcher. */
  public static String command() {
    return System.getProperty("millrace.command", "millrace");
  }

  /** {@code 1 picture}, {@code 20 pictures}. */
  public static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 4.2 s}, {@code 48 s}, {@code 3 min 20 s}, {@code 5 h 7 min}. */
  public static String time(double seconds) {
    if (Double.isNaN(seconds) || Double.isInfinite(seconds)) {
      return "unknown time";
    }
    long whole = Math.max(0, (long) seconds);
    if (whole < 10) {
      return String.format(Locale.ROOT, "%.1f s", Math.max(0, seconds));
    }
    return whole >= 3600
        ? whole / 3600 + " h " + whole / 60 % 60 + " min"
        : whole >= 60 ? whole / 60 + " min " + whole % 60 + " s" : whole + " s";
  }

  /** Which threads are used, where they are fewer than cores; nothing is said of the usual. */
  public static void threads(FreeCores.Choice choice, PrintStream to) {
    if (choice.fewer()) {
      to.printf(
          "using %s of %d, which is faster here and now; --threads N decides%n",
          count(choice.threads(), "thread"), choice.cores());
    }
  }

  /** A loss with three decimals. */
  public static String loss(double loss) {
    return String.format(Locale.ROOT, "%.3f", loss);
  }
}
