package dev.millrace.exchange.embed;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** How JSON is written here: a value a line, numbers as short as they can be told apart. */
final class JsonLines {
  private static final int BUFFER = 1 << 16;

  private JsonLines() {}

  /** Writes lines. */
  interface Content {
    void to(JsonGenerator json) throws IOException;
  }

  /** A file of one object. */
  static void object(Path file, Map<String, Object> object) throws IOException {
    AtomicFiles.write(
        file, (Json.NUMBERS.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** A file of lines; each object that the content writes becomes one. */
  static void lines(Path file, Content content) throws IOException {
    AtomicFiles.write(
        file,
        channel -> {
          JsonGenerator json = generator(channel);
          content.to(json);
          json.flush();
        });
  }

  private static JsonGenerator generator(FileChannel channel) throws IOException {
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    return Json.NUMBERS
        .getFactory()
        .createGenerator(out)
        .setRootValueSeparator(new SerializedString(""));
  }

  /** Ends the line of the object that was written last. */
  static void end(JsonGenerator json) throws IOException {
    json.writeRaw('\n');
  }

  /** The fields of a row but its vector. */
  static void about(JsonGenerator json, Row row) throws IOException {
    json.writeNumberField("id", row.id());
    json.writeStringField("path", row.path());
    json.writeStringField("part", row.part());
    json.writeStringField("label", row.label());
  }
}
