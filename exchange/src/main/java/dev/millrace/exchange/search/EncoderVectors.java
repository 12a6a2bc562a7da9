package dev.millrace.exchange.search;

import dev.millrace.probe.BadPicture;
import dev.millrace.probe.FeatureStream;
import java.util.List;

/** An encoder's stream of features, as vectors to be indexed. Close it to stop its workers. */
final class EncoderVectors implements IndexBuild.Batches {
  private record Featured(FeatureStream.Batch batch) implements IndexBuild.Batch {
    @Override
    public int from() {
      return batch.from();
    }

    @Override
    public int count() {
      return batch.count();
    }

    @Override
    public List<BadPicture> bad() {
      return batch.bad();
    }

    @Override
    public float[] vectors() {
      return batch.features();
    }
  }

  private final FeatureStream stream;

  EncoderVectors(FeatureStream stream) {
    this.stream = stream;
  }

  @Override
  public IndexBuild.Batch take() {
    FeatureStream.Batch batch = stream.take();
    return batch == null ? null : new Featured(batch);
  }

  @Override
  public void close() {
    stream.close();
  }
}
