package dev.millrace.recipe;

import dev.millrace.vision.encoder.file.EncoderWeights;
import dev.millrace.vision.encoder.file.WeightsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The encoder that {@code --init} names, as settings. Stateless and thread-safe. */
public final class InitialShape {
  private InitialShape() {}

  /**
   * The settings with the encoder of the file that {@code init} names, where they are not given; as
   * they are where no file is named or there is none.
   *
   * @param given names of the settings that somebody chose, which stay
   * @throws IOException if the file cannot be read or holds no encoder that is known
   */
  public static Settings of(Settings settings, Set<String> given) throws IOException {
    if (settings.encoder().init().isEmpty()) {
      return settings;
    }
    WeightsFile file = WeightsFile.of(Path.of(settings.encoder().init()));
    if (!file.exists()) {
      return settings;
    }
    Map<String, Object> found = new LinkedHashMap<>(EncoderWeights.of(file).spec().settings());
    if (given.contains("encoder") && !settings.encoder().name().equals(found.get("encoder"))) {
      return settings; // another network, as will be said where the file has to fit
    }
    found.keySet().removeAll(given);
    Map<String, Object> chosen = settings.asMap();
    Encoders.suiting().stream()
        .filter(given::contains)
        .forEach(name -> found.put(name, chosen.get(name)));
    return settings.with(found);
  }
}
