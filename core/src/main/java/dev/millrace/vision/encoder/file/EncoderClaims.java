package dev.millrace.vision.encoder.file;

import dev.millrace.file.Printable;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Family;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an encoder file says of itself, each claim checked before anything is made by it.
 *
 * @param file named in refusals
 * @param metadata the claims
 */
record EncoderClaims(Path file, Map<String, String> metadata) implements Family.Claims {
  /** Sides of pictures that an encoder may be of, pixels; a view of the largest takes 200 MB. */
  private static final int LARGEST = 4096;

  /**
   * The network.
   *
   * @throws IOException if a claim is missing, or none that can be
   */
  EncoderSpec spec() throws IOException {
    String name = claim("architecture");
    Optional<Family> family = Architectures.of(name);
    if (family.isEmpty()) {
      throw bad("architecture", name, "one of " + String.join(", ", Architectures.names()));
    }
    return family.get().claimed(name, this);
  }

  @Override
  public String word(String key, List<String> allowed) throws IOException {
    String word = claim(key);
    if (!allowed.contains(word)) {
      throw bad(key, word, "one of " + allowed);
    }
    return word;
  }

  @Override
  public int size() throws IOException {
    return whole("size", 1, LARGEST);
  }

  /**
   * What pictures are normalised by.
   *
   * @throws IOException if it does not say, or nothing that pictures can be normalised by
   */
  Normalisation normalisation() throws IOException {
    float[] mean = numbers("mean");
    float[] std = numbers("std");
    try {
      return new Normalisation(mean, std);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s is damaged: of its mean %s and std %s, %s; %s"
              .formatted(file, Arrays.toString(mean), Arrays.toString(std), e.getMessage(), mend()),
          e);
    }
  }

  private String claim(String key) {
    return metadata.getOrDefault(key, "");
  }

  @Override
  public int whole(String key, int least, int most) throws IOException {
    String words = claim(key);
    if (words.matches("\\d{1,9}")) {
      int value = Integer.parseInt(words);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw bad(key, words, "a whole number from %d to %d".formatted(least, most));
  }

  private float[] numbers(String key) throws IOException {
    String words = claim(key);
    float[] numbers = new float[3];
    String[] parts =
        words.length() < 100 && words.matches("\\[[-+.,eE\\d ]+\\]")
            ? words.substring(1, words.length() - 1).split(",", -1)
            : new String[0];
    try {
      for (int i = 0; i < parts.length && parts.length == numbers.length; i++) {
        numbers[i] = Float.parseFloat(parts[i].strip());
      }
    } catch (NumberFormatException e) {
      throw bad(key, words, "three numbers such as [0.485, 0.456, 0.406]");
    }
    if (parts.length != numbers.length) {
      throw bad(key, words, "three numbers such as [0.485, 0.456, 0.406]");
    }
    return numbers;
  }

  private IOException bad(String key, String found, String expected) {
    return new IOException(
        "%s is damaged: its metadata says %s for %s, expected %s; %s"
            .formatted(
                file,
                found.isEmpty() ? "nothing" : Printable.of(found, 80),
                key,
                expected,
                mend()));
  }

  private static String mend() {
    return "copy it again from where it was whole";
  }
}
