package dev.millrace.exchange.card;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the card of an encoder's files goes: {@code README.md} beside them, one for all files of an
 * encoder. A README that Millrace did not write, that was edited since, or that is about another
 * encoder's files stays as it is, and the card is {@code README-FILE.md}. What a card was written
 * of stands in a comment at its end. Not thread-safe.
 */
public final class CardFile {
  /**
   * The comment at the end of a card.
   *
   * @param encoder checksum of the encoder
   * @param text checksum of the card above the comment
   * @param models the files it is about
   */
  private record Mark(String encoder, String text, List<Card.Model> models) {}

  private static final String BEGIN = "\n<!-- written by millrace export: ";
  private static final String END = " -->\n";

  private final Path path;
  private final String encoder;
  private final List<Card.Model> others;

  private CardFile(Path path, String encoder, List<Card.Model> others) {
    this.path = path;
    this.encoder = encoder;
    this.others = others;
  }

  /**
   * The card for a model that is about to be written.
   *
   * @param model the model's path
   * @param encoder checksum of its encoder
   * @throws IllegalArgumentException if neither place is free
   */
  public static CardFile beside(Path model, String encoder) throws IOException {
    String file = model.getFileName().toString();
    CardFile first = at(model.resolveSibling("README.md"), encoder, file);
    if (first != null) {
      return first;
    }
    Path second = model.resolveSibling("README-" + file + ".md");
    CardFile own = at(second, encoder, file);
    if (own == null) {
      throw new IllegalArgumentException(
          "the model card has no place: %s and %s are there and were not written by millrace export, or were edited since; move one of them"
              .formatted(model.resolveSibling("README.md"), second));
    }
    return own;
  }

  /** A card at a path; null if something else is to stay there. */
  private static CardFile at(Path path, String encoder, String file) throws IOException {
    if (!Files.exists(path)) {
      return new CardFile(path, encoder, List.of());
    }
    Mark mark = read(path);
    if (mark == null) {
      return null;
    }
    List<Card.Model> others =
        mark.models().stream()
            .filter(model -> !model.file().equals(file))
            .filter(model -> Files.exists(path.resolveSibling(model.file())))
            .toList();
    return others.isEmpty() || mark.encoder().equals(encoder)
        ? new CardFile(path, encoder, others)
        : null;
  }

  /** What a card was written of; null if it is none, or was edited since. */
  private static Mark read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return null;
    }
    // Bytes that are no UTF-8 become signs of their own: the checksum will not fit.
    String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    int at = text.lastIndexOf(BEGIN);
    if (at < 0 || !text.endsWith(END)) {
      return null;
    }
    try {
      Mark mark =
          JSON.readValue(
              text.substring(at + BEGIN.length(), text.length() - END.length()), Mark.class);
      return Sha256.of(text.substring(0, at)).equals(mark.text()) ? mark : null;
    } catch (JsonProcessingException e) {
      return null; // a comment that begins like ours: somebody else's, so it stays
    }
  }

  /** Where it will be. */
  public Path path() {
    return path;
  }

  /**
   * Writes it, atomically.
   *
   * @param model the file that was just written; the card tells of the encoder's others as well
   */
  public void write(Card card, Card.Model model) throws IOException {
    List<Card.Model> models = new ArrayList<>(others);
    models.add(model);
    models.sort(java.util.Comparator.comparing(Card.Model::file));
    String text = card.text(models);
    // A > could end the comment.
    String mark =
        JSON.writeValueAsString(new Mark(encoder, Sha256.of(text), models)).replace(">", "\\u003e");
    AtomicFiles.write(path, (text + BEGIN + mark + END).getBytes(StandardCharsets.UTF_8));
  }
}
