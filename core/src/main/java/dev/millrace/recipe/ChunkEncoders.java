package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import dev.millrace.engine.Device;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The encoders that a run writes, each sealed when it is written. One that is damaged or gone is
 * made again from the full state beside it, so that no damaged one is ever published.
 */
final class ChunkEncoders {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkEncoders.class);

  private final RunDirectory directory;
  private final Settings settings;
  private final RunChunks chunks;
  private final Device device;

  ChunkEncoders(RunDirectory directory, Settings settings, RunChunks chunks, Device device) {
    this.directory = directory;
    this.settings = settings;
    this.chunks = chunks;
    this.device = device;
  }

  /** Writes the encoder of a chunk's end. */
  void write(EncoderNet trained, Path file) throws IOException {
    Seal seal = directory.seal();
    seal.drop(file);
    write(trained, file, settings, chunks);
    seal.add(file);
  }

  private static void write(EncoderNet trained, Path file, Settings settings, RunChunks chunks)
      throws IOException {
    Map<String, String> about = new TreeMap<>();
    about.put("settings", JSON.writeValueAsString(SettingsV1.published(settings)));
    about.put("data", chunks.fingerprint());
    if (!settings.history().initSha256().isEmpty()) {
      about.put("init-sha256", settings.history().initSha256());
    }
    EncoderFile.write(file, trained, settings.views().size(), Normalisation.imagenet(), about);
  }

  /**
   * Makes the encoders of the first chunks again where they are damaged or gone, but for those that
   * were let go: a run that went back to an older checkpoint publishes a later one.
   */
  void mend(int learned) throws IOException {
    for (int i = 0; i < Math.min(learned, chunks.count()); i++) {
      Path file = directory.encoder(i);
      if (KeptChunks.letGo(directory.root(), directory.seal(), i) && i < chunks.count() - 1) {
        continue;
      }
      if (!Files.exists(file) || !directory.seal().fits(file)) {
        remake(i, directory.seal().expected(file));
      }
    }
  }

  /** Puts the last chunk's encoder in the place of the finished one. */
  void publish() throws IOException {
    int chunk = chunks.count() - 1;
    Path last = directory.encoder(chunk);
    Path published = directory.encoder();
    Seal seal = directory.seal();
    boolean there = Files.exists(published);
    if (there && Sha256.of(published).equals(Sha256.of(last))) {
      seal.add(published);
      directory.published(chunks.count(), chunks.count());
      return;
    }
    if (directory.isExtended(chunks.count())) {
      LOG.debug("{} takes the place of the encoder before the extension", last);
    } else if (there && !seal.fits(published)) {
      LOG.warn("{} was damaged; it is published again from {}", published, last);
    } else if (there) {
      // Of a version that sealed nothing: one of the two is damaged, and the state knows which.
      remake(chunk, null);
    }
    seal.drop(published);
    AtomicFiles.write(published, Files.readAllBytes(last));
    seal.add(published);
    directory.published(chunks.count(), chunks.count());
  }

  /**
   * Writes a chunk's encoder from the state at its end, under the words it had.
   *
   * @param expected its checksum; null where it is not known
   */
  private void remake(int chunk, String expected) throws IOException {
    Path file = directory.encoder(chunk);
    Path fresh = file.resolveSibling("remade.safetensors");
    try (Learner learner =
            Wiring.learner(settings, chunks, device, PartSettings.precision(settings));
        PointerScope scope = new PointerScope()) {
      if (Checkpoints.ofChunk(directory.root(), chunk).restorePart(learner.state()).isEmpty()) {
        throw new IOException(
            "%s is damaged or gone, and so is the state beside it, which it could be made again from; bring it back from a copy of yours"
                .formatted(file));
      }
      // An extension since then changed what the run says of its stream, not what was learned.
      boolean same = false;
      for (int count = chunk + 1; count <= chunks.count() && !same; count++) {
        write(
            learner.network().encoder(),
            fresh,
            ChunkSettings.first(settings, count),
            chunks.first(count));
        same = Sha256.of(fresh).equals(expected);
      }
      directory.seal().drop(file);
      AtomicFiles.move(fresh, file);
      directory.seal().add(file);
      LOG.warn(
          "{} was damaged or gone; it is made again from the state beside it{}",
          file,
          same ? ", to the bit" : "");
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
