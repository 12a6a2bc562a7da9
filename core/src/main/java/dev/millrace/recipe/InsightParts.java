package dev.millrace.recipe;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.insight.Cka;
import dev.millrace.insight.Forgetting;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.LossSurface;
import dev.millrace.insight.Representation;
import dev.millrace.insight.Sharpness;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.encoder.FrozenResNet;
import dev.millrace.vision.encoder.ResNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** How each part of insight is found out about one run. Not thread-safe. */
final class InsightParts {
  private static final int BATCH = 64;

  private static final List<String> TASKS = List.of(ProbeTasks.KNN, ProbeTasks.LINEAR);

  private final Path run;
  private final Settings settings;
  private final RunChunks chunks;
  private final List<ProbedEncoder> encoders;
  private final Insights.Request request;
  private final Catalogue catalogue;
  private final Insights.Listener listener;
  private final Device device;
  private String part;
  private long began;

  InsightParts(
      Path run,
      Settings settings,
      RunChunks chunks,
      List<ProbedEncoder> encoders,
      Insights.Request request,
      Catalogue catalogue,
      Insights.Listener listener) {
    this.run = run;
    this.settings = settings;
    this.chunks = chunks;
    this.encoders = encoders;
    this.request = request;
    this.catalogue = catalogue;
    this.listener = listener;
    device = new Device(request.device());
  }

  List<RunInsight.Forgetting> forgetting() throws IOException {
    begin("forgetting");
    StreamParts parts = StreamParts.of(settings, chunks.entries(), catalogue, request.images());
    Probing.Request asked =
        new Probing.Request(
            TASKS,
            settings.data(),
            null,
            true,
            request.images(),
            request.threads(),
            request.device(),
            null,
            false,
            false,
            null);
    List<ProbedEncoder> all = new ArrayList<>(List.of(ProbedEncoder.untrained(settings)));
    all.addAll(encoders);
    List<List<List<Double>>> rows = List.of(new ArrayList<>(), new ArrayList<>());
    for (ProbedEncoder encoder : all) {
      try (Judge judge = new Judge(settings, asked, encoder, new Probing.Listener() {})) {
        ForgettingRows one = new ForgettingRows(judge);
        for (int t = 0; t < TASKS.size(); t++) {
          rows.get(t).add(one.row(TASKS.get(t), parts));
        }
      }
      told(encoder.chunk() == null ? "untrained" : "after chunk " + (encoder.chunk() + 1));
    }
    List<RunInsight.Forgetting> tasks = new ArrayList<>();
    for (int t = 0; t < TASKS.size(); t++) {
      List<Double> untrained = rows.get(t).get(0);
      List<List<Double>> matrix = List.copyOf(rows.get(t).subList(1, all.size()));
      Forgetting sums =
          Forgetting.of(
              matrix.stream().map(InsightParts::array).toArray(double[][]::new), array(untrained));
      tasks.add(
          new RunInsight.Forgetting(
              TASKS.get(t),
              parts.names(),
              matrix,
              untrained,
              sums.averageAccuracy(),
              sums.forgetting(),
              sums.backwardTransfer(),
              number(sums.forwardTransfer())));
    }
    return tasks;
  }

  List<RunInsight.Health> health() throws IOException {
    begin("health");
    List<RunInsight.Health> health = new ArrayList<>();
    ImageSet stream = stream();
    try (FixedViews views =
        FixedViews.random(
            stream,
            pictures(),
            2,
            PartSettings.views(settings).full().maker(),
            settings.size(),
            Draw.of(request.seed(), "health pictures"),
            request.seed(),
            0,
            device)) {
      requirePictures(views.count(), 2, "health");
      for (ProbedEncoder encoder : encoders) {
        try (PointerScope scope = new PointerScope();
            EncoderFile file = encoder.open(settings, device);
            FrozenResNet frozen = new FrozenResNet(file.net(), PartSettings.precision(settings))) {
          Tensor one = frozen.forward(views.view(0));
          Tensor other = frozen.forward(views.view(1));
          double rank = Representation.effectiveRank(one);
          double variance = Representation.variance(one);
          health.add(
              new RunInsight.Health(
                  encoder.chunk(),
                  rank,
                  Representation.alignment(one, other),
                  Representation.uniformity(one),
                  variance,
                  Representation.collapsed(variance, rank)));
        }
        told("after chunk " + (encoder.chunk() + 1));
      }
    }
    return health;
  }

  List<RunInsight.Cka> cka() throws IOException {
    begin("cka");
    Cka cka = alignment(encoders);
    int layers = ResNet.LAYERS.size();
    List<RunInsight.Cka> pairs = new ArrayList<>();
    for (int a = 0; a < encoders.size(); a++) {
      for (int b = a + 1; b < encoders.size(); b++) {
        List<Double> values = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
          values.add(number(cka.value(a * layers + layer, b * layers + layer)));
        }
        pairs.add(new RunInsight.Cka(a, b, ResNet.LAYERS, values));
      }
    }
    return pairs;
  }

  List<RunInsight.CkaToReference> against(ProbedEncoder reference) throws IOException {
    begin("cka");
    List<ProbedEncoder> all = new ArrayList<>(encoders);
    all.add(reference);
    Cka cka = alignment(all);
    int layers = ResNet.LAYERS.size();
    int theirs = encoders.size() * layers;
    List<RunInsight.CkaToReference> compared = new ArrayList<>();
    for (int chunk = 0; chunk < encoders.size(); chunk++) {
      List<List<Double>> values = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        List<Double> row = new ArrayList<>();
        for (int other = 0; other < layers; other++) {
          row.add(number(cka.value(chunk * layers + layer, theirs + other)));
        }
        values.add(row);
      }
      compared.add(new RunInsight.CkaToReference(chunk, ResNet.LAYERS, ResNet.LAYERS, values));
    }
    return compared;
  }

  /** All layers of these encoders on the same plain views, layer after layer of each. */
  private Cka alignment(List<ProbedEncoder> compared) throws IOException {
    Cka cka = new Cka(compared.size() * ResNet.LAYERS.size());
    List<EncoderFile> open = new ArrayList<>();
    try (FixedViews views =
        FixedViews.plain(
            stream(),
            pictures(),
            PartSettings.views(settings).full().maker(),
            settings.size(),
            Draw.of(request.seed(), "cka pictures"),
            device)) {
      requirePictures(views.count(), Cka.LEAST_BATCH, "cka");
      for (ProbedEncoder encoder : compared) {
        open.add(encoder.open(settings, device));
      }
      int batches = (views.count() + BATCH - 1) / BATCH;
      int batch = views.count() / batches; // equal ones, since a batch's weight is one
      for (int b = 0; b < batches; b++) {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          Tensor x = views.view(0).narrow(0, (long) b * batch, batch);
          List<Tensor> layers = new ArrayList<>();
          open.forEach(encoder -> layers.addAll(encoder.net().layers(x)));
          cka.add(layers);
        }
      }
      told("%d encoders on %d pictures".formatted(compared.size(), batches * batch));
    } finally {
      open.forEach(EncoderFile::close);
    }
    return cka;
  }

  List<RunInsight.Sharpness> sharpness() throws IOException {
    begin("sharpness");
    List<RunInsight.Sharpness> all = new ArrayList<>();
    Sharpness.Settings how = request.sharpness();
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      try (ChunkLoss loss = new ChunkLoss(run, settings, chunks, chunk, request)) {
        LossSurface surface = loss.surface();
        // The same draws for every chunk and every run of a size: they compare at equal luck.
        double keskar = Sharpness.keskar(surface, how, draw("keskar"));
        Sharpness.Eigenvalue top = Sharpness.largestEigenvalue(surface, how, draw("eigenvalue"));
        Sharpness.Trace trace = Sharpness.trace(surface, how, draw("trace"));
        all.add(
            new RunInsight.Sharpness(
                chunk,
                loss.images(),
                surface.loss(),
                how.epsilon(),
                keskar,
                top.value(),
                top.iterations(),
                trace.value(),
                trace.standardError(),
                how.draws()));
      }
      told("after chunk " + (chunk + 1));
    }
    return all;
  }

  RunInsight.Landscape landscape() throws IOException {
    begin("landscape");
    LossLandscape.Settings how = request.landscape();
    double[] alphas = LossLandscape.spaced(-how.radius(), how.radius(), how.points());
    double[] sides = LossLandscape.spaced(-how.radius(), how.radius(), Math.max(2, how.side()));
    double[] steps = LossLandscape.spaced(0, 1, how.path());
    List<RunInsight.Line> lines = new ArrayList<>();
    List<RunInsight.Plane> planes = new ArrayList<>();
    List<RunInsight.Stretch> paths = new ArrayList<>();
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      try (PointerScope scope = new PointerScope();
          ChunkLoss loss = new ChunkLoss(run, settings, chunks, chunk, request)) {
        LossSurface surface = loss.surface();
        List<List<Double>> line = new ArrayList<>();
        for (int d = 0; d < how.directions(); d++) {
          line.add(
              list(LossLandscape.line(surface, loss.layout(), draw("direction").at(d), alphas)));
        }
        lines.add(new RunInsight.Line(chunk, list(alphas), line));
        if (how.side() > 0) {
          double[][] plane =
              LossLandscape.plane(
                  surface,
                  loss.layout(),
                  draw("direction").at(0),
                  draw("direction").at(1),
                  sides,
                  sides);
          planes.add(
              new RunInsight.Plane(
                  chunk,
                  list(sides),
                  list(sides),
                  Arrays.stream(plane).map(InsightParts::list).toList()));
        }
        if (chunk + 1 < chunks.count()) {
          Tensor next = ChunkLoss.weights(run, chunk + 1, surface.weights());
          paths.add(
              new RunInsight.Stretch(
                  chunk,
                  chunk + 1,
                  list(steps),
                  list(LossLandscape.path(surface, next, steps)),
                  null));
        }
      }
      told("after chunk " + (chunk + 1));
    }
    return new RunInsight.Landscape(lines, planes, paths);
  }

  private Draw draw(String purpose) {
    return Draw.of(request.seed(), purpose);
  }

  /** All chunks' pictures. */
  private ImageSet stream() throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (int i = 0; i < chunks.count(); i++) {
      sets.add(chunks.open(i).images());
    }
    return new Union("the stream", sets);
  }

  private int pictures() {
    return request.images() == 0
        ? Insights.PICTURES
        : Math.min(Insights.PICTURES, request.images());
  }

  private static void requirePictures(int found, int least, String part) {
    if (found < least) {
      throw new IllegalArgumentException(
          "--parts %s: found %d pictures, expected %d or more; raise --images"
              .formatted(part, found, least));
    }
  }

  private void begin(String name) {
    part = name;
    began = System.nanoTime();
  }

  private void told(String what) {
    listener.done(part, what, (System.nanoTime() - began) * 1e-9, false);
    began = System.nanoTime();
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<Double> list(double[] values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(number(value));
    }
    return list;
  }

  /** JSON knows finite numbers alone. */
  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
