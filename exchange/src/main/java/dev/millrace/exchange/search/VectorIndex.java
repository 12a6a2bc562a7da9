package dev.millrace.exchange.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntToLongFunction;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.LongField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.VectorUtil;

/** A complete index, to be asked. Thread-safe; close it to give its files back. */
final class VectorIndex implements AutoCloseable {
  /** Least number of candidates that the graph is asked for: fewer answers would be less sure. */
  private static final int LEAST = 128;

  /** Merges of segments mix the documents. */
  private static final Sort BY_PLACE =
      new Sort(new SortField(IndexBuild.PLACE, SortField.Type.LONG));

  /** A document with its cosine to a query; the farthest first, of equal ones the later. */
  private record Candidate(int document, float cosine) {
    static final Comparator<Candidate> FARTHEST =
        Comparator.comparingDouble(Candidate::cosine)
            .thenComparing(Comparator.comparingInt(Candidate::document).reversed());
  }

  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private VectorIndex(Directory directory, DirectoryReader reader) {
    this.directory = directory;
    this.reader = reader;
    searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
  }

  /**
   * Opens what {@link IndexBuild} completed.
   *
   * @throws IOException if it is damaged
   */
  static VectorIndex open(IndexFolder folder) throws IOException {
    Directory directory = folder.open();
    try {
      VectorIndex index = new VectorIndex(directory, DirectoryReader.open(directory));
      try {
        for (LeafReaderContext leaf : index.reader.leaves()) {
          leaf.reader().checkIntegrity(); // as checkpoints are: by checksum, before use
        }
        return index;
      } catch (IOException e) {
        index.close();
        throw e;
      }
    } catch (CorruptIndexException | java.io.EOFException | java.nio.file.NoSuchFileException e) {
      directory.close();
      throw folder.damaged(e);
    }
  }

  /**
   * By the numbers that the index knows pictures by, their places in a set.
   *
   * @param pictures of the set
   * @param key of the picture at a place
   */
  int[] places(int pictures, IntToLongFunction key) throws IOException {
    return new IndexUpdate(reader, pictures, key).placesByNumber();
  }

  /** By place in a set, the number that the index knows the picture by; else no number at all. */
  int[] numbers(int pictures, IntToLongFunction key) throws IOException {
    return new IndexUpdate(reader, pictures, key).numbers();
  }

  /** A number above all that pictures are known by. */
  int next() throws IOException {
    return new IndexUpdate(reader, 0, place -> 0).next();
  }

  /** What the commit says that was opened. */
  Map<String, String> words() throws IOException {
    return reader.getIndexCommit().getUserData();
  }

  /** Whether it is the last commit of its folder. */
  boolean current() throws IOException {
    return reader.isCurrent();
  }

  /** Pictures that have a vector. */
  int size() {
    return reader.numDocs();
  }

  /**
   * The nearest pictures by the graph, the nearest first; some may be missed.
   *
   * @param query {@code [D]} of length 1
   * @param k how many at most
   */
  List<Hit> near(float[] query, int k) throws IOException {
    KnnFloatVectorQuery graph =
        new KnnFloatVectorQuery(IndexBuild.VECTOR, query, Math.max(LEAST, 2 * k));
    List<Candidate> nearest = new ArrayList<>();
    for (ScoreDoc found : searcher.search(graph, k).scoreDocs) {
      nearest.add(new Candidate(found.doc, 2 * found.score - 1)); // it is (1 + cosine) / 2
    }
    return hits(nearest, k);
  }

  /** The pictures of some vectors, each before the others that have the same. */
  private List<Hit> hits(List<Candidate> nearest, int k) throws IOException {
    List<Hit> hits = new ArrayList<>();
    for (Candidate candidate : nearest) {
      if (hits.size() >= k) {
        break;
      }
      Hit first = hit(candidate.document(), candidate.cosine());
      hits.add(first);
      if (hits.size() < k) {
        Query copies = LongField.newExactQuery(IndexBuild.COPY, first.place());
        for (ScoreDoc copy : searcher.search(copies, k - hits.size(), BY_PLACE).scoreDocs) {
          hits.add(hit(copy.doc, candidate.cosine()));
        }
      }
    }
    return hits;
  }

  /**
   * The nearest pictures of several queries, by looking at every vector once.
   *
   * @param queries each {@code [D]} of length 1
   * @param k how many at most
   */
  List<List<Hit>> exact(List<float[]> queries, int k) throws IOException {
    List<PriorityQueue<Candidate>> nearest = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      nearest.add(new PriorityQueue<>(Candidate.FARTHEST));
    }
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues vectors = leaf.reader().getFloatVectorValues(IndexBuild.VECTOR);
      while (vectors != null && vectors.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
        float[] vector = vectors.vectorValue();
        for (int q = 0; q < queries.size(); q++) {
          float cosine = VectorUtil.dotProduct(queries.get(q), vector);
          PriorityQueue<Candidate> kept = nearest.get(q);
          if (kept.size() < k || cosine > kept.element().cosine()) {
            kept.add(new Candidate(leaf.docBase + vectors.docID(), cosine));
            if (kept.size() > k) {
              kept.remove();
            }
          }
        }
      }
    }
    List<List<Hit>> all = new ArrayList<>();
    for (PriorityQueue<Candidate> kept : nearest) {
      List<Candidate> found = new ArrayList<>(kept);
      found.sort(Candidate.FARTHEST.reversed());
      all.add(hits(found, k));
    }
    return all;
  }

  /** The kept vectors of pictures at some places; a place without one is not among them. */
  Map<Integer, float[]> vectors(List<Integer> places) throws IOException {
    Map<Integer, Integer> firsts = firsts(places);
    Set<Integer> wanted = new HashSet<>(firsts.values());
    Map<Integer, float[]> found = new HashMap<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues vectors = leaf.reader().getFloatVectorValues(IndexBuild.VECTOR);
      NumericDocValues place = leaf.reader().getNumericDocValues(IndexBuild.PLACE);
      while (vectors != null && vectors.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
        if (place.advanceExact(vectors.docID()) && wanted.contains((int) place.longValue())) {
          float[] vector = vectors.vectorValue(); // overwritten by the next
          found.put((int) place.longValue(), Arrays.copyOf(vector, vector.length));
        }
      }
    }
    Map<Integer, float[]> vectors = new HashMap<>();
    firsts.forEach(
        (asked, first) -> {
          if (found.containsKey(first)) {
            vectors.put(asked, found.get(first));
          }
        });
    return vectors;
  }

  /** By place: the place whose vector is the same, its own where it is the first. */
  private Map<Integer, Integer> firsts(List<Integer> places) throws IOException {
    Map<Integer, Integer> firsts = new HashMap<>();
    places.forEach(place -> firsts.put(place, place));
    for (LeafReaderContext leaf : reader.leaves()) {
      SortedNumericDocValues copies = DocValues.getSortedNumeric(leaf.reader(), IndexBuild.COPY);
      NumericDocValues place = leaf.reader().getNumericDocValues(IndexBuild.PLACE);
      while (copies.nextDoc() != SortedNumericDocValues.NO_MORE_DOCS) {
        if (place.advanceExact(copies.docID())) {
          int first = (int) copies.nextValue();
          firsts.replace((int) place.longValue(), first);
        }
      }
    }
    return firsts;
  }

  private Hit hit(int document, float cosine) throws IOException {
    Document kept = searcher.storedFields().document(document);
    return new Hit(
        kept.getField(IndexBuild.PLACE).numericValue().intValue(),
        kept.get(IndexBuild.PATH),
        kept.get(IndexBuild.PART),
        kept.get(IndexBuild.LABEL),
        Math.max(-1, Math.min(1, cosine)));
  }

  /** The vector at length 1, in place; one of zeros stays, and is near to nothing. */
  static float[] unit(float[] vector) {
    double square = 0;
    for (float number : vector) {
      square += (double) number * number;
    }
    if (!Double.isFinite(square)) {
      throw new IllegalArgumentException(
          "a vector holds numbers that are not finite: the encoder's weights are spoiled; give another encoder");
    }
    double length = square > 0 ? Math.sqrt(square) : 1;
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / length);
    }
    return vector;
  }

  @Override
  public void close() throws IOException {
    try (directory) {
      reader.close();
    }
  }
}
