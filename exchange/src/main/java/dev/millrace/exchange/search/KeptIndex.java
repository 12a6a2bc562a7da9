package dev.millrace.exchange.search;

import dev.millrace.inference.Encoder;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.lucene.index.IndexNotFoundException;

/**
 * An index that {@link PictureSearch} has made, asked without its set: by vectors that its own
 * encoder made. Names are those of the time at which it was made. Thread-safe; close it to give its
 * files back.
 */
public final class KeptIndex implements AutoCloseable {
  private final Map<String, String> words;
  private final VectorIndex index;

  private KeptIndex(Map<String, String> words, VectorIndex index) {
    this.words = words;
    this.index = index;
  }

  /**
   * Opens one; reads all of it once, for its checksums.
   *
   * @return nothing while its newest commit is not finished
   * @throws IllegalArgumentException if something else lies there
   * @throws IOException if it is damaged
   */
  public static Optional<KeptIndex> open(Path folder) throws IOException {
    IndexFolder kept = new IndexFolder(folder);
    if (!IndexFolder.complete(kept.words())) {
      return Optional.empty(); // before its checksums are read
    }
    VectorIndex index = VectorIndex.open(kept);
    try {
      Map<String, String> words = index.words(); // of what was opened: a later commit may be there
      if (IndexFolder.complete(words)) {
        return Optional.of(new KeptIndex(words, index));
      }
    } catch (IOException | RuntimeException e) {
      index.close();
      throw e;
    }
    index.close();
    return Optional.empty();
  }

  /** What it says of itself. */
  public About about() {
    return about(words);
  }

  /** SHA-256 of the file of the encoder that made its vectors, hex. */
  public String encoderSha256() {
    return words.get(Origin.ENCODER);
  }

  /**
   * What a folder's newest commit says, without opening the index.
   *
   * @return nothing where there is no finished index
   * @throws IOException if it is damaged
   */
  public static Optional<About> about(Path folder) throws IOException {
    Map<String, String> words = new IndexFolder(folder).words();
    return IndexFolder.complete(words) ? Optional.of(about(words)) : Optional.empty();
  }

  /**
   * What a folder's newest commit, finished or not, was marked with by {@link
   * PictureSearch.Request#mark}.
   *
   * @return nothing for no mark, and where there is no commit of {@link PictureSearch}
   * @throws IOException if it is damaged
   */
  public static Optional<String> mark(Path folder) throws IOException {
    try {
      Map<String, String> words = new IndexFolder(folder).words();
      return words == null ? Optional.empty() : Optional.ofNullable(words.get(Origin.MARK));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // something else
    }
  }

  private static About about(Map<String, String> words) {
    String data = words.get(Origin.WORDS);
    return new About(
        words.get(Origin.ENCODER),
        Integer.parseInt(words.get("size")),
        words.get("precision"),
        Integer.parseInt(words.get("pictures")),
        data == null ? List.of() : IndexFolder.names(data),
        words.getOrDefault(Origin.LAYOUT, Folders.AUTO.word()));
  }

  /**
   * Which index it is.
   *
   * @param encoder SHA-256 of the file of the encoder that made its vectors, hex
   * @param size side of what the encoder saw, pixels
   * @param precision that it computed in: {@code fp32} or {@code bf16}
   * @param pictures of the set when it was made
   * @param data words by which the set is opened again; none where it does not know them
   * @param layout what folders of the set mean, in the words of {@code --layout}
   */
  public record About(
      String encoder, int size, String precision, int pictures, List<String> data, String layout) {
    /** Copies the list. */
    public About {
      data = List.copyOf(data);
    }

    /**
     * Why vectors of an encoder cannot be compared with those of the index; empty if they can.
     *
     * @param asks the encoder
     */
    public String difference(Encoder asks) {
      String computes = asks.options().precision().name().toLowerCase(Locale.ROOT);
      if (!asks.sha256().equals(encoder)) {
        return difference("encoder sha256", encoder, asks.sha256());
      } else if (asks.size() != size) {
        return difference("size", Integer.toString(size), Integer.toString(asks.size()));
      }
      return computes.equals(precision) ? "" : difference("precision", precision, computes);
    }

    private static String difference(String what, String mine, String asked) {
      return "its %s is %s, that of the encoder %s".formatted(what, mine, asked);
    }
  }

  /**
   * How much of what exact search finds the graph finds.
   *
   * @param queries pictures of the index that ask, at most
   */
  public Recall recall(int queries) throws IOException {
    return Recall.of(index, index.next(), queries);
  }

  /** Whether it is still there, and nothing was added to it or made anew since it was opened. */
  public boolean current() throws IOException {
    return current(index::current);
  }

  /** What is asked whether an index is current. */
  interface Question {
    boolean ask() throws IOException;
  }

  static boolean current(Question question) throws IOException {
    try {
      return question.ask();
    } catch (NoSuchFileException | IndexNotFoundException e) {
      return false; // its folder was removed; what is open can still be asked
    }
  }

  /** Pictures in it. */
  public int size() {
    return index.size();
  }

  /**
   * The nearest pictures by the graph, the nearest first; some may be missed.
   *
   * @param vector {@code [D]} of the index's encoder, of any length
   * @param k how many at most, at least 1
   */
  public List<Hit> nearest(float[] vector, int k) throws IOException {
    return index.near(VectorIndex.unit(vector.clone()), k);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
