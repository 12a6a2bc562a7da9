package dev.millrace.app.embed;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.PageFile;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.Hit;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.Recall;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.FileName;
import dev.millrace.inference.Encoder;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.terminal.TerminalLine;
import dev.millrace.vision.decode.BadPictureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finds the pictures of a set that an encoder sees as nearest to others. */
@Command(
    name = "search",
    sortOptions = false,
    description =
        "Finds the pictures of a set that are nearest to given ones, by the cosine of an encoder's vectors.",
    footer = {
      "",
      "The set's vectors are taken once and kept in an index; killed or stopped, the same command goes on; later only pictures that are new are taken. Examples:",
      "  millrace search runs/first --data photos/ --query cat.jpg --out cats.html",
      "  millrace search --weights encoder.safetensors --data cifar10 --query folder/ --k 5 --json"
    })
public final class Search extends ComputingCommand implements Callable<Integer> {
  private static final int MOST_QUERIES = 200;
  private static final int MOST_NEIGHBOURS = 1000;

  @Mixin private EncoderFlags encoder;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SET",
      description =
          "what is searched: known name, folder, archive, or `generated`; all its parts; may be given several times")
  private List<String> data = List.of();

  @Option(
      names = "--query",
      paramLabel = "FILE",
      description = "a picture to search with, or a folder of them; may be given several times")
  private List<Path> given = List.of();

  @Option(
      names = "--k",
      paramLabel = "N",
      defaultValue = "12",
      description = "nearest pictures of each query (default: 12)")
  private int k;

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "also write a page with the pictures, in one file that opens offline")
  private Path out;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "folder of the index (default: RUN/search/SET, or FILE.search/SET)")
  private Path index;

  @Option(
      names = "--rebuild",
      description =
          "make the index anew, as after the encoder changed; what a set gained or lost is made up for without it")
  private boolean rebuild;

  @Option(
      names = "--exact",
      description = "look at every vector instead of the index's graph, which may miss some")
  private boolean exact;

  @Option(
      names = "--measure-recall",
      paramLabel = "N",
      description =
          "ask with N pictures of the set and say how many of their 10 nearest the graph finds")
  private Integer recalled;

  @Option(
      names = "--size",
      paramLabel = "PX",
      description =
          "side of the pictures, at least 8 pixels (default: the encoder's; 224 for weights from elsewhere)")
  private Integer size;

  @Mixin private LayoutFlag layout;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    List<Path> queries = queries();
    PictureSearch.Request request =
        new PictureSearch.Request(
            encoder.file(spec), data, folder(), rebuild, options(), layout.folders());
    try (PictureSearch search = PictureSearch.open(request)) {
      // Queries come first: a bad one is reported before an index is made.
      List<float[]> vectors = search.queries(queries);
      if (!prepare(search)) {
        return Exit.STOPPED;
      }
      StopSignals.endByDefault(); // the index is kept, and nothing else is to be saved
      List<List<Hit>> hits = search.nearest(vectors, k, exact);
      Recall recall = recalled == null ? null : search.recall(recalled);
      if (out != null) {
        write(search, queries, hits);
      }
      SearchReport report = new SearchReport(search, queries, hits, recall, exact, out);
      common.print(report.json(), report.lines());
    }
    return 0;
  }

  private void check() {
    if (given.isEmpty() && recalled == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--query is missing: give a picture or a folder of them; or --measure-recall N");
    }
    if (given.isEmpty() && out != null) {
      throw new ParameterException(
          spec.commandLine(), "--out " + out + " has nothing to show without a --query");
    }
    if (k < 1 || k > MOST_NEIGHBOURS) {
      throw UsageException.of("--k", k + " is not in 1 … " + MOST_NEIGHBOURS);
    }
    if (recalled != null && recalled < 1) {
      throw UsageException.of(
          "--measure-recall", recalled + " is below 1; give the number of pictures to ask with");
    }
    if (size != null && size < 8) {
      throw UsageException.of("--size", size + " is below 8 pixels");
    }
    PageFile.check("--out", out);
  }

  /** The files that are asked with: those given, and the pictures of folders given, as of sets. */
  private List<Path> queries() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path one : given) {
      if (Files.isDirectory(one)) {
        List<Path> inside = Catalogue.pictures(one);
        if (inside.isEmpty()) {
          throw UsageException.of("--query", one + " is a folder without pictures");
        }
        files.addAll(inside);
      } else if (Files.exists(one)) {
        files.add(one);
      } else {
        throw UsageException.of(
            "--query", one + " does not exist; give a picture or a folder of them");
      }
    }
    if (files.size() > MOST_QUERIES) {
      throw UsageException.of(
          "--query",
          "names %d pictures; at most %d are asked with at once: give fewer"
              .formatted(files.size(), MOST_QUERIES));
    }
    return files;
  }

  /** Beside the encoder: a changed encoder meets the index that it no longer fits. */
  private Path folder() {
    if (index != null) {
      return index;
    }
    String name = data.stream().map(Search::folderName).collect(Collectors.joining("+"));
    Path beside =
        encoder.run() != null
            ? RunFolder.of(encoder.run()).search()
            : encoder.weights().resolveSibling(encoder.weights().getFileName() + ".search");
    return beside.resolve(name);
  }

  private static String folderName(String set) {
    String name = set.replaceAll("/+$", "");
    name = name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    String plain = FileName.bare(FileName.hyphened(name));
    // Letters of other scripts would be lost, and with them what tells two sets apart.
    return name.chars().allMatch(c -> c < 0x80) && !plain.isEmpty() ? plain : FileName.of(name);
  }

  private Encoder.Options options() {
    return new Encoder.Options(
        Precision.FP32,
        size == null ? 0 : size,
        new Device(common.device()),
        common.threads(encoder.run()));
  }

  /** Makes or opens the index; false if that was stopped. */
  private boolean prepare(PictureSearch search) throws IOException {
    EmbedProgress progress =
        new EmbedProgress(
            System.err,
            Progress.terminal() ? TerminalLine.on(System.err) : null,
            StopSignals.listen("stopping after these pictures; a second signal ends at once"));
    try (progress) {
      search.prepare(
          new PictureSearch.Listener() {
            @Override
            public void indexed(int done, int of, int bad) {
              progress.embedded(done, of, bad);
            }

            @Override
            public void joining() {
              progress.close();
              System.err.println("joining the index");
            }

            @Override
            public boolean stop() {
              return progress.stop();
            }
          });
      return true;
    } catch (CancellationException stopped) {
      progress.close();
      System.err.printf(
          "stopped with %d of %d pictures in %s; the same command goes on from there%n",
          progress.pictures(), progress.of(), search.folder());
      return false;
    }
  }

  private void write(PictureSearch search, List<Path> queries, List<List<Hit>> hits)
      throws IOException {
    SearchPage page =
        new SearchPage(
            search.data(),
            search::picture,
            data.size() > 1 ? path -> null : SearchPage.below(Path.of(data.get(0)), out));
    try {
      for (int q = 0; q < queries.size(); q++) {
        page.add(queries.get(q).toString(), Catalogue.bytes(queries.get(q)), hits.get(q));
      }
    } catch (BadPictureException e) {
      throw new IOException(
          "a picture that was found cannot be decoded: %s; if %s has changed since, make the index anew with --rebuild"
              .formatted(e.reason(), search.data()),
          e);
    }
    List<String> facts =
        List.of(
            "%d pictures, by the cosine of vectors of %d numbers%s"
                .formatted(search.size(), search.dim(), exact ? ", every one looked at" : ""),
            "encoder " + search.encoderSha256());
    AtomicFiles.write(out, page.html(facts).getBytes(StandardCharsets.UTF_8));
  }
}
