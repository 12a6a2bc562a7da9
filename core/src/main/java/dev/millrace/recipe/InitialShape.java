package dev.millrace.recipe;

import dev.millrace.vision.encoder.EncoderWeights;
import dev.millrace.vision.encoder.ResNetShape;
import dev.millrace.vision.encoder.WeightsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The encoder that {@code --init} names, as settings. Stateless and thread-safe. */
public final class InitialShape {
  private InitialShape() {}

  /**
   * The settings with encoder, width and stem of the file that {@code init} names, where they are
   * not given; as they are where no file is named or there is none.
   *
   * @param given names of the settings that somebody chose, which stay
   * @throws IOException if the file cannot be read or holds no encoder that is known
   */
  public static Settings of(Settings settings, Set<String> given) throws IOException {
    if (settings.init().isEmpty()) {
      return settings;
    }
    WeightsFile file = WeightsFile.of(Path.of(settings.init()));
    if (!file.exists() || given.containsAll(Set.of("encoder", "width", "stem"))) {
      return settings;
    }
    ResNetShape shape = EncoderWeights.of(file).shape();
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("encoder", shape.name());
    found.put("width", shape.width());
    found.put("stem", shape.stem().name().toLowerCase(Locale.ROOT));
    found.keySet().removeAll(given);
    return settings.with(found);
  }
}
