package dev.millrace.exchange.embed;

import dev.millrace.exchange.Pictures;
import dev.millrace.file.Seal;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.probe.FeatureStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;

/** One call of {@link Embedding}: fills the journal, then makes the file of it. Not thread-safe. */
final class EmbeddingRun {
  private final Embedding.Request request;
  private final Embedding.Listener listener;
  private final OutputFiles files;
  private final VectorWriter writer;
  private final Pictures pictures;
  private final Encoder encoder;
  private final About about;
  private int computed;

  EmbeddingRun(
      Embedding.Request request, Embedding.Listener listener, Pictures pictures, Encoder encoder) {
    this.request = request;
    this.listener = listener;
    this.pictures = pictures;
    this.encoder = encoder;
    files = new OutputFiles(request.out());
    writer = VectorWriter.of(request.out());
    about = new About(request.part(), request.options(), pictures, encoder);
  }

  /**
   * Begins, or continues.
   *
   * @param there whether the file was there before the call
   */
  Embedding.Outcome go(boolean there) throws IOException {
    Files.createDirectories(files.folder());
    if (request.keepVectors() && Files.exists(files.vectors())) {
      KeptVectors.requireSame(files.vectors(), about.ofVector()); // before a journal is begun
    }
    try (Journal journal = journal();
        KeptVectors kept = kept()) {
      if (there && !request.keepVectors()) {
        return finished(journal);
      }
      if (Files.exists(request.out()) && !request.keepVectors()) {
        journal.delete(); // another process was faster, from beginning to end
        files.requireFree();
      }
      long began = System.nanoTime();
      long allowed = (long) Math.floor(request.maxBad() * pictures.size());
      compute(journal, kept, allowed);
      Quarantine quarantine =
          new Quarantine(files.quarantine(), pictures, listener, this::checkStop);
      if (journal.bad() > allowed) {
        refuse(journal, quarantine);
      }
      listener.writing(journal.pictures() - journal.bad());
      quarantine.write(journal, null);
      files.unseal();
      write(request.out(), journal);
      if (request.keepVectors()) {
        Rows rows = rows(journal);
        KeptVectors.write(
            files.vectors(),
            about.ofVector(),
            encoder.dim(),
            sink -> {
              for (Row row = rows.next(); row != null; row = rows.next()) {
                sink.put(pictures.key((int) row.id()), row.vector());
              }
            });
      }
      files.seal(writer, request.keepVectors());
      journal.delete();
      double seconds = (System.nanoTime() - began) * 1e-9;
      return outcome(journal, computed / seconds);
    }
  }

  private Journal journal() throws IOException {
    return Journal.open(
        files.unfinished(),
        about.ofJournal(),
        bad -> pictures.decodes(bad.place()),
        request.keepVectors() ? this::takeOver : null);
  }

  /** The vectors of an earlier call; null where there are none. */
  private KeptVectors kept() throws IOException {
    if (!request.keepVectors() || !Files.exists(files.vectors())) {
      return null;
    }
    files.requireVectors();
    return KeptVectors.open(files.vectors(), about.ofVector(), encoder.dim());
  }

  /**
   * Adds what a call computed for an earlier state of the sets, before it was killed, to the kept
   * vectors: most of those pictures are likely to be there still.
   */
  private void takeOver(Journal.Frames frames) throws IOException {
    try (KeptVectors before = kept()) {
      Seal seal = Seal.beside(request.out());
      seal.drop(files.vectors());
      KeptVectors.write(
          files.vectors(),
          about.ofVector(),
          encoder.dim(),
          sink -> {
            Set<Long> newer = new HashSet<>();
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
              checkStop();
              put(frame, newer, sink);
            }
            if (before != null) {
              before.to(sink, newer);
            }
          });
      seal.add(files.vectors());
    }
  }

  private void put(Frame frame, Set<Long> put, KeptVectors.Sink sink) throws IOException {
    int dim = encoder.dim();
    for (int i = 0; i < frame.keys().length; i++) {
      if (put.add(frame.keys()[i])) {
        sink.put(frame.keys()[i], Arrays.copyOfRange(frame.vectors(), i * dim, (i + 1) * dim));
      }
    }
  }

  private void write(Path file, Journal journal) throws IOException {
    long rows = journal.pictures() - journal.bad();
    writer.write(file, about.of(rows, journal.bad()), rows(journal));
  }

  private Rows rows(Journal journal) {
    long rows = journal.pictures() - journal.bad();
    return new FrameRows(journal.frames(), pictures, encoder.dim(), rows, this::checkStop);
  }

  private Embedding.Outcome outcome(Journal journal, double imagesPerSecond) {
    return new Embedding.Outcome(
        journal.pictures() - journal.bad(),
        encoder.dim(),
        imagesPerSecond,
        request.out(),
        journal.bad(),
        encoder.sha256(),
        computed);
  }

  /**
   * A file beside its own journal is done, of a call that was killed before it took the journal
   * off: if it is what the journal makes.
   */
  private Embedding.Outcome finished(Journal journal) throws IOException {
    if (journal.pictures() < pictures.size()) {
      files.requireFree();
    }
    // Always the same name, so that what a kill left here goes with the next call.
    Path again = files.folder().resolve("." + request.out().getFileName() + ".again");
    Trees.delete(again);
    Files.createDirectory(again);
    try {
      Path file = again.resolve(request.out().getFileName());
      write(file, journal);
      if (Files.mismatch(file, request.out()) >= 0) {
        files.requireFree();
      }
    } finally {
      Trees.delete(again);
    }
    files.seal(writer, false);
    journal.delete();
    return outcome(journal, 0);
  }

  private void checkStop() {
    if (listener.stop()) {
      throw new CancellationException("stopped while embedding");
    }
  }

  /** Continues until all pictures are done, or more are bad than are allowed. */
  private void compute(Journal journal, KeptVectors kept, long allowed) throws IOException {
    try (Filling filling = new Filling(pictures, encoder, kept, journal.pictures())) {
      listener.embedded(journal.pictures(), pictures.size(), journal.bad());
      while (journal.bad() <= allowed) {
        checkStop();
        Frame frame = filling.next();
        if (frame == null) {
          return;
        }
        journal.append(frame.keyed(pictures::key));
        computed = filling.computed();
        listener.embedded(journal.pictures(), pictures.size(), journal.bad());
      }
    }
  }

  private void refuse(Journal journal, Quarantine quarantine) throws IOException {
    listener.refusing(journal.bad(), pictures.size());
    long all;
    try (FeatureStream rest = encoder.stream(pictures, journal.pictures())) {
      all = quarantine.write(journal, rest);
    }
    throw new IllegalArgumentException(
        "%d of the %d pictures of %s cannot be decoded, more than --max-bad %s allows: %s; the whole list is in %s: mend them or raise --max-bad, then give the same command again; or take them out of the set and remove %s"
            .formatted(
                all,
                pictures.size(),
                pictures.name(),
                request.maxBad(),
                quarantine.first(journal),
                files.quarantine(),
                files.unfinished()));
  }
}
