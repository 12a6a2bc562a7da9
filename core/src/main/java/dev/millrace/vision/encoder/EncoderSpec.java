package dev.millrace.vision.encoder;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which encoder: a family's network and its settings, as run.yaml, encoder files and model cards
 * carry them. Each family has its own record. Immutable; equal ones are the same network.
 */
public interface EncoderSpec {
  /** As {@code --encoder} has it, such as {@code resnet18}. */
  String name();

  /** Width of the features, D. */
  int dim();

  /** Names of what {@link EncoderNet#layers} gives, in its order. */
  List<String> layers();

  /** What an encoder file says beside name and size of the pictures, by the metadata's keys. */
  Map<String, String> claims();

  /** The settings that make it, by their flags' names, {@code encoder} first. */
  Map<String, Object> settings();

  /** In words, such as {@code resnet18 of width 64 with the small stem}. */
  String words();

  /**
   * What others' weights do not tell of the network and is taken to be so, in words for a line;
   * empty where they tell all.
   */
  default String assumed() {
    return "";
  }

  /** What kind of network, such as {@code residual network}. */
  String kind();

  /** What a model card says of the network's parts, by their names. */
  Map<String, String> facts();

  /**
   * How Python loads the weights, for a model card: Markdown with code, in which {@code FILE},
   * {@code DIM}, {@code MEAN} and {@code STD} are filled in.
   */
  String python();

  /** The words of a command that ask for it, such as {@code --encoder resnet18 --width 64}. */
  default String flags() {
    StringBuilder flags = new StringBuilder();
    settings().forEach((name, value) -> flags.append(" --" + name + " " + value));
    return flags.substring(1);
  }

  /**
   * Side of the only pictures that it sees, pixels.
   *
   * @return empty where it sees any
   */
  default Optional<Integer> onlySize() {
    return Optional.empty();
  }

  /** Sides of the small crops that it sees beside its pictures are multiples of this, pixels. */
  default int cropStep() {
    return 1;
  }

  /**
   * Refuses pictures that it cannot see.
   *
   * @param size side of the pictures, pixels
   * @throws IllegalArgumentException naming both
   */
  default void requireSize(int size) {
    onlySize()
        .filter(own -> own != size)
        .ifPresent(
            own -> {
              throw UsageException.of(
                  "--size",
                  "%d: %s sees pictures of %d pixels only, for which it has learned positions; give --size %d"
                      .formatted(size, name(), own, own));
            });
  }

  /** Adds the network's weights to a layout, each name after the prefix. */
  void layout(Parameters.Layout.Builder into, String prefix);

  /** Adds the running statistics of the network's normalisations to a layout, if it has any. */
  void statisticsLayout(Parameters.Layout.Builder into, String prefix);

  /**
   * The network over storage that holds {@link #layout} and {@link #statisticsLayout}; both stay
   * the caller's, who also closes the network.
   */
  EncoderNet over(
      Parameters weights, String prefix, Parameters statistics, String statisticsPrefix);

  /** The patches that it sees pictures in; empty where it sees them whole. */
  default Optional<Patches> patches() {
    return Optional.empty();
  }

  /** What dense tasks learn from; empty where the network has no stages of falling resolution. */
  default Optional<Stages> stages() {
    return Optional.empty();
  }
}
