package dev.millrace.app;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.QueueLength;
import dev.millrace.recipe.Settings;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * One flag for each setting, so that the command cannot lag behind {@link Settings}: names and
 * defaults come from there, the words of the help stand here.
 */
final class SettingFlags {
  /** Not flags: {@code millrace extend} and {@code --init} write them. */
  static final Set<String> INTERNAL =
      Set.of("extensions", "init-sha256", "raised-max-bad", "places", "layouts", "chunk-settings");

  private static final Set<String> FILES = Set.of("init", "hierarchy");

  /** Flags of {@link CommonFlags}. */
  static final Set<String> COMMON = Set.of("threads", "device");

  private static final Map<String, String> WORDS = words();

  private SettingFlags() {}

  /** The settings by flag name, without dashes, with their components. */
  static Map<String, RecordComponent> components() {
    PropertyNamingStrategies.KebabCaseStrategy kebab =
        new PropertyNamingStrategies.KebabCaseStrategy();
    Map<String, RecordComponent> all = new LinkedHashMap<>();
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      all.put(kebab.translate(component.getName()), component);
    }
    return all;
  }

  /** Adds the flags to a command. */
  static void addTo(CommandSpec command) {
    Map<String, Object> defaults = Settings.defaults().asMap();
    components()
        .forEach(
            (name, component) -> {
              if (!INTERNAL.contains(name) && !COMMON.contains(name)) {
                command.addOption(option(name, component, defaults.get(name)));
              }
            });
  }

  /** The settings that were given on the command line, by flag name. */
  static Map<String, Object> given(ParseResult parsed) {
    Map<String, Object> given = new LinkedHashMap<>();
    for (String name : components().keySet()) {
      if (parsed.hasMatchedOption("--" + name)) {
        Object value = parsed.matchedOptionValue("--" + name, null);
        boolean sets = name.equals("data");
        given.put(name, sets ? sets((List<?>) value) : value);
      }
    }
    return given;
  }

  /** The sets of a flag that may stand several times. */
  private static List<String> sets(List<?> values) {
    return values.stream().flatMap(value -> SetNames.split((String) value).stream()).toList();
  }

  private static OptionSpec option(String name, RecordComponent component, Object standard) {
    Class<?> type = component.getType();
    OptionSpec.Builder flag = OptionSpec.builder("--" + name);
    String words = WORDS.getOrDefault(name, name.replace('-', ' '));
    if (type == List.class) {
      boolean numbers = component.getGenericType().getTypeName().contains("Integer");
      return flag.type(List.class)
          .auxiliaryTypes(numbers ? Integer.class : String.class)
          .arity("1")
          .splitRegex(name.equals("data") ? "" : ",")
          .paramLabel(numbers ? "N[,N…]" : name.equals("data") ? "SET[,SET…]" : "NAME[,NAME…]")
          .hideParamSyntax(true)
          .description(words)
          .build();
    }
    String shown = standard instanceof String text && text.isEmpty() ? "none" : shown(standard);
    flag.description(words + " (default: " + shown + ")");
    if (type == boolean.class) {
      return flag.type(Boolean.class)
          .arity("0..1")
          .fallbackValue("true")
          .paramLabel("true|false")
          .build();
    }
    if (name.equals("queue")) {
      flag.converters(text -> QueueLength.parse(text)); // a number, or a word
    }
    return flag.type(boxed(type))
        .arity("1")
        .paramLabel(FILES.contains(name) ? "FILE" : label(type))
        .build();
  }

  /** 0.0 as 0 and 5.0E-4 as 0.0005, as a person writes them. */
  private static String shown(Object standard) {
    if (standard == null) {
      return "that of --seed";
    }
    return standard instanceof Double number
        ? new java.math.BigDecimal(number.toString()).stripTrailingZeros().toPlainString()
        : String.valueOf(standard);
  }

  private static Class<?> boxed(Class<?> type) {
    if (type == int.class) {
      return Integer.class;
    }
    if (type == long.class) {
      return Long.class;
    }
    return type == double.class ? Double.class : type;
  }

  private static String label(Class<?> type) {
    return type == String.class ? "NAME" : type == double.class ? "X" : "N";
  }

  private static Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put(
        "data",
        "sets, with commas between (`\\,` for one in a name): a known name (`millrace data list`), a folder, an archive, or `generated`");
    words.put(
        "stream",
        "order of the stream: instance, class, distant, domain, joint or given (one chunk a SET)");
    words.put("chunks", "chunks of the stream; joint has 1, given one a SET, domain one a domain");
    words.put("method", String.join(", ", Methods.names()));
    words.put(
        "head",
        "supervised methods: full (one head over all classes), chunk (a new one with each chunk, over its own classes), new (a new one over all), or auto: chunk where no class is in two chunks and each has two or more, else full");
    words.put(
        "head-warmup",
        "epochs of linear warm-up, at least, of a chunk after the first that starts with a new head");
    words.put("encoder", "resnet18, resnet34 or resnet50");
    words.put("width", "channels of the encoder's first stage; 64 is the standard net");
    words.put(
        "stem", "small (3x3), imagenet (7x7, stride 2, pooling) or auto (small up to 64 pixels)");
    words.put(
        "init",
        "weights to start from: torchvision's or timm's, as safetensors or torch's .pth, which is read without executing anything; a classifier in it is left out");
    words.put("size", "side of the views in pixels");
    words.put(
        "progressive-size",
        "rising sides of the views in equal parts of each chunk's epochs, --size last (default: --size throughout)");
    words.put("epochs", "epochs a chunk");
    words.put("batch", "pictures a step (batch size)");
    words.put("lr", "peak learning rate, cosine to 0 in each chunk");
    words.put("warmup", "epochs of linear warm-up a chunk");
    words.put("optimiser", "sgd (momentum 0.9) or lars");
    words.put("weight-decay", "weight decay");
    words.put(
        "queue",
        "MoCo's queue length K; auto: the largest multiple of --batch up to 4096 and up to a quarter of the smallest chunk");
    words.put("temperature", "softmax temperature (moco-v2, simclr)");
    words.put(
        "momentum",
        "momentum of the key encoder (moco-v2), of the twin at a chunk's first step (byol)");
    words.put("dim", "width of the projector's output");
    words.put("projector-hidden", "width of the heads' hidden layers (simclr, byol)");
    words.put(
        "bn-splits",
        "parts of a batch that MoCo's key encoder normalises each by itself (1: the whole)");
    words.put(
        "symmetric-loss", "MoCo: each view is query and key in turn; a step costs twice as much");
    words.put("crop-min", "smallest area share of a random crop");
    words.put("blur", "Gaussian blur: auto (off at 32 pixels and below), on or off");
    words.put("replay", "share of each past chunk that replay keeps, 0 to 1");
    words.put("memory-images", "instead of a share: pictures that a reservoir keeps");
    words.put(
        "replay-draw",
        "uniform over images, balanced over chunks, or half: half of every batch is new, past chunks share the rest");
    words.put("mas", "strength lambda of memory-aware synapses (MAS)");
    words.put("ewc", "strength lambda of elastic weight consolidation (EWC)");
    words.put(
        "cassle",
        "weight of CaSSLe's distillation to the network of the last chunk's end; a step takes one more forward pass per view that is embedded");
    words.put("seed", "seed of first weights, views and draws");
    words.put(
        "order-seed",
        "seed of what comes in which chunk, and of the chunks' order, whatever --seed is");
    words.put("images", "training pictures of each set to use; 0 for all");
    words.put(
        "images-per-class",
        "instead: training pictures of each class of each set, as many of every class; 0 for all");
    words.put("precision", "bf16, fp32, or auto: bf16 where the processor or card computes in it");
    words.put(
        "hierarchy",
        "file with a class hierarchy for the distant stream, instead of WordNet or the set's own");
    words.put("layout", LayoutFlag.WORDS);
    words.put("max-bad", "share of a chunk's pictures that may fail to decode");
    words.put("checkpoint-steps", "steps between checkpoints");
    words.put("checkpoint-minutes", "minutes between checkpoints at most");
    words.put("keep", "checkpoints kept");
    words.put("keep-chunks", KeepingFlags.CHUNK_WORDS);
    words.put("log", KeepingFlags.LOG_WORDS);
    words.put("knn-every", KeepingFlags.KNN_WORDS);
    return words;
  }
}
