package dev.millrace.app.evaluate;

import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeResult;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Tells how probing goes on, a line an event. */
final class ProbeProgress implements ProbeListener {
  private final PrintStream to;
  private final BooleanSupplier stop;
  private String where = "";

  /**
   * @param to where progress is written
   * @param stop whether a stop was requested
   */
  ProbeProgress(PrintStream to, BooleanSupplier stop) {
    this.stop = stop;
    this.to = to;
  }

  @Override
  public void set(int number, int of, String data) {
    where = "[%d/%d] %s: ".formatted(number, of, data);
  }

  @Override
  public void extracted(String encoder, String data, int pictures, double seconds) {
    to.printf(
        Locale.ROOT,
        "%s%s, features of %d pictures in %.1f s%n",
        where.isEmpty() ? data + ": " : where,
        encoder,
        pictures,
        seconds);
  }

  @Override
  public void answered(ProbeResult result, String encoder, double seconds, boolean kept) {
    to.printf(
        Locale.ROOT,
        "%s%s, %s%s%s on %s: %.2f%s%n",
        where,
        encoder,
        result.task(),
        result.shots() == null ? "" : " " + result.shots() + "-shot",
        result.split().equals("left-out") ? ", left out," : "",
        result.data(),
        result.value(),
        kept ? " (kept)" : String.format(Locale.ROOT, " (%.1f s)", seconds));
  }

  @Override
  public void missing(String data, String why) {
    to.printf("%snot judged: %s%n", where, why);
  }

  @Override
  public boolean stop() {
    return stop.getAsBoolean();
  }
}
