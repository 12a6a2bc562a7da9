package dev.millrace.exchange.embed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * JSON lines: {@code {"id":0,"path":"cat/1.jpg","part":"train","label":"cat","vector":[…]}}, label
 * null where there is none; beside it {@code FILE.json} about the encoder.
 */
final class JsonLinesWriter implements VectorWriter {
  @Override
  public List<Path> beside(Path file) {
    return List.of(VectorWriter.behind(file, ".json"));
  }

  @Override
  public void write(Path file, Map<String, Object> about, Rows rows) throws IOException {
    JsonLines.object(beside(file).get(0), about);
    JsonLines.lines(
        file,
        json -> {
          for (Row row = rows.next(); row != null; row = rows.next()) {
            json.writeStartObject();
            JsonLines.about(json, row);
            json.writeArrayFieldStart("vector");
            for (float number : row.vector()) {
              json.writeNumber(number);
            }
            json.writeEndArray();
            json.writeEndObject();
            JsonLines.end(json);
          }
        });
  }
}
