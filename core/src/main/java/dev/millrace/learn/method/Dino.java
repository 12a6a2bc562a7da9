package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Prototypes;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.SelfDistillation;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.setting.Knobs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * DINO: Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021. From
 * one view, what a momentum twin says of another, less a running centre and sharpened: the centre
 * keeps one prototype from taking all, the sharpening keeps all from being alike.
 */
public final class Dino implements Method<Dino.Teaching> {
  /** Views that the teacher sees; the student sees further ones, too. */
  private static final int TAUGHT = 2;

  /**
   * The method's knobs.
   *
   * @param prototypes K, at least 2
   * @param momentum momentum of the twin, in [0, 1]; at a rate that falls where its rise to 1
   *     begins
   * @param temperature τ of the student, above 0
   * @param teacherTemperature τ of the teacher, once it has risen, above 0
   * @param teacherStart τ of the teacher where its rise begins, above 0
   * @param teacherWarmup epochs of the first chunk over which it rises, at least 0
   * @param centreMomentum momentum of the centre, in [0, 1]
   * @param frozen epochs of the first chunk in which prototypes stay as they were drawn, at least 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("directions that embeddings are scored against") int prototypes,
      @Knob(RisingTwin.MOMENTUM) double momentum,
      @Knob("softmax temperature") double temperature,
      @Knob("softmax temperature of DINO's teacher, once it has risen") double teacherTemperature,
      @Knob(
              value = "softmax temperature of DINO's teacher where its rise begins",
              name = "teacher-start")
          double teacherStart,
      @Knob("epochs of the first chunk over which the teacher's temperature rises")
          int teacherWarmup,
      @Knob("momentum of the centre of what DINO's teacher says") double centreMomentum,
      @Knob(
              value = "epochs of the first chunk in which prototypes stay as they were drawn",
              name = "freeze-prototypes")
          int frozen,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(prototypes >= 2, "prototypes", prototypes + " is below 2");
      Require.component(momentum >= 0 && momentum <= 1, "momentum", momentum + " is not in 0 … 1");
      Require.positive(temperature, "temperature");
      Require.positive(teacherTemperature, "teacherTemperature");
      Require.positive(teacherStart, "teacherStart");
      Require.component(teacherWarmup >= 0, "teacherWarmup", teacherWarmup + " is below 0");
      Require.component(
          centreMomentum >= 0 && centreMomentum <= 1,
          "centreMomentum",
          centreMomentum + " is not in 0 … 1");
      Require.component(frozen >= 0, "frozen", frozen + " is below 0");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    @Override
    public int settling() {
      return Math.max(frozen, teacherWarmup);
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(65_536, 0.996, 0.1, 0.07, 0.04, 30, 0.9, 1, 2048, 256);
    }

    /**
     * For small pictures and short runs: what two views of a small net share of their scores'
     * deviation grows only if it is more than the teacher's τ over the student's.
     */
    public static Settings small() {
      return new Settings(1024, 0.99, 0.1, 0.02, 0.02, 5, 0.9, 1, 1024, 128);
    }

    /** With another value: directions that embeddings are scored against. */
    public Settings prototypes(int prototypes) {
      return with("prototypes", prototypes);
    }

    /** With another momentum of the twin. */
    public Settings momentum(double momentum) {
      return with("momentum", momentum);
    }

    /** With another value: τ of the student. */
    public Settings temperature(double temperature) {
      return with("temperature", temperature);
    }

    /** With another value: τ of the teacher, once it has risen. */
    public Settings teacherTemperature(double teacherTemperature) {
      return with("teacher-temperature", teacherTemperature);
    }

    /** With another value: τ of the teacher where its rise begins. */
    public Settings teacherStart(double teacherStart) {
      return with("teacher-start", teacherStart);
    }

    /** With another value: epochs of the first chunk over which the teacher's τ rises. */
    public Settings teacherWarmup(int teacherWarmup) {
      return with("teacher-warmup", teacherWarmup);
    }

    /** With another value: momentum of the centre. */
    public Settings centreMomentum(double centreMomentum) {
      return with("centre-momentum", centreMomentum);
    }

    /** With another value: epochs of the first chunk in which prototypes stay. */
    public Settings frozen(int frozen) {
      return with("freeze-prototypes", frozen);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return with("projector-hidden", hidden);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return with("dim", dim);
    }

    private Settings with(String knob, Object value) {
      return Knobs.with(this, "", Map.of(knob, value));
    }
  }

  /**
   * What the student is compared with.
   *
   * @param said by the teacher of each view that it saw, {@code [N, K] float32}, rows that sum to 1
   * @param mean of the teacher's scores over pictures and these views, {@code [K] float32}
   */
  record Teaching(List<Tensor> said, Tensor mean) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return Tensors.present(said, mean);
    }
  }

  private final Settings settings;
  private final Scoring scoring;
  private final RisingTwin twin;

  /** {@code [K] float32}. */
  private final Tensor centre;

  /** {@code [1] float64}, the teacher's, on the processor. */
  private final Tensor temperature;

  private final int crops;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   * @param crops views beside the first two, of which it is only asked
   */
  public Dino(Settings settings, Network network, int crops) {
    this.settings = settings;
    scoring = new Scoring(network, prototypes(settings), settings.frozen());
    this.crops = crops;
    twin = new RisingTwin(network, settings.momentum());
    try (PointerScope scope = new PointerScope()) {
      centre = zeros(settings.prototypes()).to(network.device().torch(), ScalarType.Float);
      centre.retainReference();
      temperature = zeros(1).to(ScalarType.Double);
      temperature.fill_(new Scalar(temperature(true, 0)));
      temperature.retainReference();
    }
  }

  /** Its projector, with two normalised hidden layers, and the prototypes. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalised("projector", features, settings.hidden(), settings.hidden(), settings.dim()),
        prototypes(settings));
  }

  private static Prototypes prototypes(Settings settings) {
    return Prototypes.of(Prototypes.NAME, settings.dim(), settings.prototypes());
  }

  @Override
  public int views() {
    return TAUGHT + crops;
  }

  @Override
  public void takeOver() {
    twin.takeOver();
  }

  @Override
  public void beforeStep(Moment at) {
    scoring.beforeStep(at);
    temperature.fill_(new Scalar(temperature(at.first(), at.epoch())));
  }

  /** The teacher's, which rises from epoch to epoch; published code's ends an epoch earlier. */
  private double temperature(boolean first, int epoch) {
    if (!first || epoch >= settings.teacherWarmup()) {
      return settings.teacherTemperature();
    }
    double way = (double) epoch / settings.teacherWarmup();
    return settings.teacherStart()
        + way * (settings.teacherTemperature() - settings.teacherStart());
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return scoring.outputs(views, mode);
  }

  @Override
  public Dino.Teaching targets(Views views, Outputs made, Mode mode) {
    try (NoGradGuard stop = new NoGradGuard()) {
      Views shown = new Views(views.views().subList(0, TAUGHT), null);
      double sharp = temperature.item_double();
      List<Tensor> said = new ArrayList<>();
      Tensor mean = null;
      for (Tensor z : twin.embeddings(shown, mode)) {
        Tensor scores = scoring.scores(twin.network(), z);
        said.add(SelfDistillation.said(scores, centre, sharp));
        Tensor one = scores.mean(0);
        mean = mean == null ? one : mean.add(one);
      }
      return new Teaching(said, mean.div(new Scalar((double) TAUGHT)));
    }
  }

  @Override
  public Dino.Teaching gathered(Dino.Teaching own, Ranks ranks) {
    ranks.mean(own.mean());
    return new Teaching(Tensors.gathered(own.said(), ranks), own.mean());
  }

  /** Algorithm 1, of every pair of views. */
  @Override
  public Tensor loss(Outputs made, Dino.Teaching against) {
    return SelfDistillation.loss(made.predictions(), against.said(), settings.temperature());
  }

  /** Eq. 4 and the twin's step. */
  @Override
  public void afterStep(Outputs made, Dino.Teaching against, Moment at) {
    try (NoGradGuard stop = new NoGradGuard()) {
      centre.lerp_(against.mean(), new Scalar(1 - settings.centreMomentum()));
    }
    twin.follow(at);
  }

  @Override
  public Optional<Network> twin() {
    return Optional.of(twin.network());
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(twin.state());
    state.put("centre", centre);
    state.put("teacher.temperature", temperature);
    return state;
  }

  @Override
  public void close() {
    twin.close();
    centre.releaseReference();
    temperature.releaseReference();
  }
}
