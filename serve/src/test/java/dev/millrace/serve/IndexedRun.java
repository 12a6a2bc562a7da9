package dev.millrace.serve;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** A live run that serves real, if untrained, encoders, and has indexes of 620 pictures. */
final class IndexedRun {
  static final String SET = "generated:images=600;test=20;classes=4;size=16";
  private static final Device CPU = new Device("cpu");

  private final Path folder;
  private final LiveFolder live;
  private final KeptEncoders encoders;

  /** Serves its first version, of which it has the index {@code photos}. */
  IndexedRun(Path folder) throws IOException {
    Natives.load();
    this.folder = folder;
    live = LiveFolder.of(folder.resolve("live"));
    encoders = KeptEncoders.of(live, Clock.systemUTC());
    promote(1);
    search(index("photos"), false);
  }

  LiveFolder live() {
    return live;
  }

  KeptEncoders encoders() {
    return encoders;
  }

  static Encoder.Options options() {
    return new Encoder.Options(Precision.FP32, 0, CPU, 1);
  }

  EncoderVersion promote(int seed) throws IOException {
    Path file = folder.resolve("made.safetensors");
    try (EncoderFile made =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL), 16, Map.of(), CPU)) {
      made.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, made.net(), 16, Normalisation.imagenet(), Map.of());
    }
    EncoderVersion version = encoders.keep(file, folder.resolve("run"), seed);
    encoders.promotions().promote(version.version(), "");
    return version;
  }

  Path index(String name) {
    return live.run().search().resolve(name);
  }

  /** As {@code millrace search} makes an index. */
  void search(Path index, boolean rebuild) throws IOException {
    Path encoder = encoders.file(encoders.served().orElseThrow());
    try (PictureSearch search =
        PictureSearch.open(new PictureSearch.Request(encoder, SET, index, rebuild, options()))) {
      search.prepare(new PictureSearch.Listener() {});
    }
  }
}
