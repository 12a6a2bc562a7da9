package dev.millrace.app.live;

import dev.millrace.app.shared.PlainCommand;
import dev.millrace.file.ShellWords;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command about the encoders of a live run, which may be running meanwhile. */
abstract class LiveEncoderCommand extends PlainCommand {
  @Parameters(index = "0", paramLabel = "RUN", description = "folder of the live run")
  private Path run;

  /** The run's encoders. */
  final KeptEncoders encoders() {
    if (!Files.isDirectory(run)) {
      throw UsageException.ofWord(run + " is no folder; give that of a live run");
    }
    return KeptEncoders.of(LiveFolder.of(run), Clock.systemUTC());
  }

  /** The run. */
  final LiveFolder live() {
    return LiveFolder.of(run);
  }

  /** Prints what is served now. */
  final int print(KeptEncoders encoders, Serving serving) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("serving", serving.any() ? serving.version() : null);
    json.put("serving_sha256", serving.any() ? serving.sha256() : null);
    json.put("since", serving.any() ? serving.since() : null);
    json.put("held", serving.held());
    common.print(
        json,
        List.of(
            serving.any()
                ? "serving version %d%s, from %s, since %s"
                    .formatted(
                        serving.version(),
                        serving.held() ? " (held: the gate promotes no other)" : "",
                        ChunkWords.of(encoders.require(serving.version()).chunk() - 1),
                        serving.since())
                : "serving nothing yet" + (serving.held() ? " (held)" : "")));
    return 0;
  }

  /** One that changes what is served. */
  abstract static class Change extends LiveEncoderCommand {
    @Option(
        names = "--reason",
        paramLabel = "WORDS",
        description = "noted with the decision in decisions.jsonl")
    private String reason = "";

    final String reason() {
      return reason;
    }

    /** Says where to look for what another encoder means. */
    final void sayVectors() {
      if (Files.isDirectory(live().run().search())) {
        System.err.println(
            "`%s` says what this means for kept vectors"
                .formatted(
                    ShellWords.of("millrace", "live", "vectors", ShellWords.place(live().root()))));
      }
    }
  }

  /** One kept version as JSON. */
  static Map<String, Object> json(KeptEncoders encoders, EncoderVersion version, Serving serving) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", version.version());
    json.put("chunk", version.chunk());
    json.put("sha256", version.sha256());
    json.put("kept", version.kept());
    json.put("file", encoders.file(version).toString());
    json.put("serving", version.version() == serving.version());
    return json;
  }
}
