package dev.millrace.analysis;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.engine.Compute;
import dev.millrace.evaluation.ProbedEncoder;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.KeptChunks;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.RunChunks;
import dev.millrace.recipe.RunFiles;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.SettingsV1;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One call of insight on one run: its parts one after another, each found or kept. */
final class InsightRun {
  /** Raised when a part's meaning changes, so that old answers are not taken for new ones. */
  private static final Map<String, Integer> VERSIONS =
      Map.of("forgetting", 2, "health", 2, "sharpness", 2);

  private final RunDirectory directory;
  private final Settings settings;
  private final RunChunks chunks;
  private final List<ProbedEncoder> encoders;
  private final KeptInsight kept;
  private final InsightRequest request;
  private final Catalogue catalogue;
  private final InsightListener listener;

  /**
   * Looks at the run, which stays the caller's.
   *
   * @throws IllegalArgumentException if it is not finished or has lost an encoder
   */
  InsightRun(
      RunDirectory directory, InsightRequest request, Catalogue catalogue, InsightListener listener)
      throws IOException {
    this.directory = directory;
    this.request = request;
    this.catalogue = catalogue;
    this.listener = listener;
    settings = Settings.ofRun(directory.root());
    requireFinished(directory.folder(), settings);
    chunks = RunFiles.chunks(directory, settings, catalogue, listener::stop);
    encoders = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < chunks.count(); i++) {
      ProbedEncoder encoder = ProbedEncoder.pretrained(directory.root(), i);
      if (encoder == null) {
        KeptChunks.require(
            directory.root(),
            settings,
            i,
            "insight compares the encoders after all chunks, and needs");
        throw new IllegalArgumentException(
            directory.encoder(i) + " is gone; insight needs the encoder after every chunk");
      }
      encoders.add(encoder);
      all.append(encoder.sha256()).append('\n');
    }
    kept = new KeptInsight(directory.root(), Sha256.of(all.toString()));
  }

  /** Refuses a run that is not finished. */
  private static void requireFinished(RunFolder run, Settings settings) throws IOException {
    if (!run.finished(settings.stream().chunks())) {
      throw new IllegalArgumentException(
          run.root()
              + " is not finished; finish it with "
              + ShellWords.resume(run.root())
              + " before you look into it");
    }
  }

  /** Refuses what the run cannot answer, before anything is computed. */
  void check() {
    if (request.parts().contains("forgetting") && chunks.count() < 2) {
      throw UsageException.of(
          "--parts",
          "forgetting: %s has one chunk, which forgets nothing; leave it out, as --parts health,sharpness,landscape"
              .formatted(directory.root()));
    }
    if (request.parts().contains("cka") && chunks.count() < 2) {
      throw UsageException.of(
          "--parts",
          "cka: %s has one chunk, and nothing to compare its encoder with; leave it out, or give --against RUN"
              .formatted(directory.root()));
    }
  }

  RunInsight find() throws IOException {
    check();
    Compute.begin(request.threads(), request.device());
    InsightSubject subject = subject();
    ObjectNode all = JSON.createObjectNode();
    for (String part : Insights.PARTS) {
      if (!request.parts().contains(part)) {
        if (kept.last(part) != null) {
          all.set(part, kept.last(part));
        }
        continue;
      }
      all.set(
          part,
          JSON.valueToTree(
              switch (part) {
                case "forgetting" ->
                    part(
                        part,
                        new TypeReference<List<RunInsight.Forgetting>>() {},
                        new FeatureInsight(subject)::forgetting);
                case "health" ->
                    part(
                        part,
                        new TypeReference<List<RunInsight.Health>>() {},
                        new FeatureInsight(subject)::health);
                case "cka" ->
                    part(
                        part,
                        new TypeReference<List<RunInsight.Cka>>() {},
                        new LikenessInsight(subject)::cka);
                case "sharpness" ->
                    part(
                        part,
                        new TypeReference<List<RunInsight.Sharpness>>() {},
                        new LossInsight(subject)::sharpness);
                case "landscape" ->
                    part(
                        part,
                        new TypeReference<RunInsight.Landscape>() {},
                        new LossInsight(subject)::landscape);
                default -> throw UsageException.of("--parts", part + " is unknown");
              }));
    }
    RunInsight insight = JSON.treeToValue(all, RunInsight.class);
    Path file = directory.folder().insight();
    directory.seal().drop(file);
    AtomicFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(insight));
    directory.seal().add(file);
    return insight;
  }

  /** Refuses a run that is not finished, and one to compare it with that it cannot be. */
  static void require(Path run, Path reference) throws IOException {
    Settings settings = Settings.ofRun(run);
    requireFinished(RunFolder.of(run).require(), settings);
    if (reference == null) {
      return;
    }
    RunFolder other = RunFolder.of(reference).require();
    Settings theirs = Settings.ofRun(reference);
    requireFinished(other, theirs);
    if (!PartSettings.encoder(theirs).equals(PartSettings.encoder(settings))
        || theirs.views().size() != settings.views().size()) {
      throw UsageException.of(
          "--against",
          "%s: its encoder is %s at %d pixels, that of %s is %s at %d; compare runs of one architecture and size"
              .formatted(
                  reference,
                  PartSettings.encoder(theirs),
                  theirs.views().size(),
                  run,
                  PartSettings.encoder(settings),
                  settings.views().size()));
    }
  }

  /** CKA of every chunk's encoder against another run's final one. */
  List<RunInsight.CkaToReference> against(Path reference) throws IOException {
    require(directory.root(), reference);
    RunFolder other = RunFolder.of(reference);
    Compute.begin(request.threads(), request.device());
    Path file = other.encoder();
    String sha256 = Sha256.of(file);
    ProbedEncoder last = new ProbedEncoder(ProbedEncoder.PRETRAINED, null, file, sha256);
    return part(
        "against-" + sha256.substring(0, 12),
        new TypeReference<List<RunInsight.CkaToReference>>() {},
        () -> new LikenessInsight(subject()).against(last));
  }

  private InsightSubject subject() {
    return new InsightSubject(
        directory.root(), settings, chunks, encoders, request, catalogue, listener);
  }

  private <T> T part(String name, TypeReference<T> type, KeptInsight.Finder<T> finder)
      throws IOException {
    long began = System.nanoTime();
    KeptInsight.Answer<T> answer = kept.of(name, question(name), type, finder);
    listener.done(name, "", (System.nanoTime() - began) * 1e-9, answer.kept());
    return answer.value();
  }

  private String question(String part) throws IOException {
    String pictures = "images " + request.images();
    String loss = "loss images " + request.loss().images();
    String own =
        switch (part) {
          case "forgetting" ->
              pictures + (request.layout() == null ? "" : " layout " + request.layout());
          case "sharpness" ->
              loss
                  + " "
                  + request.loss().sharpness()
                  + " "
                  + request.loss().adaptiveImages()
                  + " "
                  + request.loss().adaptive();
          case "landscape" -> loss + " " + request.loss().landscape();
          default -> pictures;
        };
    return String.join(
        "\n",
        part,
        "version " + VERSIONS.getOrDefault(part, 1),
        own,
        "seed " + request.seed(),
        "device " + request.device(),
        "data " + chunks.fingerprint(),
        "settings " + SettingsV1.digest(settings));
  }
}
