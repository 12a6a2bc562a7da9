package dev.millrace.app.live;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.ServeToken;
import dev.millrace.app.shared.SettingFlags;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.inference.Encoder;
import dev.millrace.live.Live;
import dev.millrace.live.LiveBuilder;
import dev.millrace.live.LiveEvent;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.live.drift.DriftRule;
import dev.millrace.live.drift.DriftSettings;
import dev.millrace.live.drift.ServingEye;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.gate.GateSettings;
import dev.millrace.live.gate.GateTaker;
import dev.millrace.recipe.Encoders;
import dev.millrace.recipe.InitialShape;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.serve.RunServer;
import dev.millrace.serve.ServeSettings;
import dev.millrace.serve.VectorSettings;
import dev.millrace.serve.VectorUpkeep;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a live run; its sub-commands work beside its process and when that is down. */
@Command(
    name = "live",
    sortOptions = false,
    customSynopsis = {
      "millrace live RUN --source SOURCE [--source SOURCE]… [FLAG]…",
      "   or: millrace live COMMAND RUN …"
    },
    description =
        "Takes in pictures as they arrive, learns each chunk of them, and serves the encoder. Started again by the same line, or by RUN alone, it continues after any end. Takes the settings of `millrace pretrain` as flags, which are kept from the first start on.",
    subcommands = {
      LiveStatusCommand.class,
      LiveExportChunks.class,
      LiveEncoders.class,
      LivePromote.class,
      LiveRollback.class,
      LiveHold.class,
      LiveVectors.class,
      LiveForget.class,
      CommandLine.HelpCommand.class
    },
    footer = {"", "Example:", "  millrace live runs/cam --source folder:incoming/"})
public final class LiveCommand extends ComputingCommand implements Callable<Integer> {
  /** What a live run decides itself. */
  private static final Set<String> OWN = Set.of("data", "stream", "chunks");

  private static final String JUDGE = "judge";
  private static final String NOBODY = "none";
  private static final Pattern PLACE = Pattern.compile("(.+):(\\d{1,5})");
  private static final long LOOK_MILLIS = 50;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      arity = "0..1",
      description = "folder of the live run, made by the first start")
  private Path run;

  @Option(
      names = "--source",
      paramLabel = "SOURCE",
      description =
          "where pictures come from; may be given several times: folder:PATH, with options behind semicolons: after=keep, move or delete; settle=TIME, for which a file must be unchanged (default: 2s); labels=folder, where the first folder is the class; http://HOST:PORT, with token-file=FILE and max-bytes=N; or kafka://HOST:PORT/TOPIC, with start=earliest, latest or a time, and config=FILE of Kafka's client")
  private List<String> sources = List.of();

  @Option(
      names = "--until-idle",
      description =
          "end when every source is drained, all closed chunks are learned, and what --kept-vectors asks for is done")
  private boolean untilIdle;

  @Option(
      names = "--on-gap",
      paramLabel = "stop|record",
      description =
          "where a source no longer has the pictures that come next: stop it by name (default), or go on and record the gap in the account")
  private String onGap = "stop";

  @Option(
      names = "--judge",
      paramLabel = "self|SET|none",
      description =
          "serve an encoder unless it is worse than the one before: by pictures of the stream itself (self, the default) or by a labelled set; none serves each; kept")
  private String judge;

  @Option(
      names = "--on-fail",
      paramLabel = "hold|revert",
      description =
          "where an encoder is worse: hold keeps serving the one before and learns on (default); revert also takes back what was learned, and sets its chunk aside; kept")
  private String onFail;

  @Option(
      names = "--serve",
      paramLabel = "HOST:PORT",
      description =
          "serve the encoder and the page from this process, as `millrace serve` does from another: 127.0.0.1:8080; MILLRACE_TOKEN in the environment is the token of `millrace serve --token`")
  private String serve;

  @Mixin private IntakeFlags intake;
  @Mixin private VectorFlags vectors;

  /** Adds the flags of the settings. */
  public static void dress(CommandLine live) {
    SettingFlags.addTo(live.getCommandSpec(), OWN);
  }

  @Override
  public Integer call() throws Exception {
    if (run == null) {
      throw new ParameterException(
          spec.commandLine(),
          "RUN is missing: name a folder for the live run, or one of the commands; see `millrace live --help`");
    }
    Choice.check("--on-gap", onGap, "stop", "record");
    AtomicBoolean broken = new AtomicBoolean();
    LiveBuilder builder =
        Live.in(run)
            .untilIdle(untilIdle)
            .recordGaps(onGap.equals("record"))
            .listener(
                event -> {
                  broken.compareAndSet(false, event instanceof LiveEvent.SourceStopped);
                  String words = words(event);
                  if (!words.isEmpty()) {
                    System.err.println(words);
                  }
                });
    sources.forEach(builder::source);
    intake.to(builder, LiveFolder.of(run));
    gate(builder);
    VectorSettings kept = vectors.to(builder, LiveFolder.of(run));
    Map<String, Object> flags = flags(LiveFolder.of(run));
    if (!flags.isEmpty()) {
      builder.pretrain(flags);
    }
    StopSignals stop = StopSignals.listen("stopping at a checkpoint; a second signal ends at once");
    ServeSettings serving = serving();
    if (serving != null) {
      serving.requireFree("--serve"); // before a picture is taken in
    }
    try (ServingEye eye = drift(builder);
        Live live = builder.start();
        RunServer server =
            serving == null ? null : RunServer.start(run, serving, options(), Clock.systemUTC());
        VectorUpkeep upkeep =
            new VectorUpkeep(
                    LiveFolder.of(run), kept, options(), Clock.systemUTC(), System.err::println)
                .start()) {
      if (server != null) {
        System.err.println(server.address());
      }
      Thread watch =
          new Thread(
              () -> {
                while (!stop.getAsBoolean()) {
                  try {
                    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                  }
                }
                live.stop();
              },
              "live-signals");
      watch.setDaemon(true);
      watch.start();
      live.await();
      if (untilIdle) {
        upkeep.finish(stop);
      }
    }
    LiveStatusCommand.print(common, LiveFolder.of(run));
    if (stop.getAsBoolean()) {
      return Exit.STOPPED;
    }
    return broken.get() ? CommandLine.ExitCode.SOFTWARE : 0;
  }

  /** Offers the rule {@code drift}; nothing is loaded unless the run closes chunks by it. */
  private ServingEye drift(LiveBuilder builder) {
    LiveFolder folder = LiveFolder.of(run);
    ServingEye eye = new ServingEye(KeptEncoders.of(folder, Clock.systemUTC()), options());
    builder.closeRule("drift", () -> new DriftRule(folder, eye, DriftSettings.standard()));
    return eye;
  }

  /** How encoders compute here, beside learning, which has a process of its own. */
  private static Encoder.Options options() {
    return Encoder.Options.standard().with(1);
  }

  /** Where to serve; null for nowhere. */
  private ServeSettings serving() {
    if (serve == null) {
      return null;
    }
    Matcher place = PLACE.matcher(serve);
    if (!place.matches()) {
      throw UsageException.of("--serve", serve + " is no HOST:PORT; give 127.0.0.1:8080");
    }
    return at(place.group(1), Integer.parseInt(place.group(2)), ServeToken.of(null));
  }

  /** Refused by what this command has: the flags of {@code millrace serve} are not among it. */
  static ServeSettings at(String host, int port, String token) {
    Require.flag(port <= 65535, "--serve", port + " is no port; give 0 … 65535");
    Require.flag(
        token.isEmpty() || ServeSettings.isToken(token),
        "--serve",
        "MILLRACE_TOKEN is too short or has odd characters; give it 16 to 200 letters, digits or signs");
    Require.flag(
        ServeSettings.isLoopback(host) || !token.isEmpty(),
        "--serve",
        host + " can be reached from outside; set MILLRACE_TOKEN to a token, too");
    return ServeSettings.standard().withToken(token).at(host, port);
  }

  private void gate(LiveBuilder builder) throws IOException {
    LiveFolder folder = LiveFolder.of(run);
    Map<String, Object> gate =
        new LinkedHashMap<>(folder.isLive() ? LiveSettings.read(folder).gate() : Map.of());
    if (judge != null) {
      Object before = gate.getOrDefault(JUDGE, GateSettings.SELF);
      gate.put(JUDGE, judge);
      if (!judge.equals(before)) {
        gate.keySet().removeAll(Set.of("margin", "images")); // which were the other judge's
      }
    }
    if (onFail != null) {
      Choice.check("--on-fail", onFail, "hold", LiveSettings.REVERT);
      gate.put(LiveSettings.ON_FAIL, onFail);
    }
    if (judge != null || onFail != null) {
      builder.gate(gate);
    }
    if (!NOBODY.equals(gate.get(JUDGE))) {
      builder.taker(
          new GateTaker(
              GateSettings.of(gate), Catalogue.standard(), threads(folder), Clock.systemUTC()));
    }
  }

  /**
   * Of the judge: the given number, else that of the run, so that a verdict depends on no start.
   */
  private int threads(LiveFolder folder) throws IOException {
    Object kept = folder.isLive() ? LiveSettings.read(folder).pretrain().get("threads") : null;
    return common.threadsGiven() == null && kept instanceof Number number && number.intValue() > 0
        ? number.intValue()
        : common.threads();
  }

  /** The flags of the settings that were given, and what they lead to by first weights. */
  private Map<String, Object> flags(LiveFolder folder) throws IOException {
    Map<String, Object> given =
        new LinkedHashMap<>(SettingFlags.given(spec.commandLine().getParseResult()));
    if (given.isEmpty()) {
      return given;
    }
    try {
      Settings settings = Settings.defaults().with(given);
      Methods.requireKnown(settings.methodName(), given.keySet());
      RemedyParts.requireOn(settings, given.keySet());
      Settings whole = InitialShape.of(settings, given.keySet());
      Encoders.requireKnown(whole.encoder().name(), given.keySet());
      if (folder.isLive()) {
        return given; // what weights led to was kept at the first start
      }
      Map<String, Object> before = settings.chosen();
      whole
          .chosen()
          .forEach(
              (name, value) -> {
                if (!Objects.equals(before.get(name), value)) {
                  given.put(name, value);
                }
              });
      return given;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static String words(LiveEvent event) {
    if (event instanceof LiveEvent.ChunkClosed chunk) {
      return "%s closed by %s: %d pictures"
          .formatted(ChunkWords.of(chunk.chunk() - 1), chunk.rule(), chunk.pictures());
    } else if (event instanceof LiveEvent.ChunkLearned chunk) {
      return ChunkWords.of(chunk.chunk() - 1) + " learned";
    } else if (event instanceof LiveEvent.ChunkSetAside chunk) {
      return ChunkWords.of(chunk.chunk() - 1)
          + " set aside: its encoder is worse, and what was learned is taken back";
    } else if (event instanceof LiveEvent.Forgotten forgotten) {
      return Say.count(forgotten.pictures(), "picture") + " forgotten";
    } else if (event instanceof LiveEvent.ChunkLetGo chunk) {
      return ChunkWords.of(chunk.chunk() - 1) + " let go: its file is deleted";
    } else if (event instanceof LiveEvent.LearningFailed failed) {
      return "%s cannot be learned: %s; tried again in %d s"
          .formatted(ChunkWords.of(failed.chunk() - 1), failed.words(), failed.seconds());
    } else if (event instanceof LiveEvent.NoSpace full) {
      return "no picture is taken in, since the disk is full: %s; tried again in %d s"
          .formatted(full.words(), full.seconds());
    } else if (event instanceof LiveEvent.SourceFailed failed) {
      return "%s cannot be read: %s; tried again in %d s"
          .formatted(failed.source(), failed.words(), failed.seconds());
    } else if (event instanceof LiveEvent.RuleFailed rule) {
      return rule.words();
    } else if (event instanceof LiveEvent.PartFailed part) {
      return "%s: %s; tried again while the others go on".formatted(part.source(), part.words());
    } else if (event instanceof LiveEvent.SourceStopped stopped) {
      return "%s has ended: %s".formatted(stopped.source(), stopped.words());
    }
    return ""; // a batch that is on disk is routine
  }
}
