package dev.millrace.exchange.search;

import dev.millrace.engine.Compute;
import dev.millrace.engine.NativeCall;
import dev.millrace.exchange.Pictures;
import dev.millrace.inference.Encoder;
import dev.millrace.probe.BadPicture;
import dev.millrace.probe.FeatureStream;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Pictures of an index with two vectors each: the one that was kept, and the one that another
 * encoder makes. Rows of length 1, those of a picture at the same place. The arrays are the
 * caller's.
 *
 * @param encoder SHA-256 of the other encoder's file, hex
 * @param index SHA-256 of that of the index, hex
 * @param asked {@code [N, D]}, by the other encoder
 * @param kept {@code [N, E]}, as the index has them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record VectorPairs(String encoder, String index, float[][] asked, float[][] kept) {
  /**
   * Embeds some pictures of an index with another encoder.
   *
   * @param request its encoder, its set, and the index, which is complete and of another encoder
   * @param most how many pictures, spread evenly over the set
   * @param listener hears how it goes on
   * @throws IllegalArgumentException if there is no finished index, or none of its pictures is in
   *     the set
   * @throws CancellationException if the listener asked to stop
   */
  public static VectorPairs of(
      PictureSearch.Request request, int most, PictureSearch.Listener listener) throws IOException {
    return NativeCall.run(
        call -> pairs(request, most, call.reporting(PictureSearch.Listener.class, listener)));
  }

  private static VectorPairs pairs(
      PictureSearch.Request request, int most, PictureSearch.Listener listener) throws IOException {
    IndexFolder folder = new IndexFolder(request.index());
    Map<String, String> words = folder.words();
    if (!IndexFolder.complete(words) || Origin.isOlder(words)) {
      throw UsageException.of(
          "--index",
          request.index()
              + " is no finished index of this version's form; give the `millrace search` again that makes it");
    }
    Pictures pictures =
        SearchedSet.open(request.data(), request.folders(), Catalogue.standard()).pictures();
    List<Integer> places = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    Map<Integer, float[]> vectors;
    try (VectorIndex index = VectorIndex.open(folder)) {
      int[] known = index.numbers(pictures.size(), pictures::key);
      int[] there =
          java.util.stream.IntStream.range(0, known.length)
              .filter(place -> known[place] != IndexUpdate.NONE)
              .toArray();
      if (there.length == 0) {
        throw UsageException.of(
            "--data",
            "%s has none of the pictures of %s, by name, class and size; give the set that the index is of"
                .formatted(pictures.name(), request.index()));
      }
      int n = Math.min(most, there.length);
      for (int i = 0; i < n; i++) {
        int place = there[(int) ((i + 0.5) * there.length / n)];
        places.add(place);
        numbers.add(known[place]);
      }
      vectors = index.vectors(numbers);
    }
    Compute.begin(request.options().threads(), request.options().device());
    try (Encoder encoder = Encoder.load(request.encoder(), request.options());
        FeatureStream stream =
            encoder.stream(
                pictures.subset(
                    pictures.name(), places.stream().mapToInt(Integer::intValue).toArray()),
                0)) {
      List<float[]> asked = new ArrayList<>();
      List<float[]> kept = new ArrayList<>();
      for (FeatureStream.Batch batch = stream.take(); batch != null; batch = stream.take()) {
        Set<Integer> bad = new HashSet<>(batch.bad().stream().map(BadPicture::place).toList());
        float[] rows = batch.features();
        int dim = encoder.dim();
        int row = 0;
        for (int at = batch.from(); at < batch.from() + batch.count(); at++) {
          if (bad.contains(at)) {
            continue;
          }
          float[] made = Arrays.copyOfRange(rows, row * dim, (row + 1) * dim);
          row++;
          float[] before = vectors.get(numbers.get(at));
          if (before != null) {
            asked.add(VectorIndex.unit(made));
            kept.add(before);
          }
        }
        listener.indexed(asked.size(), places.size(), bad.size());
        if (listener.stop()) {
          throw new CancellationException("stopped while vectors were compared");
        }
      }
      return new VectorPairs(
          encoder.sha256(),
          words.get(Origin.ENCODER),
          asked.toArray(float[][]::new),
          kept.toArray(float[][]::new));
    }
  }
}
