package dev.millrace.learn.method;

/**
 * What steers a method: a record beside its code, whose components are settings ({@link
 * dev.millrace.setting.Knob}). It refuses nonsense in words of its own.
 */
public interface MethodSettings {
  /** Width of the embeddings; 0 where the method makes none. */
  default int dim() {
    return 0;
  }

  /** Whether its views are cut and mirrored only. */
  default boolean keepsColours() {
    return false;
  }

  /** Rows of what is kept of earlier batches; 0 where the method keeps none. */
  default int queue() {
    return 0;
  }

  /** Prototypes that embeddings are assigned to; 0 where the method has none. */
  default int prototypes() {
    return 0;
  }

  /** Epochs of the first chunk in which it is held back from what it is to learn. */
  default int settling() {
    return 0;
  }

  /** τ of the softmax that the loss takes; 0 where it takes none. */
  default double temperature() {
    return 0;
  }

  /**
   * The deviation that the loss asks of each dimension of the embeddings; 0 where it compares only
   * their directions.
   */
  default double spread() {
    return 0;
  }
}
