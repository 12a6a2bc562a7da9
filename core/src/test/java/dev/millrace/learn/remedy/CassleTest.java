package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Prototypes;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.Distillation;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.RedundancyReduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CassleTest {
  private static final Cassle.Settings SETTINGS =
      new Cassle.Settings(2, 0.2, 16, Cassle.Form.CONTRASTIVE);
  private static final int EMBEDDING = 4;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    List<Head> heads = new ArrayList<>();
    heads.add(Mlp.of("projector", 16, EMBEDDING));
    heads.addAll(Cassle.heads(SETTINGS, EMBEDDING, 0));
    return TinyNetwork.of(heads);
  }

  @Test
  void assignmentsAreComparedWithThoseOfThePastsPrototypesByPrototypesOfTheirOwn() {
    Cassle.Settings settings = SETTINGS.form(Cassle.Form.ASSIGNED);
    Prototypes prototypes = Prototypes.of(Prototypes.NAME, EMBEDDING, 3);
    List<Head> heads = new ArrayList<>(List.of(Mlp.of("projector", 16, EMBEDDING), prototypes));
    List<Head> own = Cassle.heads(settings, EMBEDDING, 3);
    heads.addAll(own);
    try (PointerScope scope = new PointerScope();
        Network net = TinyNetwork.of(heads);
        Cassle cassle = new Cassle(settings, net, EMBEDDING, 3)) {
      Views views = views();
      List<Tensor> past =
          TinyNetwork.outputs(net, views).embeddings().stream()
              .map(z -> prototypes.scores(net, z).detach())
              .toList();
      cassle.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(-0.7)); // prototypes, too, are not what they were
      Outputs made = TinyNetwork.outputs(net, views);
      List<Tensor> predicted =
          made.embeddings().stream()
              .map(z -> net.through((Mlp) own.get(0), z, Mode.DIFFERENTIABLE))
              .map(z -> ((Prototypes) own.get(1)).scores(net, z))
              .toList();
      double expected = CassleLoss.assigned(predicted, past, 0.1, 2).item_double();
      assertThat(cassle.penalty(views, made).orElseThrow().item_double())
          .isCloseTo(expected, within(1e-4));
    }
  }

  private static Views views() {
    return new Views(List.of(torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)), null);
  }

  @Test
  void nothingIsAddedBeforeAChunkIsLearned() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Cassle cassle = new Cassle(SETTINGS, net, EMBEDDING, 0)) {
      Views views = views();
      assertThat(cassle.penalty(views, TinyNetwork.outputs(net, views))).isEmpty();
      cassle.endChunk(new Ended(net, List.of(), z -> z.sum(), false));
      assertThat(cassle.penalty(views, TinyNetwork.outputs(net, views))).isEmpty();
    }
  }

  /** The three losses are held to published code by {@code GoldenObjectivesTest}. */
  private static double distance(Cassle.Form form, Tensor predicted, Tensor past) {
    return switch (form) {
      case PREDICTIVE -> NegativeCosine.loss(predicted, past).item_double();
      case INVARIANT -> 25 * predicted.sub(past).square().mean().item_double();
      case DECORRELATIVE ->
          0.5
              * IntStream.range(0, 2)
                  .mapToDouble(
                      v ->
                          RedundancyReduction.loss(
                                  predicted.narrow(0, 6L * v, 6),
                                  past.narrow(0, 6L * v, 6),
                                  0.005,
                                  0.1)
                              .item_double())
                  .sum();
      default -> Distillation.loss(predicted, past, 0.2).item_double();
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTRASTIVE", "PREDICTIVE", "DECORRELATIVE", "INVARIANT"})
  void predictionsAreComparedWithWhatTheNetOfTheLastChunksEndMakesOfTheSameViews(Cassle.Form form) {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Cassle cassle = new Cassle(SETTINGS.form(form), net, EMBEDDING, 0)) {
      Views views = views();
      Tensor past =
          torch
              .cat(
                  new org.bytedeco.pytorch.TensorVector(
                      TinyNetwork.outputs(net, views).embeddings().toArray(Tensor[]::new)))
              .detach();
      cassle.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(1.1));
      Outputs made = TinyNetwork.outputs(net, views);
      Optional<Tensor> penalty = cassle.penalty(views, made);
      Mlp predictor = (Mlp) Cassle.heads(SETTINGS, EMBEDDING, 0).get(0);
      Tensor predicted =
          torch.cat(
              new org.bytedeco.pytorch.TensorVector(
                  made.embeddings().stream()
                      .map(z -> net.through(predictor, z, Mode.DIFFERENTIABLE))
                      .toArray(Tensor[]::new)));
      double expected = 2 * distance(form, predicted, past);
      assertThat(penalty).isPresent();
      assertThat(penalty.get().item_double()).isCloseTo(expected, within(1e-4));
      net.weights().zeroGradient();
      Tensor frozen = cassle.state().get("frozen").clone();
      penalty.get().backward();
      for (String part : List.of("encoder.conv1", "projector.0", "distill.0", "distill.3")) {
        assertThat(net.weights().get(part + ".weight").grad().abs().sum().item_double())
            .as(part)
            .isPositive();
      }
      assertThat(cassle.state().get("frozen").equal(frozen)).isTrue();
    }
  }

  @Test
  void oneRestoredFromItsStateDistilsTheSame() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Cassle one = new Cassle(SETTINGS, net, EMBEDDING, 0);
        Cassle two = new Cassle(SETTINGS, net, EMBEDDING, 0)) {
      one.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(1.1));
      two.state().forEach((name, tensor) -> tensor.copy_(one.state().get(name)));
      Views views = views();
      Outputs made = TinyNetwork.outputs(net, views);
      assertThat(two.penalty(views, made).orElseThrow().item_double())
          .isEqualTo(one.penalty(views, made).orElseThrow().item_double());
    }
  }
}
