package dev.millrace.evaluation;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.setting.Knobs;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One encoder before one set: opens the encoder and takes a piece's features when a task first asks
 * for them, and keeps them for the tasks after it. Not thread-safe; close it to free the encoder.
 */
public final class Judge implements AutoCloseable {
  private final Settings settings;
  private final ProbeRequest request;
  private final ProbedEncoder encoder;
  private final ProbeListener listener;
  private final Features extractor;
  private final Map<ImageSet, FeatureMatrix> kept = new IdentityHashMap<>();
  private EncoderFile opened;

  public Judge(
      Settings settings, ProbeRequest request, ProbedEncoder encoder, ProbeListener listener) {
    this.settings = settings;
    this.request = request;
    this.encoder = encoder;
    this.listener = listener;
    int size = size();
    extractor =
        new Features(
            size,
            new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet()),
            request.threads(),
            listener::stop);
  }

  ProbedEncoder encoder() {
    return encoder;
  }

  public TaskSettings tasks() {
    return request.settings();
  }

  /** Whether a stop was requested. */
  boolean stop() {
    return listener.stop();
  }

  int threads() {
    return request.threads();
  }

  /** Side of what the encoder sees, pixels. */
  int size() {
    return size(settings, request);
  }

  static int size(Settings settings, ProbeRequest request) {
    return request.pictures().size() == null ? settings.views().size() : request.pictures().size();
  }

  Device device() {
    return new Device(request.device());
  }

  Precision precision() {
    return PartSettings.precision(settings);
  }

  /** The arithmetic of the encoder by its flag's value; null where there is no encoder. */
  String shownPrecision() {
    return encoder.net() ? Knobs.word(PartSettings.resolved(settings).machine().precision()) : null;
  }

  /** The net, in evaluation mode; not to be written to, and closed with this. */
  EncoderNet net() throws IOException {
    if (opened == null) {
      opened = encoder.open(settings, device());
      opened.net().spec().requireSize(size());
    }
    return opened.net();
  }

  /** Features of some pieces, one after another; at least one piece. */
  public FeatureMatrix features(List<ImageSet> pieces) throws IOException {
    FeatureMatrix all = null;
    for (ImageSet piece : pieces) {
      FeatureMatrix one = kept.get(piece);
      if (one == null) {
        long began = System.nanoTime();
        one =
            encoder.net()
                ? extractor.of(net(), piece, device(), precision())
                : extractor.pixels(piece);
        kept.put(piece, one);
        listener.extracted(
            encoder.shown(settings), piece.name(), one.n(), (System.nanoTime() - began) * 1e-9);
      }
      all = all == null ? one : all.and(one);
    }
    return all;
  }

  /** Features by a net of the caller's, such as a fine-tuned copy; not kept. */
  public FeatureMatrix features(EncoderNet net, List<ImageSet> pieces) {
    FeatureMatrix all = null;
    for (ImageSet piece : pieces) {
      FeatureMatrix one = extractor.of(net, piece, device(), precision());
      all = all == null ? one : all.and(one);
    }
    return all;
  }

  /** What every task that learns from a division's training pictures says of them. */
  Map<String, Object> learned(SplitParts parts, int pictures) {
    Map<String, Object> by = new LinkedHashMap<>();
    by.put("trained_on", pictures);
    by.put("subset_of", parts.subsetOf());
    return by;
  }

  /** One answer: what was found, and under which conditions. */
  ProbeResult result(
      SplitParts parts, String task, Accuracy accuracy, Double lambda, Map<String, Object> by) {
    boolean byClass = parts.byClass();
    by.put("judged_on", accuracy.judged());
    by.put("held_out", parts.heldOut() ? accuracy.judged() : null);
    by.put("chance", byClass ? accuracy.meanPerClassChance() : accuracy.top1Chance());
    by.put("size", size());
    by.put("precision", shownPrecision());
    return new ProbeResult(
        task,
        parts.data(),
        parts.split(),
        encoder.chunk(),
        null,
        byClass ? "mean_per_class" : "top1",
        byClass ? accuracy.meanPerClass() : accuracy.top1(),
        byClass ? accuracy.meanPerClassError() : accuracy.top1Error(),
        encoder.label(),
        lambda,
        Conditions.of(by));
  }

  @Override
  public void close() throws IOException {
    if (opened != null) {
      opened.close();
      encoder.requireUnchanged();
    }
  }
}
