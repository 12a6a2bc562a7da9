package dev.millrace.learn.method;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import org.bytedeco.pytorch.Tensor;

/** Learners for tests, and their steps as the training loop makes them, but without an update. */
public final class Steps {

  private Steps() {}

  /** MoCo v2 on a processor. */
  public static Learner moco(
      MoCoV2.Settings settings, EncoderSpec shape, Precision precision, long seed) {
    Network network =
        Network.of(shape, MoCoV2.heads(settings, shape.dim()), new Device("cpu"), precision, seed);
    return new Learner(network, new MoCoV2(settings, network, seed));
  }

  /** A method that shows views, small, in single precision, on a processor. */
  public static Learner of(String method, EncoderSpec shape) {
    if (method.startsWith("moco")) {
      boolean symmetric = method.endsWith("symmetric");
      return moco(new MoCoV2.Settings(64, 0.9, 0.2, 16, 1, symmetric), shape, Precision.FP32, 1);
    }
    Byol.Settings byol = new Byol.Settings(0.9, 32, 16);
    SimClr.Settings simClr = new SimClr.Settings(0.5, 32, 16);
    boolean twin = method.equals("byol");
    Network network =
        Network.of(
            shape,
            twin ? Byol.heads(byol, shape.dim()) : SimClr.heads(simClr, shape.dim()),
            new Device("cpu"),
            Precision.FP32,
            1);
    return new Learner(network, twin ? new Byol(byol, network) : new SimClr(simClr, network));
  }

  /** Supervised on a processor. */
  public static Learner supervised(
      Supervised.Settings settings, ResNetShape shape, Precision precision, long seed) {
    Network network =
        Network.of(
            shape, Supervised.heads(settings, shape.dim()), new Device("cpu"), precision, seed);
    return new Learner(network, new Supervised(settings, network, seed));
  }

  /** The loss of a step, whose gradient is added to what stands in the weights. */
  public static double of(Learner learner, Views views) {
    return of(learner, views, 0);
  }

  /** The loss of a step of a chunk, whose gradient is added to what stands in the weights. */
  public static double of(Learner learner, Views views, int chunk) {
    return of(learner.method(), views, new Moment(chunk, 0, 0, 1, 0));
  }

  private static <T extends Targets> double of(Method<T> method, Views views, Moment at) {
    method.beforeStep(at);
    Outputs made = method.outputs(views, Mode.TRAINING);
    T targets = method.targets(views, made, Mode.TRAINING);
    Tensor loss = method.loss(made, targets);
    loss.backward();
    method.afterStep(made, targets, at);
    return loss.item_double();
  }
}
