package dev.millrace.exchange.search;

import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/**
 * Lucene's own format of vectors and HNSW graph (Malkov and Yashunin, "Efficient and robust
 * approximate nearest neighbor search using hierarchical navigable small world graphs", TPAMI
 * 2020), with longer vectors than the 1024 numbers that Lucene allows unasked: a ResNet-50 has
 * 2048. Files are read by Lucene's format, whose name this one bears.
 */
final class VectorCodec extends Lucene912Codec {
  /** Most numbers of a vector. */
  static final int LONGEST = 16_384;

  /** Neighbours of a node in the graph; recall rises with it, as size and time do. */
  private static final int NEIGHBOURS = 16;

  /** Candidates among which a new node's neighbours are chosen. */
  private static final int CANDIDATES = 128;

  private final KnnVectorsFormat vectors = new LongVectors();

  @Override
  public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
    return vectors;
  }

  private static final class LongVectors extends KnnVectorsFormat {
    private final KnnVectorsFormat lucene = new Lucene99HnswVectorsFormat(NEIGHBOURS, CANDIDATES);

    LongVectors() {
      super("Lucene99HnswVectorsFormat");
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
      return lucene.fieldsWriter(state);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
      return lucene.fieldsReader(state);
    }

    @Override
    public int getMaxDimensions(String field) {
      return LONGEST;
    }
  }
}
