package dev.millrace.learn.run;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.engine.Safetensors;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.Steps;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Runs of seconds: settings, data and a look into their folders. */
final class TinyRuns {
  static final String SET = "generated:images=128;test=32;classes=4;size=16";

  private TinyRuns() {}

  static Settings tiny(String... data) {
    return Settings.defaults(data)
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                32,
                "queue",
                64,
                "replay",
                0.25,
                "mas",
                1,
                "threads",
                1,
                "checkpoint-steps",
                3));
  }

  static Settings classStream() {
    return tiny(SET).with(Map.of("stream", "class", "chunks", 2));
  }

  static String set(int seed) {
    return "generated:images=64;test=8;classes=4;size=16;seed=" + seed;
  }

  static Path only(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  /**
   * By how the states of two runs that ended differ: all that their last checkpoints hold, what
   * matters only to a next chunk included.
   *
   * @return names of tensors that only one has, or of which a bit is another
   */
  static Set<String> differing(Path one, Path other) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> a = lastState(one);
      Map<String, Tensor> b = lastState(other);
      Set<String> names = new TreeSet<>(a.keySet());
      names.addAll(b.keySet());
      names.removeIf(
          name -> a.containsKey(name) && b.containsKey(name) && a.get(name).equal(b.get(name)));
      return names;
    }
  }

  private static Map<String, Tensor> lastState(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      Path last =
          files
              .filter(f -> f.toString().endsWith(".safetensors"))
              .sorted()
              .reduce((a, b) -> b)
              .get();
      return Safetensors.read(last, new Device("cpu")).tensors();
    }
  }

  /** 64 pictures of two classes. */
  static void pictures(Path data) throws IOException {
    for (int i = 0; i < 64; i++) {
      Path file = data.resolve("train/" + (i % 2 == 0 ? "a" : "b") + "/" + i + ".ppm");
      Files.createDirectories(file.getParent());
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = java.util.Arrays.copyOf(head, head.length + 768);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3));
      }
      Files.write(file, bytes);
    }
  }

  /**
   * A run of one chunk, on one thread.
   *
   * @param opened called once the chunk is open, before its first step
   */
  static void pretrain(Path run, ImageSet set, Plan plan, Runnable opened) throws IOException {
    Natives.load();
    Natives.threads(1);
    Chunk chunk = new Chunk(0, "all", set);
    Chunks chunks =
        new Chunks() {
          @Override
          public int count() {
            return 1;
          }

          @Override
          public Chunk open(int index) {
            return chunk;
          }
        };
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    try (Learner learner =
            Steps.moco(new MoCoV2.Settings(64, 0.9, 0.2, 16, 1), shape, Precision.FP32, 1);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 1e-4), learner.network().weights())) {
      ViewSchedule views =
          ViewSchedule.constant(
              new ViewMaker(Augmentation.mocoV2(16), Normalisation.imagenet()), 16);
      new Pretraining(
              index -> plan,
              new Pretraining.Parts(learner, new Remedies(List.of()), sgd, views, new Alone()),
              chunks,
              set.classes(),
              run,
              new Checkpoints(run.resolve("checkpoints"), 2, "x", () -> null),
              (trained, file) ->
                  EncoderFile.write(file, trained, 16, Normalisation.imagenet(), Map.of()),
              event -> {
                if (event instanceof RunEvent.ChunkOpened) {
                  opened.run();
                }
              },
              () -> false)
          .run(1);
    }
  }
}
