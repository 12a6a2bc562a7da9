package dev.millrace.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Natives;
import dev.millrace.learn.network.Ranks;
import dev.millrace.vision.encoder.SharedNorm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedNormTest {
  private static final double EPSILON = 1e-5;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    Natives.load();
  }

  /** What a rank, or one process, has made: rows' output and gradient, and the sums of the rest. */
  private record Made(Map<String, Tensor> of) {}

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "3, 0", "2, 100"}) // far from zero sums of squares would lose digits
  void severalRanksMakeWhatOneProcessMakesOfTheWholeBatch(int ranks, double offset)
      throws Exception {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      Tensor x = torch.randn(6L, 5, 4, 4).mul(new Scalar(2.0)).add(new Scalar(offset));
      Tensor weight = torch.randn(6L, 5, 4, 4); // of each output in the loss
      Tensor gamma = torch.randn(5L);
      Tensor beta = torch.randn(5L);
      Made whole = whole(x, weight, gamma, beta);
      List<Made> shared = shared(ranks, x, weight, gamma, beta);
      for (String name : List.of("y", "dx")) {
        Tensor rows =
            torch.cat(
                new TensorVector(
                    shared.stream().map(m -> m.of().get(name)).toArray(Tensor[]::new)));
        close(name, rows, whole.of().get(name));
      }
      for (String name : List.of("dgamma", "dbeta")) {
        Tensor sum = shared.get(0).of().get(name).clone();
        shared.stream().skip(1).forEach(m -> sum.add_(m.of().get(name)));
        close(name, sum, whole.of().get(name));
      }
      for (Made rank : shared) {
        for (String name : List.of("mean", "variance")) {
          close(name, rank.of().get(name), whole.of().get(name));
        }
      }
    }
  }

  @Test
  void withoutScaleAndShiftItIsTheSame() throws Exception {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(2);
      Tensor x = torch.randn(8L, 3);
      Tensor weight = torch.randn(8L, 3);
      Made whole = whole(x, weight, null, null);
      List<Made> shared = shared(2, x, weight, null, null);
      Tensor rows =
          torch.cat(
              new TensorVector(shared.stream().map(m -> m.of().get("dx")).toArray(Tensor[]::new)));
      close("dx", rows, whole.of().get("dx"));
    }
  }

  /** In double precision, by libtorch's own operator. */
  private static Made whole(Tensor x, Tensor weight, Tensor gamma, Tensor beta) {
    Tensor of = leaf(x.to(ScalarType.Double));
    Tensor g = gamma == null ? null : leaf(gamma.to(ScalarType.Double));
    Tensor b = beta == null ? null : leaf(beta.to(ScalarType.Double));
    Tensor mean = torch.zeros(x.size(1)).to(ScalarType.Double);
    Tensor variance = torch.ones(x.size(1)).to(ScalarType.Double);
    Tensor y =
        torch.batch_norm(
            of,
            g == null ? new TensorOptional() : new TensorOptional(g),
            b == null ? new TensorOptional() : new TensorOptional(b),
            new TensorOptional(mean),
            new TensorOptional(variance),
            true,
            0.1,
            EPSILON,
            false);
    y.mul(weight.to(ScalarType.Double)).sum().backward();
    return made(y, of, g, b, mean, variance);
  }

  private List<Made> shared(int count, Tensor x, Tensor weight, Tensor gamma, Tensor beta)
      throws Exception {
    Path store = Files.createTempDirectory(folder, "ranks").resolve("store");
    ExecutorService threads = Executors.newFixedThreadPool(count);
    List<Future<Made>> all = new ArrayList<>();
    long rows = x.size(0) / count;
    for (int r = 0; r < count; r++) {
      int rank = r;
      Tensor own = x.narrow(0, rank * rows, rows).clone();
      Tensor weights = weight.narrow(0, rank * rows, rows).clone();
      Tensor g = gamma == null ? null : gamma.clone();
      Tensor b = beta == null ? null : beta.clone();
      all.add(
          threads.submit(
              () -> {
                try (C10dRanks ranks = C10dRanks.at(store, LocalRanks.HERE, rank, count);
                    PointerScope scope = new PointerScope()) {
                  return rank(own, weights, g, b, ranks.meet());
                }
              }));
    }
    List<Made> made = new ArrayList<>();
    for (Future<Made> one : all) {
      made.add(one.get());
    }
    threads.shutdown();
    return made;
  }

  private static Made rank(Tensor x, Tensor weight, Tensor gamma, Tensor beta, Ranks ranks) {
    Tensor of = leaf(x);
    Tensor g = gamma == null ? null : leaf(gamma);
    Tensor b = beta == null ? null : leaf(beta);
    Tensor mean = torch.zeros(x.size(1));
    Tensor variance = torch.ones(x.size(1));
    Tensor y =
        SharedNorm.normalise(of, g, b, new SharedNorm.Running(mean, variance, 0.1), EPSILON, ranks);
    y.mul(weight).sum().backward();
    return made(y, of, g, b, mean, variance);
  }

  private static Made made(Tensor y, Tensor x, Tensor g, Tensor b, Tensor mean, Tensor variance) {
    Map<String, Tensor> of = new HashMap<>();
    of.put("y", kept(y.detach()));
    of.put("dx", kept(x.grad()));
    of.put("dgamma", g == null ? null : kept(g.grad()));
    of.put("dbeta", b == null ? null : kept(b.grad()));
    of.put("mean", kept(mean));
    of.put("variance", kept(variance));
    return new Made(of);
  }

  /** A copy that outlives the scope of who made it. */
  private static Tensor kept(Tensor tensor) {
    return tensor.clone().retainReference();
  }

  private static Tensor leaf(Tensor of) {
    return of.detach().clone().set_requires_grad(true);
  }

  private static void close(String name, Tensor actual, Tensor expected) {
    double apart = actual.to(ScalarType.Double).sub(expected).norm().item_double();
    assertThat(apart).as(name).isLessThan(1e-5 * expected.norm().item_double());
  }
}
