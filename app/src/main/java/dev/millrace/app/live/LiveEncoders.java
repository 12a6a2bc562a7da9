package dev.millrace.app.live;

import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The kept encoders of a live run. */
@Command(
    name = "encoders",
    description =
        "Lists the kept encoders of a live run, what the gate found, and which one is served.")
final class LiveEncoders extends LiveEncoderCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    KeptEncoders encoders = encoders();
    Serving serving = encoders.serving();
    Map<Integer, Decision> judged = new LinkedHashMap<>();
    for (Decision decision : encoders.decisions().all()) {
      if (decision.what().equals(Decision.GATE)) {
        judged.put(decision.version(), decision);
      }
    }
    List<Map<String, Object>> versions = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (int number : encoders.numbers()) {
      Optional<EncoderVersion> found = encoders.find(number); // says what is wrong with it
      if (found.isEmpty()) {
        versions.add(Map.of("version", number, "damaged", true));
        lines.add("%s %4d  damaged".formatted(number == serving.version() ? "*" : " ", number));
        continue;
      }
      EncoderVersion version = found.get();
      Decision gate = judged.get(number);
      Map<String, Object> json = json(encoders, version, serving);
      json.put("verdict", gate == null ? null : gate.verdict());
      json.put("judged", gate == null ? null : gate.at());
      versions.add(json);
      lines.add(
          "%s %4d  chunk %4d  %s  %s  %s"
              .formatted(
                  version.version() == serving.version() ? "*" : " ",
                  version.version(),
                  version.chunk(),
                  version.kept(),
                  version.sha256().substring(0, 12),
                  gate == null ? "not judged" : gate.verdict()));
    }
    lines.add(
        serving.any()
            ? "* is served" + (serving.held() ? ", and held: the gate promotes no other" : "")
            : "none is served yet");
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("serving", serving.any() ? serving.version() : null);
    json.put("held", serving.held());
    json.put("encoders", versions);
    common.print(json, lines);
    return 0;
  }
}
