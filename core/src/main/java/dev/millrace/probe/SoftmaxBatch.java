package dev.millrace.probe;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Solves many multinomial logistic regressions on the same rows, one a regulariser λ: mean
 * cross-entropy + λ/2·‖W‖², bias unpenalised. All unsolved problems are evaluated in one product of
 * weights {@code [A·C, D]} with the rows; a solved one drops out.
 *
 * <p>The rows are centred first, which with a free bias changes neither the weights nor the
 * minimum, and turned onto their principal axes, where the curvature is nearly diagonal; both
 * change only how soon the minimum is found. Products are float32, sums over blocks and the
 * optimiser float64.
 */
final class SoftmaxBatch {
  /** Logits held at once (A·C·rows): 8 MB of float32, near the caches. */
  private static final int BLOCK = 1 << 21;

  /** Weights solved together: bounds the history at about 20 pairs × 16 MB. */
  private static final int GROUP = 1 << 22;

  private final float[] centred;
  private final double[] mean;
  private final int[] labels;
  private final int n;
  private final int d;
  private final int classes;
  private final BooleanSupplier stop;
  private int axes;

  SoftmaxBatch(FeatureMatrix train, int classes, BooleanSupplier stop) {
    this.stop = stop;
    this.n = train.n();
    this.d = train.d();
    this.classes = classes;
    this.labels = train.labels();
    mean = new double[d];
    for (int i = 0; i < train.values().length; i++) {
      mean[i % d] += train.values()[i] / (double) n;
    }
    centred = new float[train.values().length];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = (float) (train.values()[i] - mean[i % d]);
    }
  }

  /** One model per λ, in their order. */
  LinearModel[] solve(double[] lambdas, double tolerance, int iterations, int history) {
    LinearModel[] models = new LinearModel[lambdas.length];
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Rotation rotation = Rotation.of(new FeatureMatrix(centred, n, d, labels).tensor())) {
      axes = rotation.variances().length;
      int width = classes * (axes + 1);
      int group = Math.max(1, GROUP / width);
      long[] wide = new long[n];
      for (int i = 0; i < n; i++) {
        wide[i] = labels[i];
      }
      Tensor y =
          torch.from_blob(new LongPointer(wide), new long[] {n}, of(ScalarType.Long)).clone();
      for (int from = 0; from < lambdas.length; from += group) {
        int to = Math.min(lambdas.length, from + group);
        Problem[] problems = new Problem[to - from];
        for (int i = 0; i < problems.length; i++) {
          double lambda = lambdas[from + i];
          double[] scales = scales(rotation.variances(), lambda);
          problems[i] =
              new Problem(
                  lambda, new Lbfgs(new double[width], scales, tolerance, iterations, history));
        }
        run(problems, rotation, y);
        for (int i = 0; i < problems.length; i++) {
          models[from + i] = model(problems[i], rotation.basis());
        }
      }
    }
    return models;
  }

  private record Problem(double lambda, Lbfgs search) {}

  /**
   * One over the curvature at W = 0, where every class has probability 1/C: v/C + λ along an axis
   * of variance v, 1/C along a bias.
   */
  private double[] scales(double[] variances, double lambda) {
    double[] scales = new double[classes * (axes + 1)];
    for (int c = 0; c < classes; c++) {
      for (int j = 0; j < axes; j++) {
        scales[c * axes + j] = 1 / (variances[j] / classes + lambda);
      }
      scales[classes * axes + c] = classes;
    }
    return scales;
  }

  private void run(Problem[] problems, Rotation rotation, Tensor y) {
    List<Problem> active = List.of(problems);
    while (!active.isEmpty()) {
      Stop.check(stop);
      evaluate(active, rotation, y);
      active = active.stream().filter(p -> !p.search().done()).toList();
    }
  }

  private void evaluate(List<Problem> active, Rotation rotation, Tensor y) {
    Tensor x = rotation.rows();
    int a = active.size();
    int rows = a * classes;
    int each = classes * axes;
    float[] weights = new float[rows * axes];
    float[] bias = new float[rows];
    float[] lambdas = new float[a];
    for (int p = 0; p < a; p++) {
      double[] point = active.get(p).search().point();
      for (int i = 0; i < each; i++) {
        weights[p * each + i] = (float) point[i];
      }
      for (int c = 0; c < classes; c++) {
        bias[p * classes + c] = (float) point[each + c];
      }
      lambdas[p] = (float) active.get(p).lambda();
    }
    double[] losses = new double[a];
    float[] slopes = new float[rows * axes];
    float[] biasSlopes = new float[rows];
    float[] largest = new float[a];
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = torch.from_blob(new FloatPointer(weights), rows, axes);
      Tensor w = plain.t();
      Tensor b = torch.from_blob(new FloatPointer(bias), new long[] {rows});
      Tensor dw = torch.zeros(rows, axes);
      Tensor db = torch.zeros(rows);
      Tensor loss = torch.zeros(new long[] {a}, of(ScalarType.Double));
      Tensor minus = torch.ones(1, 1, 1).neg_();
      int block = Math.max(1, BLOCK / rows);
      for (int from = 0; from < n; from += block) {
        int size = Math.min(block, n - from);
        try (PointerScope inner = new PointerScope()) {
          Tensor part = x.narrow(0, from, size);
          Tensor logits = torch.addmm(b, part, w).view(size, a, classes);
          Tensor logp = torch.log_softmax(logits, 2);
          Tensor own = y.narrow(0, from, size).view(size, 1, 1).expand(size, a, 1);
          loss.sub_(logp.gather(2, own).to(ScalarType.Double).sum(0).view(a));
          logp.exp_();
          Tensor error = logp.scatter_add_(2, own, minus.expand(size, a, 1));
          Tensor flat = error.view(size, rows);
          dw.addmm_(flat.t(), part);
          db.add_(flat.sum(0));
        }
      }
      // ‖∇‖∞ is asked for along the features' own columns.
      Tensor lambda = torch.from_blob(new FloatPointer(lambdas), a, 1, 1);
      Tensor whole =
          dw.div(new Scalar((double) n))
              .view(a, classes, axes)
              .add(plain.view(a, classes, axes).mul(lambda));
      torch
          .matmul(whole.view(rows, axes), rotation.basis().t())
          .abs_()
          .view(a, (long) classes * d)
          .amax(new long[] {1}, false)
          .data_ptr_float()
          .get(largest);
      loss.data_ptr_double().get(losses);
      dw.data_ptr_float().get(slopes);
      db.data_ptr_float().get(biasSlopes);
    }
    double[] gradient = new double[each + classes];
    for (int p = 0; p < a; p++) {
      Problem problem = active.get(p);
      double[] point = problem.search().point();
      double square = 0;
      double left = largest[p];
      for (int i = 0; i < each; i++) {
        square += point[i] * point[i];
        gradient[i] = slopes[p * each + i] / (double) n + problem.lambda() * point[i];
      }
      for (int c = 0; c < classes; c++) {
        gradient[each + c] = biasSlopes[p * classes + c] / (double) n;
        left = Math.max(left, Math.abs(gradient[each + c]));
      }
      problem.search().tell(losses[p] / n + problem.lambda() / 2 * square, gradient, left);
    }
  }

  /** Turns the weights back onto the columns, and the centred bias into that of raw features. */
  private LinearModel model(Problem problem, Tensor basis) {
    double[] solution = problem.search().solution();
    float[] turned = new float[classes * axes];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = (float) solution[i];
    }
    float[] weights = new float[classes * d];
    try (PointerScope scope = new PointerScope()) {
      Tensor w = torch.from_blob(new FloatPointer(turned), classes, axes);
      torch.matmul(w, basis.t()).contiguous().data_ptr_float().get(weights);
    }
    float[] bias = new float[classes];
    for (int c = 0; c < classes; c++) {
      double shift = solution[classes * axes + c];
      for (int j = 0; j < d; j++) {
        shift -= weights[c * d + j] * mean[j];
      }
      bias[c] = (float) shift;
    }
    return new LinearModel(
        weights,
        bias,
        d,
        problem.lambda(),
        problem.search().value(),
        problem.search().residual(),
        problem.search().iterationsDone());
  }

  private static TensorOptions of(ScalarType type) {
    return new TensorOptions().dtype(new ScalarTypeOptional(type));
  }
}
