package dev.millrace.vision.encoder;

import static org.bytedeco.pytorch.global.torch.addcmul;

import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batch normalisation whose statistics are over the rows of several processes: what one process
 * makes of the whole batch, to rounding. Ioffe and Szegedy, "Batch Normalization", ICML 2015;
 * moments are combined as Chan, Golub and LeVeque do, "Algorithms for Computing the Sample
 * Variance", 1983. Stateless; the processes must make the same passes, forward and backward.
 */
public final class SharedNorm {
  /** The running statistics that a pass moves, {@code [C] float32}, and the weight of a batch. */
  public record Running(Tensor mean, Tensor variance, double momentum) {}

  private SharedNorm() {}

  /**
   * Normalises each channel over all rows of all processes.
   *
   * @param x this process's rows, {@code [N, C, …]}, as many in each process
   * @param gamma {@code [C] float32}; null for a scale of 1
   * @param beta {@code [C] float32}; null for a shift of 0
   * @return as x in shape and dtype; the caller's scope, which must last until the backward pass is
   *     made, owns it
   */
  public static Tensor normalise(
      Tensor x, Tensor gamma, Tensor beta, Running running, double epsilon, RowSharers with) {
    Tensor all = moments(x, with);
    Tensor means = all.select(1, 0);
    Tensor mean = means.mean(0);
    Tensor variance = all.select(1, 1).add(means.sub(mean).square()).mean(0);
    move(running, mean, variance, x.numel() / x.size(1) * all.size(0));
    Tensor scale = variance.add(new Scalar(epsilon)).rsqrt();
    scale = gamma == null ? scale : scale.mul(gamma);
    // Taking the mean off first keeps gradients of the scale from being differences of large sums.
    Tensor centred = x.sub(channels(mean, x));
    Tensor y =
        beta == null
            ? centred.mul(channels(scale, x))
            : addcmul(channels(beta, x), centred, channels(scale, x));
    return y.to(x.scalar_type());
  }

  /** Mean and variance of every process's rows, {@code [R, 2, C] float32}. */
  private static Tensor moments(Tensor x, RowSharers with) {
    long[] others = LongStream.range(0, x.dim()).filter(d -> d != 1).toArray();
    T_TensorTensor_T own =
        torch.var_mean(x.to(ScalarType.Float), others, new ScalarOptional(new Scalar(0.0)), false);
    Tensor both = torch.stack(new TensorVector(own.get1(), own.get0())).unsqueeze(0);
    Tensor all = with.gather(both);
    if (all.requires_grad()) {
      all.register_hook(
          new TensorTensorHook() {
            @Override
            public TensorBase call(TensorBase gradient) {
              // Each process knows what its own rows make of these moments; own ones need it all.
              Tensor whole = new Tensor(gradient).contiguous().clone();
              with.sum(whole);
              return whole;
            }
          });
    }
    return all;
  }

  private static void move(Running running, Tensor mean, Tensor variance, long count) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      Scalar weight = new Scalar(running.momentum());
      running.mean().lerp_(mean.detach(), weight);
      double unbiased = (double) count / Math.max(1, count - 1);
      running.variance().lerp_(variance.detach().mul(new Scalar(unbiased)), weight);
    }
  }

  private static Tensor channels(Tensor of, Tensor x) {
    long[] shape = LongStream.range(0, x.dim()).map(d -> d == 1 ? -1 : 1).toArray();
    return of.view(shape);
  }
}
