package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lines of JSON, read one after another, so that memory does not grow with the file. */
final class LogLines {
  /** Takes one line without its end. */
  @FunctionalInterface
  private interface Taker {
    void take(byte[] line) throws IOException;
  }

  /** Takes one line as text. */
  @FunctionalInterface
  interface TextTaker {
    void take(String line) throws IOException;
  }

  private LogLines() {}

  private static void each(Path log, Taker taker) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(log), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n') {
          taker.take(line.toByteArray());
          line.reset();
        } else {
          line.write(next);
        }
      }
      if (line.size() > 0) {
        taker.take(line.toByteArray());
      }
    } catch (IOException e) {
      throw Reason.named(log, e);
    }
  }

  /** The line's number of a field; below every other where the line cannot be read. */
  private static long value(byte[] line, String field) throws IOException {
    try {
      JsonNode node = JSON.readTree(line);
      return node != null && node.path(field).isIntegralNumber()
          ? node.path(field).asLong()
          : Long.MIN_VALUE;
    } catch (JsonProcessingException | java.io.CharConversionException e) {
      return Long.MIN_VALUE;
    }
  }

  /**
   * Drops the lines that have a field above a value, those that do not rise, those that cannot be
   * read and a half-written last one.
   *
   * @param last greatest value that stays
   */
  static void rewind(Path log, String field, long last) throws IOException {
    if (!Files.exists(log)) {
      return;
    }
    AtomicFiles.write(
        log,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          long[] highest = {Long.MIN_VALUE + 1};
          each(
              log,
              line -> {
                long value = value(line, field);
                if (value >= highest[0] && value <= last) {
                  highest[0] = value;
                  out.write(line);
                  out.write('\n');
                }
              });
          out.flush();
        });
  }

  /** The readable lines that have a field of a value or above, in order. */
  static List<String> from(Path log, String field, long value) throws IOException {
    List<String> lines = new ArrayList<>();
    each(log, field, value, lines::add);
    return lines;
  }

  /** Gives the readable lines that have a field, in order. */
  static void each(Path log, String field, TextTaker taker) throws IOException {
    each(log, field, Long.MIN_VALUE + 1, taker);
  }

  private static void each(Path log, String field, long value, TextTaker taker) throws IOException {
    if (Files.exists(log)) {
      each(
          log,
          line -> {
            if (value(line, field) >= value) {
              taker.take(new String(line, StandardCharsets.UTF_8));
            }
          });
    }
  }
}
