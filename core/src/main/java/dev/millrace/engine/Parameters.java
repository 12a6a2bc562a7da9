package dev.millrace.engine;

import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Named tensors that are views of one flat float32 storage, and their gradients views of another,
 * so that an optimiser, a momentum twin or an all-reduce is one call. 4-d weights lie channels-last
 * in the storage and are seen as {@code [O, I, H, W]}. Not thread-safe; close it to free the
 * storage.
 */
public final class Parameters implements AutoCloseable {
  /** One named tensor: its shape and where it lies. */
  public record Entry(String name, List<Long> shape, long offset, long size) {}

  /** Which tensors there are, in storage order; immutable. */
  public static final class Layout {
    private final Map<String, Entry> entries;
    private final long size;

    private Layout(Map<String, Entry> entries, long size) {
      this.entries = entries;
      this.size = size;
    }

    /** An empty layout to add to. */
    public static Builder builder() {
      return new Builder();
    }

    /** The tensors in storage order. */
    public List<Entry> entries() {
      return List.copyOf(entries.values());
    }

    /** Numbers in the flat storage. */
    public long size() {
      return size;
    }

    /** Collects tensors in storage order; may be built several times while it grows. */
    public static final class Builder {
      private final Map<String, Entry> entries = new LinkedHashMap<>();
      private long size;

      /** Adds a tensor; a name stands once. */
      public Builder add(String name, long... shape) {
        long count = 1;
        List<Long> dims = new ArrayList<>();
        for (long dim : shape) {
          count *= dim;
          dims.add(dim);
        }
        if (entries.put(name, new Entry(name, List.copyOf(dims), size, count)) != null) {
          throw new IllegalArgumentException("two parameters are called " + name);
        }
        size += count;
        return this;
      }

      /** What was added so far. */
      public Layout build() {
        return new Layout(new LinkedHashMap<>(entries), size);
      }
    }
  }

  private final Layout layout;
  private final Device device;
  private final Tensor flat;
  private final Tensor gradient;
  private final Map<String, Tensor> views = new LinkedHashMap<>();

  /**
   * Zeros of a layout.
   *
   * @param trainable whether the tensors require gradients, which {@code backward} adds to {@link
   *     #gradient()}
   */
  public Parameters(Layout layout, Device device, boolean trainable) {
    this.layout = layout;
    this.device = device;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      flat = zeros(layout.size()).to(device.torch(), ScalarType.Float);
      flat.retainReference();
      gradient = trainable ? zeros(layout.size()).to(device.torch(), ScalarType.Float) : null;
      for (Entry entry : layout.entries.values()) {
        Tensor view = view(flat, entry).detach();
        if (trainable) {
          view.set_requires_grad(true);
          view.mutable_grad().put(view(gradient, entry));
        }
        view.retainReference();
        views.put(entry.name(), view);
      }
      if (trainable) {
        gradient.retainReference();
      }
    }
  }

  /**
   * One tensor of a flat one that lies as the storage does, such as a direction or a gradient.
   *
   * @param storage {@code [P]}
   * @return a view, {@code [O, I, H, W]} where it has four dimensions; the caller's scope owns it
   */
  public static Tensor view(Tensor storage, Entry entry) {
    Tensor part = storage.narrow(0, entry.offset(), entry.size());
    List<Long> s = entry.shape();
    if (s.size() == 4) {
      return part.view(s.get(0), s.get(2), s.get(3), s.get(1)).permute(0, 3, 1, 2);
    }
    return part.view(s.stream().mapToLong(Long::longValue).toArray());
  }

  /** Names, shapes and places. */
  public Layout layout() {
    return layout;
  }

  /** Where the storage lives. */
  public Device device() {
    return device;
  }

  /** The whole storage, {@code [P] float32}; owned by this object. */
  public Tensor flat() {
    return flat;
  }

  /** The whole gradient, {@code [P] float32}; owned by this object; null when not trainable. */
  public Tensor gradient() {
    return gradient;
  }

  /**
   * One tensor, a live view owned by this object.
   *
   * @throws IllegalArgumentException for a name the layout has not
   */
  public Tensor get(String name) {
    Tensor view = views.get(name);
    if (view == null) {
      throw new IllegalArgumentException(
          "no parameter is called " + name + "; there are " + views.keySet());
    }
    return view;
  }

  /** A copy without gradients; the caller closes it. */
  public Parameters twin() {
    Parameters twin = new Parameters(layout, device, false);
    twin.copyFrom(this);
    return twin;
  }

  /** Takes over the values of parameters of the same layout. */
  public void copyFrom(Parameters other) {
    flat.copy_(other.flat);
  }

  /** Sets every gradient to zero, in place. */
  public void zeroGradient() {
    gradient.zero_();
  }

  @Override
  public void close() {
    views.values().forEach(Tensor::releaseReference);
    flat.releaseReference();
    if (gradient != null) {
      gradient.releaseReference();
    }
  }
}
