package dev.millrace.vision.encoder;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A family of encoders as files know it: its names, and how one of it is recognised by the names
 * and shapes of its tensors. Stateless; nothing here needs libtorch.
 */
public interface Family {
  /** In words, such as {@code residual network}. */
  String noun();

  /** Names of its networks, as {@code --encoder} has them. */
  List<String> names();

  /** Names by which one is found in a state dict, in words. */
  String marks();

  /**
   * The network that an encoder file claims to be.
   *
   * @param name one of {@link #names}
   * @throws IOException if a claim is missing, or none that can be
   */
  EncoderSpec claimed(String name, Claims claims) throws IOException;

  /** Every place of a state dict with such names. */
  List<Place> places(Collection<String> names);

  /**
   * The network that shapes name, whether the rest of them fit it or not.
   *
   * @param shapes by the family's own names
   */
  Optional<EncoderSpec> inferred(Map<String, List<Long>> shapes);

  /** What these shapes are, and what was expected, for a refusal of an unknown network. */
  String found(Map<String, List<Long>> shapes);

  /**
   * What tells that weights are those of another network, though all their shapes fit.
   *
   * @param spec that the shapes name
   * @param prefix that the names have in the file
   * @param numbers of the file's tensors, by the family's own names
   * @return empty where nothing tells so
   * @throws IOException if numbers cannot be read
   */
  default String otherwise(EncoderSpec spec, String prefix, Numbers numbers) throws IOException {
    return "";
  }

  /** Reads tensors of a file. */
  @FunctionalInterface
  interface Numbers {
    /** A tensor's numbers, row-major. */
    float[] of(String name) throws IOException;
  }

  /**
   * Where in a state dict a network is.
   *
   * @param prefix that all its names begin with; may be empty
   * @param naming a name without the prefix as the family's own; null if it is none of the
   *     network's
   */
  record Place(String prefix, UnaryOperator<String> naming) {
    /** A name of the file as the family's; null if it is none of the network's own. */
    public String bare(String name) {
      return name.startsWith(prefix) ? naming.apply(name.substring(prefix.length())) : null;
    }
  }

  /** What a file says of itself, each claim checked as it is read. */
  interface Claims {
    /** One of some words. */
    String word(String key, List<String> allowed) throws IOException;

    /** A whole number in a range. */
    int whole(String key, int least, int most) throws IOException;

    /** Side of the pictures it was trained on, pixels. */
    int size() throws IOException;
  }
}
