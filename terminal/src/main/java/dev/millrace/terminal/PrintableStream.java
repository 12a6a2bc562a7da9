package dev.millrace.terminal;

import dev.millrace.file.Printable;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/**
 * A stream for people, in which nobody's name can forge a line or steer a terminal: whatever is
 * printed as a line is one line, and what is put into a format is made printable, while the
 * format's own line breaks stay. {@code print} alone writes as it stands, for those who draw over
 * lines. Not to be closed: the stream behind it is the process's.
 */
public final class PrintableStream extends PrintStream {
  private final PrintStream to;

  /** Over a stream of the process. */
  public PrintableStream(PrintStream to) {
    super(to, true);
    this.to = to;
  }

  /** Does a command's work with stdout and stderr made such streams, and puts them back. */
  public static int around(IntSupplier work) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(new PrintableStream(out));
    System.setErr(new PrintableStream(err));
    try {
      return work.getAsInt();
    } finally {
      System.out.flush();
      System.err.flush();
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** A failure's trace, a line each. */
  public static String trace(Throwable failure) {
    ByteArrayOutputStream trace = new ByteArrayOutputStream();
    failure.printStackTrace(
        new PrintableStream(new PrintStream(trace, true, StandardCharsets.UTF_8)));
    return trace.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void println(String line) {
    to.println(Printable.of(String.valueOf(line)));
  }

  /** Stack traces come by here, a line at a time, indented by tabs. */
  @Override
  public void println(Object line) {
    String words = String.valueOf(line);
    int own = words.length() - words.replaceFirst("^\t+", "").length();
    to.println(words.substring(0, own) + Printable.of(words.substring(own)));
  }

  @Override
  public void print(String text) {
    to.print(text);
  }

  @Override
  public PrintStream format(Locale locale, String format, Object... values) {
    Object[] printable =
        Stream.of(values)
            .map(
                value ->
                    value == null || value instanceof Number || value instanceof Character
                        ? value
                        : Printable.of(value.toString()))
            .toArray();
    to.print(String.format(locale, format, printable));
    return this;
  }

  @Override
  public PrintStream format(String format, Object... values) {
    return format(Locale.getDefault(Locale.Category.FORMAT), format, values);
  }

  @Override
  public PrintStream printf(Locale locale, String format, Object... values) {
    return format(locale, format, values);
  }

  @Override
  public PrintStream printf(String format, Object... values) {
    return format(format, values);
  }
}
