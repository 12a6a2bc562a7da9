package dev.millrace.analysis;

import dev.millrace.evaluation.ProbedEncoder;
import dev.millrace.insight.Cka;
import dev.millrace.recipe.PartSettings;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** How alike the layers of encoders are, by CKA on the same pictures. */
final class LikenessInsight {
  private static final int BATCH = 64;

  private final InsightSubject subject;

  LikenessInsight(InsightSubject subject) {
    this.subject = subject;
  }

  List<RunInsight.Cka> cka() throws IOException {
    Alignment all = alignment(subject.encoders());
    List<RunInsight.Cka> pairs = new ArrayList<>();
    for (int a = 0; a < subject.encoders().size(); a++) {
      for (int b = a + 1; b < subject.encoders().size(); b++) {
        List<Double> values = new ArrayList<>();
        for (int layer = 0; layer < all.layers(a).size(); layer++) {
          values.add(all.value(a, layer, b, layer));
        }
        pairs.add(new RunInsight.Cka(a, b, all.layers(a), values));
      }
    }
    return pairs;
  }

  List<RunInsight.CkaToReference> against(ProbedEncoder reference) throws IOException {
    List<ProbedEncoder> all = new ArrayList<>(subject.encoders());
    all.add(reference);
    Alignment alignment = alignment(all);
    int last = subject.encoders().size();
    List<RunInsight.CkaToReference> compared = new ArrayList<>();
    for (int chunk = 0; chunk < last; chunk++) {
      List<List<Double>> values = new ArrayList<>();
      for (int layer = 0; layer < alignment.layers(chunk).size(); layer++) {
        List<Double> row = new ArrayList<>();
        for (int other = 0; other < alignment.layers(last).size(); other++) {
          row.add(alignment.value(chunk, layer, last, other));
        }
        values.add(row);
      }
      compared.add(
          new RunInsight.CkaToReference(
              chunk, alignment.layers(chunk), alignment.layers(last), values));
    }
    return compared;
  }

  /**
   * CKA of every layer with every other.
   *
   * @param layers names of each encoder's, which need not be of one kind
   */
  private record Alignment(Cka cka, List<List<String>> layers) {
    List<String> layers(int encoder) {
      return layers.get(encoder);
    }

    Double value(int encoder, int layer, int other, int otherLayer) {
      return InsightSubject.number(cka.value(place(encoder) + layer, place(other) + otherLayer));
    }

    private int place(int encoder) {
      return layers.subList(0, encoder).stream().mapToInt(List::size).sum();
    }
  }

  /** All layers of these encoders on the same plain views, layer after layer of each. */
  private Alignment alignment(List<ProbedEncoder> compared) throws IOException {
    InsightSubject.Steps steps = subject.steps("cka");
    List<EncoderFile> open = new ArrayList<>();
    try (FixedViews views =
        FixedViews.plain(
            subject.stream(),
            subject.pictures(),
            PartSettings.views(subject.settings()).full().maker(),
            subject.settings().views().size(),
            subject.draw("cka pictures"),
            subject.device())) {
      InsightSubject.requirePictures(views.count(), Cka.LEAST_BATCH, "cka");
      for (ProbedEncoder encoder : compared) {
        open.add(encoder.open(subject.settings(), subject.device()));
      }
      List<List<String>> names =
          open.stream().map(encoder -> encoder.net().spec().layers()).toList();
      Cka cka = new Cka(names.stream().mapToInt(List::size).sum());
      int batches = (views.count() + BATCH - 1) / BATCH;
      int batch = views.count() / batches; // equal ones, since a batch's weight is one
      for (int b = 0; b < batches; b++) {
        subject.check();
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          Tensor x = views.view(0).narrow(0, (long) b * batch, batch);
          List<Tensor> layers = new ArrayList<>();
          open.forEach(encoder -> layers.addAll(encoder.net().layers(x)));
          cka.add(layers);
        }
      }
      steps.told("%d encoders on %d pictures".formatted(compared.size(), batches * batch));
      return new Alignment(cka, names);
    } finally {
      open.forEach(EncoderFile::close);
    }
  }
}
