package dev.millrace.engine;

import dev.millrace.pickle.Pickle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A pickle of tensors and of what is usual around them. Not thread-safe. */
final class TensorPickle {
  /** Finds the storage that a tensor lies in. */
  @FunctionalInterface
  interface Storages {
    StoredTensor.Storage storage(String key, ElementType type, long elements) throws IOException;
  }

  /** Longest pickle that is read: training scripts keep arrays and histories in theirs. */
  static final int LONGEST = 64 << 20;

  private final Pickle pickle;

  /**
   * A pickle that begins at a buffer's position, and leaves it behind its end.
   *
   * @param file named in refusals
   */
  TensorPickle(Path file, ByteBuffer pickle, Storages storages) {
    this.pickle = new Pickle(file.toString(), pickle, new TensorCalls(file, storages));
  }

  /**
   * What the pickle holds, as {@link Pickle#read} has it, and {@link StoredTensor}s.
   *
   * @throws IOException if it is damaged, or longer than any of tensors
   */
  Object read() throws IOException {
    return pickle.read();
  }
}
