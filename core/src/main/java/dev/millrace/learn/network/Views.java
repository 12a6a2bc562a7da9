package dev.millrace.learn.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step learns from; the tensors live as long as the step.
 *
 * @param views one {@code [N, 3, S, S] float32} tensor per view
 * @param labels {@code [N] int64} indices into the stream's classes; null where a method needs none
 * @param pictures {@code [N, 2] int64}, which picture each row is: the chunk it came with, and a
 *     number that only equal pictures of that chunk share; null where nobody knows
 * @param ranks who has the other rows of the batch, of which these are one of equal parts
 */
public record Views(List<Tensor> views, Tensor labels, Tensor pictures, Ranks ranks) {
  /** Views that see most of a picture, and come first; small crops come after them. */
  public static final int WHOLE = 2;

  /** A whole batch. */
  public Views(List<Tensor> views, Tensor labels, Tensor pictures) {
    this(views, labels, pictures, new Alone());
  }

  /** Of pictures that nobody knows. */
  public Views(List<Tensor> views, Tensor labels) {
    this(views, labels, null);
  }

  /** One view of each picture, {@code [N, 3, S, S] float32}. */
  public Tensor view(int which) {
    return views.get(which);
  }

  /**
   * Those of whole views, of a list that has one for each view or each of the first of them.
   *
   * @param <T> what there is of a view
   */
  public static <T> List<T> whole(List<T> ofEach) {
    return ofEach.subList(0, Math.min(WHOLE, ofEach.size()));
  }

  /** N, the pictures of which these are views. */
  public long rows() {
    return views.get(0).size(0);
  }

  /** Where these rows begin in the whole batch. */
  public long first() {
    return ranks.index() * views.get(0).size(0);
  }

  /** All tensors there are. */
  public List<Tensor> tensors() {
    List<Tensor> all = new ArrayList<>(views);
    all.add(labels);
    all.add(pictures);
    all.removeIf(Objects::isNull);
    return all;
  }

  /** The same in memory of its own; the caller's scope owns it. */
  public Views copy() {
    return new Views(
        views.stream().map(Tensor::clone).toList(),
        labels == null ? null : labels.clone(),
        pictures == null ? null : pictures.clone(),
        ranks);
  }
}
