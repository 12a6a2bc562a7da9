package dev.millrace.probe;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Centred rows seen along their principal axes. A rotation leaves ‖W‖² and so an L2-regularised
 * problem as it is, but its curvature becomes nearly diagonal, which an optimiser can divide by;
 * rows fewer than columns span fewer axes, and the problem shrinks to these without loss, since its
 * minimum lies in their span.
 *
 * @param rows {@code [N, R] float32}, R = min(N, D)
 * @param basis {@code [D, R] float32} with orthonormal columns; weights w on the axes are w·basisᵀ
 *     on the columns
 * @param variances of the rows along each axis, 0 or more
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one solution; compared by nobody
record Rotation(Tensor rows, Tensor basis, double[] variances) implements AutoCloseable {
  /** The rotation of centred rows {@code [N, D] float32}; the caller closes it. */
  static Rotation of(Tensor centred) {
    Tensor rows = centred;
    Tensor basis = null;
    try (PointerScope scope = new PointerScope()) {
      if (rows.size(0) < rows.size(1)) {
        // By QR and not by the Gram matrix, whose rounding would drop the weak axes.
        T_TensorTensor_T factors = torch.linalg_qr(rows.t());
        basis = factors.get0();
        rows = factors.get1().t();
      }
      Tensor gram = torch.matmul(rows.t(), rows).div_(number(centred.size(0)));
      T_TensorTensor_T axes = torch.linalg_eigh(gram);
      Tensor turned = torch.matmul(rows, axes.get1()).contiguous();
      Tensor whole = basis == null ? axes.get1().clone() : torch.matmul(basis, axes.get1());
      float[] values = new float[(int) gram.size(0)];
      axes.get0().contiguous().data_ptr_float().get(values);
      double[] variances = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        variances[i] = Math.max(0, values[i]);
      }
      turned.retainReference();
      whole.retainReference();
      return new Rotation(turned, whole, variances);
    }
  }

  @Override
  public void close() {
    rows.releaseReference();
    basis.releaseReference();
  }

  private static org.bytedeco.pytorch.Scalar number(double value) {
    return new org.bytedeco.pytorch.Scalar(value);
  }
}
