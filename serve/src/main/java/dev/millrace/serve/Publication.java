package dev.millrace.serve;

import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Optional;

/** Where the encoder is that shall be served now; asked again and again. */
@FunctionalInterface
public interface Publication {
  /**
   * An encoder to serve.
   *
   * @param version of a live run its version; of a plain one how many chunks it has learned; 0 of a
   *     file
   * @param sha256 of the file, hex
   * @param mend what helps where the file is not as its checksum says
   */
  record Found(int version, Path file, String sha256, String mend) {}

  /** Of a version, which never changes: what helps where it has. */
  String ANOTHER = "it is damaged; promote another version";

  /** Of a file: what helps where it changes while it is read. */
  String AGAIN = "it was replaced meanwhile; it is read again in a moment";

  /**
   * What is published now.
   *
   * @return nothing before the first encoder
   */
  Optional<Found> now() throws IOException;

  /**
   * That of a live run, of a plain one, or of a file.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static Publication of(Path place, InstantSource clock) {
    LiveFolder live = LiveFolder.of(place);
    if (live.hasEncoders()) {
      return ofLive(KeptEncoders.of(live, clock));
    }
    if (RunFolder.of(place).isRun()) {
      return new OfFile(RunFolder.of(place).encoder(), place);
    }
    if (!Files.isRegularFile(place)) {
      throw UsageException.ofWord(
          place + " is no run and no file; give a RUN, live or not, or an encoder.safetensors");
    }
    return new OfFile(place, null);
  }

  /** Of a live run. */
  static Publication ofLive(KeptEncoders encoders) {
    return () -> {
      Optional<EncoderVersion> served = encoders.served();
      return served.map(one -> new Found(one.version(), encoders.file(one), one.sha256(), ANOTHER));
    };
  }

  /** A file that is replaced by renaming; its checksum is taken anew only when it has changed. */
  final class OfFile implements Publication {
    private final Path file;
    private final Path run;
    private FileTime time;
    private long size;
    private Found last;

    OfFile(Path file, Path run) {
      this.file = file;
      this.run = run;
    }

    @Override
    public synchronized Optional<Found> now() throws IOException {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      FileTime modified = Files.getLastModifiedTime(file);
      if (last == null || !modified.equals(time) || Files.size(file) != size) {
        long bytes = Files.size(file);
        int version =
            run == null ? 0 : PublishedEncoder.of(run).map(one -> one.chunk() + 1).orElse(0);
        Found found = new Found(version, file, Sha256.of(file), AGAIN);
        if (!modified.equals(Files.getLastModifiedTime(file))) {
          throw new IOException(file + ": " + AGAIN); // version and bytes may be of two encoders
        }
        last = found;
        size = bytes;
        time = modified;
      }
      return Optional.of(last);
    }
  }
}
