package dev.millrace.exchange.search;

import dev.millrace.probe.BadPicture;
import dev.millrace.probe.Features;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.LockObtainFailedException;

/**
 * Makes an index, or goes on with one that was not finished. What was committed stays, whatever
 * kills the process; memory holds a few thousand vectors, however many pictures there are.
 */
final class IndexBuild {
  static final String VECTOR = "vector";
  static final String PLACE = "place";
  static final String PATH = "path";
  static final String PART = "part";
  static final String LABEL = "label";

  /**
   * Place of the first picture that has the same vector, of a picture that has none of its own. A
   * graph of many equal vectors falls apart: each is linked to its equals, as the nearest.
   */
  static final String COPY = "copy";

  private static final int NAMED = 5;
  private static final double MEGABYTES = 64;

  /** Some pictures next to each other, and the vectors of those that could be decoded. */
  interface Batch {
    int from();

    int count();

    List<BadPicture> bad();

    /** {@code [count − bad, D] float32}, a row after the other, finite. */
    float[] vectors();
  }

  /** Gives one batch after another, null after the last. */
  interface Batches extends AutoCloseable {
    Batch take() throws IOException;

    @Override
    void close();
  }

  /** Where the batches come from. */
  interface Vectors {
    /** From a place on, in the set's order; the caller closes them. */
    Batches from(int place);
  }

  /** What is kept of a picture beside its vector. */
  interface Names {
    /** A hit without its cosine. */
    Hit of(int place);
  }

  private final IndexFolder folder;
  private final Origin origin;
  private final Names names;
  private final PictureSearch.Listener listener;
  private final double commitSeconds;
  private final FirstPlaces firsts = new FirstPlaces();

  IndexBuild(
      IndexFolder folder,
      Origin origin,
      Names names,
      PictureSearch.Listener listener,
      double commitSeconds) {
    this.folder = folder;
    this.origin = origin;
    this.names = names;
    this.listener = listener;
    this.commitSeconds = commitSeconds;
  }

  /**
   * Goes on from the last commit to a complete index.
   *
   * @param words the last commit's; null to begin from nothing, dropping whatever is there
   * @throws IllegalArgumentException if too many pictures are bad
   * @throws IOException if it cannot be written, or another process is at it
   * @throws CancellationException if a stop was asked for; what was done is kept
   */
  void go(Map<String, String> words, Vectors vectors) throws IOException {
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(new VectorCodec())
            .setUseCompoundFile(false)
            .setRAMBufferSizeMB(MEGABYTES)
            .setMergeScheduler(new SerialMergeScheduler())
            .setCommitOnClose(false)
            .setOpenMode(
                words == null
                    ? IndexWriterConfig.OpenMode.CREATE
                    : IndexWriterConfig.OpenMode.APPEND);
    try (Directory directory = folder.open();
        IndexWriter writer = new IndexWriter(directory, config)) {
      int done = IndexFolder.done(words);
      List<String> bad = new ArrayList<>(IndexFolder.bad(words));
      commit(writer, done, bad, false); // an index of this origin from now on
      if (done < origin.pictures()) {
        add(writer, vectors, done, bad);
      }
      listener.joining();
      writer.forceMerge(1);
      commit(writer, origin.pictures(), bad, true);
    } catch (CorruptIndexException | EOFException | NoSuchFileException e) {
      throw folder.damaged(e);
    } catch (LockObtainFailedException e) {
      throw new IOException(
          "another process is making the index " + folder.path() + "; wait for it, then try again",
          e);
    }
  }

  private void add(IndexWriter writer, Vectors vectors, int from, List<String> bad)
      throws IOException {
    long committed = System.nanoTime();
    int done = from;
    listener.indexed(done, origin.pictures(), bad.size());
    remember(writer);
    try (Batches batches = vectors.from(from)) {
      for (Batch batch = batches.take(); batch != null; batch = batches.take()) {
        for (BadPicture one : batch.bad()) {
          bad.add(one.id() + " (" + one.reason() + ")");
        }
        requireFew(bad);
        add(writer, batch);
        done = batch.from() + batch.count();
        listener.indexed(done, origin.pictures(), bad.size());
        boolean stopped = listener.stop();
        if (stopped || (System.nanoTime() - committed) * 1e-9 > commitSeconds) {
          commit(writer, done, bad, false);
          committed = System.nanoTime();
        }
        if (stopped) {
          throw new CancellationException("stopped while an index was made");
        }
      }
    }
    commit(writer, done, bad, false);
  }

  /** The vectors that an earlier call committed. */
  private void remember(IndexWriter writer) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      for (LeafReaderContext leaf : reader.leaves()) {
        FloatVectorValues vectors = leaf.reader().getFloatVectorValues(VECTOR);
        NumericDocValues places = leaf.reader().getNumericDocValues(PLACE);
        while (vectors != null && vectors.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
          if (places.advanceExact(vectors.docID())) {
            firsts.of(vectors.vectorValue(), (int) places.longValue());
          }
        }
      }
    }
  }

  private void requireFew(List<String> bad) {
    if (bad.size() > Features.MAX_BAD * origin.pictures()) {
      throw new IllegalArgumentException(
          "more than 1 %% of the %d pictures cannot be decoded: %s%s; mend them or take them out of the set"
              .formatted(
                  origin.pictures(),
                  String.join(", ", bad.subList(0, Math.min(NAMED, bad.size()))),
                  bad.size() > NAMED ? " and " + (bad.size() - NAMED) + " more" : ""));
    }
  }

  private void add(IndexWriter writer, Batch batch) throws IOException {
    int good = batch.count() - batch.bad().size();
    if (good == 0) {
      return;
    }
    float[] rows = batch.vectors();
    int dim = rows.length / good;
    int row = 0;
    int skipped = 0;
    for (int place = batch.from(); place < batch.from() + batch.count(); place++) {
      if (skipped < batch.bad().size() && batch.bad().get(skipped).place() == place) {
        skipped++;
        continue;
      }
      float[] vector = new float[dim];
      System.arraycopy(rows, row++ * dim, vector, 0, dim);
      VectorIndex.unit(vector);
      writer.addDocument(document(names.of(place), vector, firsts.of(vector, place)));
    }
  }

  private static Document document(Hit hit, float[] unit, int first) {
    Document document = new Document();
    if (first == FirstPlaces.NONE) {
      document.add(
          new KnnFloatVectorField(
              VECTOR,
              unit,
              KnnFloatVectorField.createFieldType(
                  unit.length, VectorSimilarityFunction.DOT_PRODUCT)));
    } else {
      document.add(new LongField(COPY, first, Field.Store.NO));
    }
    document.add(new NumericDocValuesField(PLACE, hit.place()));
    document.add(new StoredField(PLACE, hit.place()));
    document.add(new StoredField(PATH, hit.path()));
    document.add(new StoredField(PART, hit.part()));
    if (hit.label() != null) {
      document.add(new StoredField(LABEL, hit.label()));
    }
    return document;
  }

  private void commit(IndexWriter writer, int done, List<String> bad, boolean complete)
      throws IOException {
    Map<String, String> words = origin.words();
    words.put(IndexFolder.DONE, Integer.toString(done));
    words.put(IndexFolder.BAD, IndexFolder.list(bad));
    if (complete) {
      words.put(IndexFolder.COMPLETE, "true");
    }
    writer.setLiveCommitData(words.entrySet());
    writer.commit();
  }
}
