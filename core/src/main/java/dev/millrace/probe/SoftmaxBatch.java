package dev.millrace.probe;

import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
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
 * <p>The rows are centred first: with a free bias this changes neither the weights nor the minimum,
 * only the conditioning. Products are float32, sums over blocks and the optimiser float64.
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

  SoftmaxBatch(FeatureMatrix train, int classes) {
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

  /** One model a λ, in their order. */
  LinearModel[] solve(double[] lambdas, double tolerance, int iterations, int history) {
    LinearModel[] models = new LinearModel[lambdas.length];
    int width = classes * (d + 1);
    int group = Math.max(1, GROUP / width);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = new FeatureMatrix(centred, n, d, labels).tensor();
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
          problems[i] =
              new Problem(
                  lambdas[from + i], new Lbfgs(new double[width], tolerance, iterations, history));
        }
        run(problems, x, y);
        for (int i = 0; i < problems.length; i++) {
          models[from + i] = model(problems[i]);
        }
      }
    }
    return models;
  }

  private record Problem(double lambda, Lbfgs search) {}

  private void run(Problem[] problems, Tensor x, Tensor y) {
    List<Problem> active = List.of(problems);
    while (!active.isEmpty()) {
      evaluate(active, x, y);
      active = active.stream().filter(p -> !p.search().done()).toList();
    }
  }

  private void evaluate(List<Problem> active, Tensor x, Tensor y) {
    int a = active.size();
    int rows = a * classes;
    float[] weights = new float[rows * d];
    float[] bias = new float[rows];
    for (int p = 0; p < a; p++) {
      double[] point = active.get(p).search().point();
      for (int i = 0; i < classes * d; i++) {
        weights[p * classes * d + i] = (float) point[i];
      }
      for (int c = 0; c < classes; c++) {
        bias[p * classes + c] = (float) point[classes * d + c];
      }
    }
    double[] losses = new double[a];
    float[] slopes = new float[rows * d];
    float[] biasSlopes = new float[rows];
    try (PointerScope scope = new PointerScope()) {
      Tensor w = torch.from_blob(new FloatPointer(weights), rows, d).t();
      Tensor b = torch.from_blob(new FloatPointer(bias), new long[] {rows});
      Tensor dw = torch.zeros(rows, d);
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
      loss.data_ptr_double().get(losses);
      dw.data_ptr_float().get(slopes);
      db.data_ptr_float().get(biasSlopes);
    }
    double[] gradient = new double[classes * (d + 1)];
    for (int p = 0; p < a; p++) {
      Problem problem = active.get(p);
      double[] point = problem.search().point();
      double square = 0;
      for (int i = 0; i < classes * d; i++) {
        square += point[i] * point[i];
        gradient[i] = slopes[p * classes * d + i] / (double) n + problem.lambda() * point[i];
      }
      for (int c = 0; c < classes; c++) {
        gradient[classes * d + c] = biasSlopes[p * classes + c] / (double) n;
      }
      problem.search().tell(losses[p] / n + problem.lambda() / 2 * square, gradient);
    }
  }

  /** Turns the centred problem's bias back into that of the raw features. */
  private LinearModel model(Problem problem) {
    double[] solution = problem.search().solution();
    float[] weights = new float[classes * d];
    float[] bias = new float[classes];
    for (int c = 0; c < classes; c++) {
      double shift = solution[classes * d + c];
      for (int j = 0; j < d; j++) {
        shift -= solution[c * d + j] * mean[j];
        weights[c * d + j] = (float) solution[c * d + j];
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
