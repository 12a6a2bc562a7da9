package dev.millrace.exchange.embed;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.exchange.Pictures;
import dev.millrace.probe.BadPicture;
import dev.millrace.probe.FeatureStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The list of pictures without a vector: a line each with id, path, part and reason. */
final class Quarantine {
  static final int NAMED = 3;

  private final Path file;
  private final Pictures pictures;
  private final Embedding.Listener listener;
  private final Runnable stop;

  Quarantine(Path file, Pictures pictures, Embedding.Listener listener, Runnable stop) {
    this.file = file;
    this.pictures = pictures;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Lists the bad pictures, or removes an older list where there are none; answers how many.
   *
   * @param rest pictures behind the journal's, to be looked at too; or null
   */
  long write(Journal journal, FeatureStream rest) throws IOException {
    if (journal.bad() == 0) {
      Files.deleteIfExists(file);
      return 0;
    }
    long[] listed = {0};
    JsonLines.lines(
        file,
        json -> {
          Journal.Frames frames = journal.frames();
          for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
            stop.run();
            listed[0] += list(json, frame.bad());
          }
          if (rest != null) {
            for (FeatureStream.Batch b = rest.take(); b != null; b = rest.take()) {
              stop.run();
              listed[0] += list(json, b.bad());
              listener.embedded(b.from() + b.count(), pictures.size(), listed[0]);
            }
          }
        });
    return listed[0];
  }

  private int list(JsonGenerator json, List<BadPicture> bad) throws IOException {
    for (BadPicture one : bad) {
      json.writeStartObject();
      json.writeNumberField("id", one.place());
      json.writeStringField("path", one.id());
      json.writeStringField("part", pictures.part(one.place()));
      json.writeStringField("reason", one.reason());
      json.writeEndObject();
      JsonLines.end(json);
    }
    return bad.size();
  }

  /** The first few, for a person. */
  String first(Journal journal) throws IOException {
    List<BadPicture> first = new ArrayList<>();
    Journal.Frames frames = journal.frames();
    for (Frame f = frames.next(); f != null && first.size() < NAMED; f = frames.next()) {
      first.addAll(f.bad());
    }
    return first.stream()
        .limit(NAMED)
        .map(bad -> bad.id() + " (" + bad.reason() + ")")
        .collect(Collectors.joining(", "));
  }
}
