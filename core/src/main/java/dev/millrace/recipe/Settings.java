package dev.millrace.recipe;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that steers a pre-training run, under the names of the command's flags. Immutable; an
 * unknown name or a value outside its range is refused.
 *
 * @param data sets: known names, paths, or {@code generated}
 * @param stream {@code instance}, {@code class}, {@code distant}, {@code domain}, {@code joint} or
 *     {@code given}
 * @param chunks chunks of the stream; {@code joint} has 1, {@code given} one a set, {@code domain}
 *     one a domain
 * @param method one of {@link Methods#names()}
 * @param head for supervised methods: {@code full}, one head over all classes of the stream; {@code
 *     chunk}, a new one with each chunk over its own classes; {@code new}, a new one with each
 *     chunk over all; or {@code auto}: chunk where no class is in two chunks and each has two or
 *     more, else full; a run's own file names one
 * @param headWarmup epochs of linear warm-up, at least, of a chunk after the first that starts with
 *     a new head; at most half of its epochs
 * @param encoder {@code resnet18}, {@code resnet34} or {@code resnet50}
 * @param width channels of the first stage; 64 is the standard net
 * @param stem {@code small} (3×3), {@code imagenet} (7×7, stride 2, pooling) or {@code auto}: small
 *     up to 64 px
 * @param init file of weights to start from, safetensors or torch's; empty for drawn ones
 * @param size side of the views, pixels
 * @param progressiveSize sides of the views in equal parts of each chunk's epochs, rising, {@code
 *     size} last; empty for that size throughout
 * @param epochs epochs a chunk
 * @param batch pictures a step
 * @param lr peak learning rate, cosine to 0 in each chunk
 * @param warmup epochs of linear warm-up a chunk
 * @param optimiser {@code sgd}, with momentum 0.9, or {@code lars}, which holds each tensor's step
 *     to 0.02 of its norm
 * @param weightDecay on every weight; under LARS not on biases and normalisations
 * @param queue MoCo's K; {@link QueueLength#AUTO}, in flags and files {@code auto}, for the largest
 *     multiple of the batch that is neither above 4096 nor above a quarter of the smallest chunk; a
 *     run's own file names the number
 * @param temperature τ of a contrastive loss
 * @param momentum of MoCo's key encoder, and of BYOL's twin at a chunk's first step
 * @param dim width of the embeddings
 * @param projectorHidden width of the hidden layers of SimCLR's projector, and of BYOL's projector
 *     and predictor
 * @param bnSplits parts of a batch that MoCo's key encoder normalises each by itself
 * @param symmetricLoss for MoCo: each view is query and key in turn
 * @param cropMin smallest area share of a crop
 * @param blur {@code auto} (off at 32 px and below), {@code on} or {@code off}
 * @param replay share of each past chunk that replay keeps; 0 for none
 * @param memoryImages instead of a share: pictures a reservoir keeps; 0 for none
 * @param replayDraw {@code uniform}, {@code balanced} or {@code half}, see {@link
 *     dev.millrace.stream.Sampler.Mix}
 * @param mas strength of MAS; 0 for none
 * @param ewc strength of EWC; 0 for none
 * @param cassle weight of CaSSLe's distillation; 0 for none
 * @param seed of every draw: first weights, views, batches, memory
 * @param orderSeed of the stream alone: which pictures, classes or domains are in which chunk, and
 *     the chunks' order; null for the seed; a run's own file names the number
 * @param images how many training pictures of each set to use, chosen once and for all; 0 for all
 * @param imagesPerClass instead of a number of each set: of each class of each set; 0 for all
 * @param precision {@code bf16}, {@code fp32}, or {@code auto}: bf16 where the device computes in
 *     it, else fp32; a run's own file names one of the two
 * @param device {@code cpu}, {@code cuda}, {@code cuda:1}, …
 * @param threads cores to use; 0 for as many as compute fastest when the run begins, see {@link
 *     dev.millrace.engine.FreeCores}; a run's own file names the number
 * @param hierarchy file with a class hierarchy, for the distant stream; empty for the set's own,
 *     else WordNet
 * @param maxBad share of a chunk's pictures that may fail to decode
 * @param raisedMaxBad the same share, raised by a later call; 0 for not
 * @param checkpointSteps steps between checkpoints
 * @param checkpointMinutes minutes between checkpoints at most
 * @param keep checkpoints kept
 * @param keepChunks how many of the last learned chunks keep their encoder and state: a number from
 *     1, {@code all}, or {@code last}
 * @param log forms in which the run's measures are copied for other programs: {@code tensorboard},
 *     {@code csv}
 * @param knnEvery epochs between looks at the accuracy of a kNN on labelled pictures, in each chunk
 *     and at its end; 0 for none
 * @param extensions sets that later became chunks of a stream that is not {@code given}
 * @param initSha256 checksum of {@code init}; empty until the file was read
 * @param layout what the folders of sets mean: {@code auto}, {@code flat}, {@code class}, {@code
 *     domain} or {@code split}
 * @param places where the sets lay that {@code data} and {@code extensions} name by a path, by
 *     their words there
 * @param layouts what the folders of sets of {@code extensions} mean where it is not {@code layout}
 * @param chunkSettings by the number of a chunk, from 0: settings of {@link Extension#SETTINGS}
 *     that it has to itself, and {@code new-only} where it is what its set had beyond earlier
 *     chunks
 */
@JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
public record Settings(
    List<String> data,
    String stream,
    int chunks,
    String method,
    String head,
    double headWarmup,
    String encoder,
    int width,
    String stem,
    String init,
    int size,
    List<Integer> progressiveSize,
    int epochs,
    int batch,
    double lr,
    double warmup,
    String optimiser,
    double weightDecay,
    @JsonSerialize(using = QueueLength.Written.class) @JsonDeserialize(using = QueueLength.class)
        int queue,
    double temperature,
    double momentum,
    int dim,
    int projectorHidden,
    int bnSplits,
    boolean symmetricLoss,
    double cropMin,
    String blur,
    double replay,
    int memoryImages,
    String replayDraw,
    double mas,
    double ewc,
    double cassle,
    long seed,
    Long orderSeed,
    int images,
    int imagesPerClass,
    String precision,
    String device,
    int threads,
    String hierarchy,
    double maxBad,
    double raisedMaxBad,
    int checkpointSteps,
    double checkpointMinutes,
    int keep,
    String keepChunks,
    List<String> log,
    int knnEvery,
    List<String> extensions,
    String initSha256,
    String layout,
    Map<String, String> places,
    Map<String, String> layouts,
    Map<String, Map<String, Object>> chunkSettings) {

  /** How a run is kept and watched: no result depends on it, and every call may change it. */
  public static final List<String> KEPT = List.of("log", "knn-every", "keep-chunks");

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);

  /** Refuses names and ranges that no part further down would refuse. */
  public Settings {
    data = List.copyOf(data);
    extensions = List.copyOf(extensions);
    log = List.copyOf(new LinkedHashSet<>(log));
    log.forEach(form -> SettingWords.check("log", form));
    progressiveSize = List.copyOf(progressiveSize);
    places = Collections.unmodifiableMap(new TreeMap<>(places));
    layouts = Collections.unmodifiableMap(new TreeMap<>(layouts));
    chunkSettings = ChunkSettings.checked(chunkSettings);
    SettingWords.check("stream", stream);
    SettingWords.check("method", method);
    SettingWords.check("head", head);
    SettingWords.check("encoder", encoder);
    SettingWords.check("stem", stem);
    SettingWords.check("blur", blur);
    SettingWords.check("replay-draw", replayDraw);
    SettingWords.check("precision", precision);
    SettingWords.check("optimiser", optimiser);
    Folders.of(layout);
    layouts.values().forEach(Folders::of);
    Require.flag(!data.isEmpty(), "--data", "names no set; see `millrace data list`");
    Require.flag(chunks >= 1, "--chunks", chunks + " is below 1");
    Require.flag(epochs >= 1, "--epochs", epochs + " is below 1");
    Require.flag(
        headWarmup >= 0 && headWarmup < Double.POSITIVE_INFINITY,
        "--head-warmup",
        headWarmup + " is below 0 epochs");
    Require.flag(width >= 1, "--width", width + " is below 1");
    Require.flag(size >= 8 && size <= 4096, "--size", size + " is not in 8 … 4096 pixels");
    Require.flag(
        queue == QueueLength.AUTO || queue >= 1,
        "--queue",
        queue + " holds no negatives; expected auto, or at least 1");
    Require.flag(threads >= 0, "--threads", threads + " is below 1");
    Require.flag(replay >= 0 && replay <= 1, "--replay", replay + " is not a share in 0 … 1");
    Require.flag(memoryImages >= 0, "--memory-images", memoryImages + " is below 0");
    Require.flag(
        replay == 0 || memoryImages == 0,
        "--replay",
        replay + " and --memory-images " + memoryImages + " exclude each other; give one");
    Require.flag(
        bnSplits == 1 || 2L * bnSplits <= batch,
        "--bn-splits",
        bnSplits
            + " leaves parts of fewer than 2 pictures of --batch "
            + batch
            + "; expected 1 to "
            + Math.max(1, batch / 2));
    Require.flag(
        !symmetricLoss || method.equals("moco-v2"),
        "--symmetric-loss",
        "is MoCo's, and --method is " + method + "; leave one of them out");
    requireRising(progressiveSize, size, epochs);
    Require.flag(mas >= 0 && mas < Double.POSITIVE_INFINITY, "--mas", mas + " is not at least 0");
    Require.flag(ewc >= 0 && ewc < Double.POSITIVE_INFINITY, "--ewc", ewc + " is not at least 0");
    Require.flag(
        cassle >= 0 && cassle < Double.POSITIVE_INFINITY,
        "--cassle",
        cassle + " is not at least 0");
    Require.flag(images >= 0, "--images", images + " is below 0; 0 means all");
    Require.flag(
        imagesPerClass >= 0, "--images-per-class", imagesPerClass + " is below 0; 0 means all");
    Require.flag(
        images == 0 || imagesPerClass == 0,
        "--images",
        images + " and --images-per-class " + imagesPerClass + " exclude each other; give one");
    Require.flag(
        raisedMaxBad >= 0 && raisedMaxBad <= 1,
        "--max-bad",
        raisedMaxBad + " is not a share in 0 … 1");
    Require.flag(knnEvery >= 0, "--knn-every", knnEvery + " is below 0 epochs; 0 means never");
    KeptChunks.count(keepChunks);
    Require.flag(keep >= 1, "--keep", keep + " is below 1 checkpoint");
    Require.flag(cropMin > 0 && cropMin <= 1, "--crop-min", cropMin + " is not in (0, 1]");
    Require.flag(
        checkpointMinutes > 0, "--checkpoint-minutes", checkpointMinutes + " is not above 0");
  }

  /** The defaults for small pictures; docs/results.md tells how they were found. */
  public static Settings defaults(String... data) {
    return new Settings(
        data.length == 0 ? List.of("generated") : List.of(data),
        "joint",
        1,
        "moco-v2",
        HeadSetting.AUTO,
        1,
        "resnet18",
        16,
        "auto",
        "",
        32,
        List.of(),
        12,
        64,
        0.03,
        0,
        "sgd",
        5e-4,
        QueueLength.AUTO,
        0.1,
        0.995,
        128,
        2048,
        1,
        false,
        0.2,
        "auto",
        0,
        0,
        "balanced",
        0,
        0,
        0,
        0,
        null,
        0,
        0,
        "auto",
        "cpu",
        0,
        "",
        0.01,
        0,
        500,
        10,
        2,
        KeptChunks.ALL,
        List.of(),
        0,
        List.of(),
        "",
        "auto",
        Map.of(),
        Map.of(),
        Map.of());
  }

  /**
   * These settings with some changed.
   *
   * @param changes values by flag name without dashes, such as {@code "weight-decay"}
   * @throws IllegalArgumentException for a name that no setting has, or a value it cannot take
   */
  public Settings with(Map<String, ?> changes) {
    ObjectNode tree = JSON.valueToTree(this);
    HeadSetting.ofBefore(new LinkedHashMap<>(changes))
        .forEach(
            (name, value) -> {
              if (!tree.has(name)) {
                throw new IllegalArgumentException(
                    "no setting is called "
                        + name
                        + Choice.near(name, names(tree))
                            .map(near -> "; the nearest is " + near)
                            .orElse(""));
              }
              tree.set(name, JSON.valueToTree(value));
            });
    try {
      return JSON.treeToValue(tree, Settings.class);
    } catch (com.fasterxml.jackson.databind.exc.ValueInstantiationException e) {
      if (e.getCause() instanceof IllegalArgumentException cause) {
        throw cause;
      }
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    } catch (com.fasterxml.jackson.databind.JsonMappingException e) {
      String where = e.getPath().isEmpty() ? "a setting" : e.getPath().get(0).getFieldName();
      throw new IllegalArgumentException(where + ": " + e.getOriginalMessage(), e);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /** One setting changed; see {@link #with(Map)}. */
  public Settings with(String name, Object value) {
    return with(Map.of(name, value));
  }

  /**
   * Reads a settings file over the defaults.
   *
   * @throws IOException if it cannot be read as YAML
   * @throws IllegalArgumentException for a name that no setting has, or a value it cannot take
   */
  public static Settings read(Path yaml) throws IOException {
    return SettingsFile.read(yaml);
  }

  /**
   * The settings of a run, held to what it was made with.
   *
   * @param run its folder
   * @throws IOException if its run.yaml is damaged, or was changed in what a result depends on
   */
  public static Settings ofRun(Path run) throws IOException {
    return RunFiles.settings(run);
  }

  /** By flag name, in order. */
  public Map<String, Object> asMap() {
    return JSON.convertValue(
        this, new com.fasterxml.jackson.core.type.TypeReference<Map<String, Object>>() {});
  }

  /**
   * How these settings call a set that is typed here: one that they have keeps its word, wherever
   * it is typed, and a word that stands for another place there gives way to the place.
   */
  public String spelling(String set) {
    return Sources.spelling(this, set);
  }

  /** Where a set of these settings lay when a run took it; its word where that is not known. */
  public String place(String set) {
    return places.getOrDefault(set, set);
  }

  /** The share of a chunk's pictures that may fail to decode, as it is now. */
  public double badAllowed() {
    return Math.max(maxBad, raisedMaxBad);
  }

  /**
   * These settings with a raised {@link #badAllowed}.
   *
   * @param share in 0 … 1; null changes nothing
   * @throws IllegalArgumentException if it is lower
   */
  Settings allowingBad(Double share) {
    if (share == null || share == badAllowed()) {
      return this;
    }
    if (share < badAllowed()) {
      throw UsageException.of(
          "--max-bad",
          share
              + " is below the "
              + badAllowed()
              + " that the run allows, and pictures may be left out by it already; leave it out");
    }
    return with("raised-max-bad", share);
  }

  /**
   * These settings as a chunk is learned.
   *
   * @param chunk counted from 0
   */
  public Settings ofChunk(int chunk) {
    Map<String, Object> own = ChunkSettings.of(this, chunk);
    return own.isEmpty() ? this : with(own);
  }

  /** The seed of the stream's order. */
  public long ordering() {
    return orderSeed == null ? seed : orderSeed;
  }

  /** Whether a 3×3 stem is used. */
  public boolean smallStem() {
    return stem.equals("small") || stem.equals("auto") && size <= 64;
  }

  private static List<String> names(ObjectNode tree) {
    Iterator<String> names = tree.fieldNames();
    List<String> all = new java.util.ArrayList<>();
    names.forEachRemaining(all::add);
    return all;
  }

  private static void requireRising(List<Integer> sizes, int size, int epochs) {
    String flag = "--progressive-size";
    String given = sizes.toString().replaceAll("[\\[\\] ]", "");
    for (int i = 0; i < sizes.size(); i++) {
      Require.flag(sizes.get(i) >= 8, flag, given + " holds a size below 8 pixels");
      Require.flag(
          i == 0 || sizes.get(i) > sizes.get(i - 1),
          flag,
          given + " does not rise; give the smallest size first");
    }
    Require.flag(
        sizes.isEmpty() || sizes.get(sizes.size() - 1) == size,
        flag,
        given + " does not end with --size " + size + "; the full size comes last");
    Require.flag(
        sizes.size() <= epochs,
        flag,
        given
            + " has more sizes than the "
            + epochs
            + " --epochs; expected an epoch each at least");
  }
}
