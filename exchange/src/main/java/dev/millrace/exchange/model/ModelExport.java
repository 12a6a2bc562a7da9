package dev.millrace.exchange.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Safetensors;
import dev.millrace.evaluation.Conditions;
import dev.millrace.exchange.Exported;
import dev.millrace.exchange.card.Card;
import dev.millrace.exchange.card.CardFile;
import dev.millrace.exchange.card.ProbeRows;
import dev.millrace.exchange.onnx.OnnxModel;
import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Methods;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.file.WeightsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes an encoder in a format that other programs read. Before the file is there at all, the
 * program that the format is for (ONNX Runtime, or libtorch as it reads the file back) computes the
 * features of real pictures, and they must be those of libtorch in single precision. Beside the
 * file go its checksum, {@code FILE.sha256}, and a model card. Equal encoders give equal bytes.
 */
public final class ModelExport {
  /** How far a feature may be from libtorch's. */
  public static final double BOUND = 1e-4;

  /**
   * How far a feature in half precision may be from libtorch's, as a share of the largest of all
   * features: ten times the rounding of float16, 2⁻¹⁰.
   */
  public static final double HALF_BOUND = 0.01;

  /**
   * What to export.
   *
   * @param run folder of a run; or null
   * @param chunk the run's encoder after this chunk, counted from 0; null for the final one
   * @param weights an encoder file instead of a run's; or null
   * @param format what to write
   * @param half for ONNX: compute in float16
   * @param out the file; null for beside the encoder
   * @param force whether files that are there already are replaced
   * @param data set to compare on; null for the run's own
   * @param license identifier for the card, such as {@code apache-2.0}; null for unknown
   * @param samples file for the compared pictures and libtorch's features of them; or null
   * @param threads cores to use, at least 1
   * @param subsets whether the card also shows answers that were given on less than their task asks
   *     for
   */
  public record Request(
      Path run,
      Integer chunk,
      Path weights,
      Format format,
      boolean half,
      Path out,
      boolean force,
      String data,
      String license,
      Path samples,
      int threads,
      boolean subsets) {
    /** The same with a card that leaves such answers out. */
    public Request(
        Path run,
        Integer chunk,
        Path weights,
        Format format,
        boolean half,
        Path out,
        boolean force,
        String data,
        String license,
        Path samples,
        int threads) {
      this(run, chunk, weights, format, half, out, force, data, license, samples, threads, false);
    }

    /** Refuses half precision for other formats than ONNX, and licences that are no identifier. */
    public Request {
      if (half && format != Format.ONNX) {
        throw UsageException.of(
            "--fp16",
            "is for --format onnx, found --format "
                + format
                + "; leave it out: PyTorch makes .half() of its own formats");
      }
      if (license != null && !license.matches("[A-Za-z0-9][A-Za-z0-9.+-]{0,95}")) {
        throw UsageException.of(
            "--license",
            license
                + " is no identifier; give one such as apache-2.0 or cc-by-4.0, or leave it out");
      }
    }
  }

  /**
   * What was written.
   *
   * @param out the model
   * @param card the model card
   * @param maxAbsDifference the farthest that a feature is from libtorch's
   * @param bound how far it may be
   * @param pictures how many were compared on
   * @param data where they are from, in words
   */
  public record Outcome(
      Path out, Path card, double maxAbsDifference, double bound, int pictures, String data) {}

  private ModelExport() {}

  /**
   * Exports an encoder.
   *
   * @throws IllegalArgumentException if the encoder is not there, a file is and force is not given,
   *     or the format cannot hold the encoder
   * @throws IOException if a file cannot be read or written, or the model computes something else
   *     than libtorch; nothing is written then
   * @throws java.util.concurrent.CancellationException if the caller was interrupted, whose flag
   *     stays set, or the process is ending; nothing is written then
   */
  public static Outcome export(Request request) throws IOException {
    return export(request, Catalogue.standard());
  }

  /**
   * Like {@link #export(Request)}.
   *
   * @param catalogue opens the set whose pictures are compared, and those of the program's own
   */
  public static Outcome export(Request request, Catalogue catalogue) throws IOException {
    return NativeCall.run(call -> export(request, catalogue, call));
  }

  private static Outcome export(Request request, Catalogue catalogue, NativeCall call)
      throws IOException {
    Source source = Source.of(request);
    Path out = request.out() == null ? source.out(request.format(), request.half()) : request.out();
    requireFree("--out", out, source, request.force());
    if (request.samples() != null) {
      requireFree("--samples", request.samples(), source, request.force());
    }
    String sha256 = WeightsFile.of(source.file()).sha256();
    CardFile card = CardFile.beside(out, sha256);
    Device cpu = Compute.begin(request.threads(), "cpu");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = EncoderFile.read(source.file(), EncoderFile.STANDARD_SIZE, cpu)) {
      requireUnchanged(source.file(), sha256);
      CheckPictures pictures =
          CheckPictures.of(
              request.data(), source.data(), catalogue, encoder.size(), encoder.normalisation());
      call.check();
      Tensor truth = encoder.net().forward(pictures.normalised(), false);
      Map<String, String> about = about(encoder, sha256);
      try (Candidate candidate =
          Candidate.write(encoder, request.format(), request.half(), about, out)) {
        call.check();
        double largest = truth.abs().max().item_double();
        double bound = request.half() ? HALF_BOUND * largest : BOUND;
        double difference =
            candidate.features(pictures, request.threads()).sub(truth).abs().max().item_double();
        call.check();
        // A NaN is no agreement either.
        if (!(difference <= bound)) {
          throw new IOException(
              "%s would disagree with libtorch: features of up to %.3g differ by up to %.3g on %d pictures of %s, and at most %.3g is allowed; nothing was written"
                  .formatted(out, largest, difference, pictures.count(), pictures.set(), bound));
        }
        candidate.publish(out);
        if (request.samples() != null) {
          Safetensors.write(
              request.samples(),
              Map.of("pixels", pictures.pixels(), "features", truth),
              Safetensors.sealed(Map.of("encoder_sha256", sha256, "pictures", pictures.set())));
        }
        Outcome outcome =
            new Outcome(out, card.path(), difference, bound, pictures.count(), pictures.set());
        card.write(
            card(request, source, encoder, sha256),
            new Card.Model(
                out.getFileName().toString(),
                request.format().toString(),
                request.half(),
                difference,
                pictures.count(),
                pictures.set()));
        return outcome;
      }
    }
  }

  /**
   * Reads an exported model again and holds it to the checksum beside it.
   *
   * @throws IllegalArgumentException if there is no checksum beside it
   * @throws IOException if the checksum itself is damaged
   */
  public static List<Finding> examine(Path model) throws IOException {
    return Seal.examineBeside(model, "export it again with --force");
  }

  /** An extension that is finished meanwhile puts another encoder into the place of a run's. */
  private static void requireUnchanged(Path file, String sha256) throws IOException {
    if (!WeightsFile.of(file).sha256().equals(sha256)) {
      throw new IOException(file + " changed while it was read; export it again");
    }
  }

  private static void requireFree(String flag, Path file, Source source, boolean force)
      throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    if (Files.isSameFile(file, WeightsFile.of(source.file()).path())) {
      throw new UsageException(flag, file, "is the encoder itself", "choose another path");
    }
    if (Files.isDirectory(file)) {
      throw new UsageException(flag, file, "is a folder", "give the path of a file in it");
    }
    if (!force) {
      throw UsageException.of(
          flag,
          file
              + " exists already, "
              + (Exported.isOfOther(file, WeightsFile.of(source.file()).sha256())
                  ? "of another encoder than this one"
                  : "of this encoder or of one before it")
              + "; give --force to replace it, or another path");
    }
  }

  /** What a model says of itself: all that the encoder's file says, and how to use it. */
  private static Map<String, String> about(EncoderFile encoder, String sha256) {
    Map<String, String> about = new TreeMap<>(encoder.metadata());
    about.remove("format");
    about.put("encoder_sha256", sha256);
    about.put(
        "input",
        OnnxModel.INPUT
            + " [N, 3, H, W] float32: red, green, blue in [0, 1], channels first; made for H = W = "
            + encoder.size()
            + "; the model itself subtracts mean and divides by std");
    about.put("output", OnnxModel.OUTPUT + " [N, " + encoder.net().spec().dim() + "] float32");
    return about;
  }

  private static Card card(Request request, Source source, EncoderFile encoder, String sha256)
      throws IOException {
    List<ProbeRows.Row> rows =
        source.run() == null
            ? List.of()
            : ProbeRows.of(RunFolder.of(source.run()).probes(), sha256, ModelExport::how);
    List<ProbeRows.Row> shown =
        rows.stream()
            .map(row -> row.called(name(row.data())))
            .filter(row -> request.subsets() || row.how().shortcuts().isEmpty())
            .toList();
    return new Card(
        encoder.net().spec(),
        encoder.size(),
        encoder.metadata(),
        sha256,
        source.setNames(),
        source.chunk(),
        source.chunks(),
        request.license(),
        shown,
        rows.size() - shown.size(),
        Methods.labelled());
  }

  /** A set's name without its place; a known set's domain keeps the set's name before it. */
  private static String name(String data) {
    String first = data.replaceAll("/.*", "");
    return Catalogue.isName(data) || Catalogue.isName(first) ? data : Source.nameOf(data);
  }

  private static ProbeRows.How how(JsonNode line) {
    Conditions conditions = Conditions.in(line);
    return conditions == null
        ? ProbeRows.How.UNKNOWN
        : new ProbeRows.How(
            conditions.words(),
            conditions.asMap(),
            conditions.shortcuts(line.path("task").asText()));
  }
}
