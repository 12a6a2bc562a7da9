package dev.millrace.exchange.embed;

import dev.millrace.engine.Compute;
import dev.millrace.exchange.Pictures;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.file.WorkFolder;
import dev.millrace.inference.Encoder;
import dev.millrace.probe.FeatureStream;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Need;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Makes partitions of an embedding, each on its own: the encoder and the list of pictures are
 * loaded once. Not thread-safe; close it to free the encoder. Two processes may make one partition
 * at a time: both write the same bytes, each beside its place.
 */
final class PartitionMaker implements Closeable {
  private final PartitionFolder folder;
  private final Pictures pictures;
  private final Encoder encoder;
  private final About about;
  private final Partitions partitions;

  PartitionMaker(PartitionedEmbedding.Request request, Catalogue catalogue) throws IOException {
    folder = new PartitionFolder(request.out());
    List<DataSet> sets = new ArrayList<>();
    for (String set : request.data()) {
      sets.add(catalogue.open(set, request.folders(), Need.PICTURES));
    }
    pictures = new Pictures(sets, request.part(), request.images());
    Compute.begin(request.options().threads(), request.options().device());
    encoder = Encoder.load(request.encoder(), request.options());
    about = new About(request.part(), request.options(), pictures, encoder);
    partitions = Partitions.of(pictures.size(), encoder.size(), request.partition());
  }

  Pictures pictures() {
    return pictures;
  }

  Encoder encoder() {
    return encoder;
  }

  Partitions partitions() {
    return partitions;
  }

  /** What the files depend on. */
  Map<String, String> identity() {
    Map<String, String> identity = about.ofJournal();
    identity.put("partition", Integer.toString(partitions.each()));
    return identity;
  }

  /** About the whole. */
  Map<String, Object> words(long rows, long quarantined) {
    Map<String, Object> words = about.of(rows, quarantined);
    words.put("partition", partitions.each());
    words.put("partitions", partitions.count());
    return words;
  }

  /**
   * Makes a partition.
   *
   * @throws CancellationException if it was asked to stop; nothing is written then
   */
  void make(int part, BooleanSupplier stop) throws IOException {
    int from = partitions.from(part);
    int to = partitions.to(part);
    List<Frame> frames = new ArrayList<>();
    long rows = 0;
    List<PartitionRecord.Bad> bad = new ArrayList<>();
    try (FeatureStream stream = encoder.stream(new Beginning(pictures, to), from)) {
      for (FeatureStream.Batch b = stream.take(); b != null; b = stream.take()) {
        check(stop);
        frames.add(new Frame(b.from(), b.count(), List.copyOf(b.bad()), Filling.features(b)));
        b.bad().forEach(one -> bad.add(PartitionRecord.Bad.of(one, pictures.part(one.place()))));
        rows += b.count() - b.bad().size();
      }
    }
    Map<String, Object> words = new LinkedHashMap<>(words(rows, bad.size()));
    words.put("from", from);
    words.put("to", to);
    Iterator<Frame> each = frames.iterator();
    try (WorkFolder work = WorkFolder.in(folder.root(), PartitionFolder.WORK)) {
      Path file = work.path().resolve(Partitions.name(part));
      new ParquetWriter()
          .write(
              file,
              words,
              new FrameRows(
                  () -> each.hasNext() ? each.next() : null,
                  pictures,
                  encoder.dim(),
                  rows,
                  () -> check(stop)));
      PartitionRecord record =
          new PartitionRecord(
              rows, Sha256.of(file), bad, PartitionRecord.sizes(pictures, from, to, bad));
      Path told = work.path().resolve(folder.record(part).getFileName());
      AtomicFiles.write(told, record.bytes());
      AtomicFiles.move(file, folder.file(part));
      Files.createDirectories(folder.record(part).getParent());
      AtomicFiles.move(told, folder.record(part));
    }
  }

  /**
   * Has partitions made again of which a bad picture was mended.
   *
   * @param changed whether sizes of pictures are others than when the embedding was begun
   * @throws IllegalArgumentException if others than bad ones are
   */
  void mend(boolean changed) throws IOException {
    List<Integer> again = new ArrayList<>();
    for (int part = 0; part < partitions.count(); part++) {
      if (folder.done(part)) {
        PartitionRecord record = PartitionRecord.read(folder.record(part));
        if (changed && !sizes(part, record.bad()).equals(record.sizes())) {
          throw folder.otherSizes();
        }
        if (record.bad().stream().anyMatch(bad -> pictures.decodes(bad.place()))) {
          again.add(part);
        }
      }
    }
    for (int part : again) {
      folder.forget(part);
    }
  }

  private String sizes(int part, List<PartitionRecord.Bad> bad) {
    return PartitionRecord.sizes(pictures, partitions.from(part), partitions.to(part), bad);
  }

  private static void check(BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while embedding");
    }
  }

  @Override
  public void close() {
    encoder.close();
  }

  /**
   * The first pictures of a set: what follows is not prepared.
   *
   * @param size how many
   */
  private record Beginning(ImageSet whole, int size) implements ImageSet {
    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public Image image(int index) {
      return whole.image(Objects.checkIndex(index, size));
    }

    @Override
    public List<String> classes() {
      return whole.classes();
    }

    @Override
    public List<String> domains() {
      return whole.domains();
    }
  }
}
