package dev.millrace.insight;

import dev.millrace.engine.Parameters;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The mean of the losses of some fixed batches, as a function of trainable parameters, by autograd;
 * the Hessian's products are the derivative of the gradient's product with the direction
 * (Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 1994). Parameters
 * and batches stay the caller's. Not thread-safe.
 */
public final class MeanLoss implements LossSurface {
  private final Parameters parameters;
  private final List<Supplier<Tensor>> batches;

  /**
   * A surface.
   *
   * @param parameters trainable; the only thing that the losses may depend on
   * @param batches each gives a scalar float32 with its graph, made of operators that can be
   *     derived twice, in the scope it is asked in; at least one
   */
  public MeanLoss(Parameters parameters, List<Supplier<Tensor>> batches) {
    this.parameters = parameters;
    this.batches = List.copyOf(batches);
    if (batches.isEmpty() || parameters.gradient() == null) {
      throw new IllegalArgumentException(
          "found %d batches and %s parameters, expected at least one batch and trainable ones"
              .formatted(batches.size(), parameters.gradient() == null ? "frozen" : "trainable"));
    }
  }

  @Override
  public Tensor weights() {
    return parameters.flat();
  }

  @Override
  public double loss() {
    double sum = 0;
    for (Supplier<Tensor> batch : batches) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        sum += batch.get().item_float();
      }
    }
    return sum / batches.size();
  }

  @Override
  public double gradient(Tensor into) {
    into.zero_();
    double sum = 0;
    for (Supplier<Tensor> batch : batches) {
      try (PointerScope scope = new PointerScope()) {
        Tensor loss = batch.get();
        sum += loss.item_float();
        add(derivative(loss, false), into);
      }
    }
    into.div_(new Scalar((double) batches.size()));
    return sum / batches.size();
  }

  @Override
  public void curvature(Tensor direction, Tensor into) {
    into.zero_();
    for (Supplier<Tensor> batch : batches) {
      try (PointerScope scope = new PointerScope()) {
        TensorVector first = derivative(batch.get(), true);
        Tensor product = null;
        long at = 0;
        for (Parameters.Entry entry : parameters.layout().entries()) {
          // An undefined one is of a parameter that the loss does not see.
          Tensor part = first.get(at++);
          if (part.defined()) {
            Tensor one = part.mul(Parameters.view(direction, entry)).sum();
            product = product == null ? one : product.add(one);
          }
        }
        if (product != null && product.requires_grad()) {
          add(derivative(product, false), into);
        }
      }
    }
    into.div_(new Scalar((double) batches.size()));
  }

  private TensorVector derivative(Tensor of, boolean again) {
    Tensor[] by =
        parameters.layout().entries().stream()
            .map(entry -> parameters.get(entry.name()))
            .toArray(Tensor[]::new);
    return torch.grad(
        new TensorVector(of),
        new TensorVector(by),
        new TensorVector(),
        new BoolOptional(again),
        again,
        true);
  }

  private void add(TensorVector parts, Tensor into) {
    try (NoGradGuard guard = new NoGradGuard()) {
      long at = 0;
      for (Parameters.Entry entry : parameters.layout().entries()) {
        Tensor part = parts.get(at++);
        if (part.defined()) {
          Parameters.view(into, entry).add_(part);
        }
      }
    }
  }
}
