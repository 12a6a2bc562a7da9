package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Views;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Which rows of a whole batch are of chunks before, which replay drew. Stateless. */
final class Rows {
  private Rows() {}

  /**
   * The rows of pictures that came with an earlier chunk.
   *
   * @param chunk that is being learned
   * @return {@code [R] int64}, ascending; empty where nobody knows; the caller's scope owns it
   */
  static Tensor old(Views views, int chunk) {
    return which(views, chunk, true);
  }

  /** The rows of pictures of the chunk itself. */
  static Tensor fresh(Views views, int chunk) {
    return which(views, chunk, false);
  }

  private static Tensor which(Views views, int chunk, boolean old) {
    if (views.pictures() == null) {
      throw new IllegalStateException("nobody knows which chunk the rows of a batch are of");
    }
    Tensor of = views.ranks().gather(views.pictures());
    Tensor before = of.select(1, 0).lt(new Scalar((double) chunk));
    return (old ? before : before.logical_not()).nonzero().select(1, 0);
  }
}
