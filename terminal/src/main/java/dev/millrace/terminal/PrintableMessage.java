package dev.millrace.terminal;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.millrace.file.Printable;

/** What is logged, as one line, whatever names stand in it; {@code %line} in logback.xml. */
public final class PrintableMessage extends MessageConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return Printable.of(super.convert(event));
  }
}
