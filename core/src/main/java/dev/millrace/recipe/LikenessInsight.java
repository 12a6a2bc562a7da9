package dev.millrace.recipe;

import dev.millrace.insight.Cka;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.encoder.ResNet;
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
    Cka cka = alignment(subject.encoders());
    int layers = ResNet.LAYERS.size();
    List<RunInsight.Cka> pairs = new ArrayList<>();
    for (int a = 0; a < subject.encoders().size(); a++) {
      for (int b = a + 1; b < subject.encoders().size(); b++) {
        List<Double> values = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
          values.add(InsightSubject.number(cka.value(a * layers + layer, b * layers + layer)));
        }
        pairs.add(new RunInsight.Cka(a, b, ResNet.LAYERS, values));
      }
    }
    return pairs;
  }

  List<RunInsight.CkaToReference> against(ProbedEncoder reference) throws IOException {
    List<ProbedEncoder> all = new ArrayList<>(subject.encoders());
    all.add(reference);
    Cka cka = alignment(all);
    int layers = ResNet.LAYERS.size();
    int theirs = subject.encoders().size() * layers;
    List<RunInsight.CkaToReference> compared = new ArrayList<>();
    for (int chunk = 0; chunk < subject.encoders().size(); chunk++) {
      List<List<Double>> values = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        List<Double> row = new ArrayList<>();
        for (int other = 0; other < layers; other++) {
          row.add(InsightSubject.number(cka.value(chunk * layers + layer, theirs + other)));
        }
        values.add(row);
      }
      compared.add(new RunInsight.CkaToReference(chunk, ResNet.LAYERS, ResNet.LAYERS, values));
    }
    return compared;
  }

  /** All layers of these encoders on the same plain views, layer after layer of each. */
  private Cka alignment(List<ProbedEncoder> compared) throws IOException {
    InsightSubject.Steps steps = subject.steps("cka");
    Cka cka = new Cka(compared.size() * ResNet.LAYERS.size());
    List<EncoderFile> open = new ArrayList<>();
    try (FixedViews views =
        FixedViews.plain(
            subject.stream(),
            subject.pictures(),
            PartSettings.views(subject.settings()).full().maker(),
            subject.settings().size(),
            subject.draw("cka pictures"),
            subject.device())) {
      InsightSubject.requirePictures(views.count(), Cka.LEAST_BATCH, "cka");
      for (ProbedEncoder encoder : compared) {
        open.add(encoder.open(subject.settings(), subject.device()));
      }
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
    } finally {
      open.forEach(EncoderFile::close);
    }
    return cka;
  }
}
