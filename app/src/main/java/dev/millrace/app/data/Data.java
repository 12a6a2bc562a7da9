package dev.millrace.app.data;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.PlainCommand;
import dev.millrace.recipe.FirstLook;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.KnownSet;
import dev.millrace.stream.source.Need;
import dev.millrace.stream.source.OtherFiles;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What data there is. */
@Command(
    name = "data",
    description = "Lists the known sets, or tells what is in one.",
    mixinStandardHelpOptions = true,
    subcommands = {Data.Known.class, Data.Info.class, CommandLine.HelpCommand.class})
public final class Data implements Runnable {
  private static final int LISTED = 20;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "list or info? `millrace data list`, `millrace data info SET`");
  }

  /** The sets that can be named. */
  @Command(name = "list", description = "Lists the known sets and whether they were found.")
  static final class Known extends PlainCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      Catalogue catalogue = Catalogue.standard();
      List<Map<String, Object>> sets = new ArrayList<>();
      List<String> lines = new ArrayList<>();
      for (KnownSet set : catalogue.known()) {
        Path found = catalogue.find(set);
        String patterns = String.join(" or ", set.patterns());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", set.name());
        json.put("found", found == null ? null : found.toString());
        json.put("patterns", set.patterns());
        sets.add(json);
        lines.add(
            String.format(
                "%-16s %s", set.name(), found == null ? "not found: " + patterns : found));
      }
      String root = System.getenv("MILLRACE_DATA");
      lines.add(
          root == null
              ? "MILLRACE_DATA is not set: set it to the folder that holds them"
              : "looked up under MILLRACE_DATA=" + root);
      lines.add("a folder or an archive of your own is a SET too, and so is `generated`");
      common.print(Map.of("sets", sets), lines);
      return 0;
    }
  }

  /** What was found in one set. */
  @Command(
      name = "info",
      sortOptions = false,
      description = "Reads and checks every picture of a set and tells what was found.")
  static final class Info extends ComputingCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SET", description = "known name, folder, archive, or `generated`")
    private String set;

    @Option(
        names = "--contact-sheet",
        paramLabel = "FILE.png",
        description = "write a sheet with pictures of each class")
    private Path sheet;

    @Option(
        names = "--all",
        description =
            "list every class, domain and picture that cannot be decoded, not the first 20 of each; --json has all anyway")
    private boolean all;

    @Mixin private LayoutFlag layout;

    @Override
    public Integer call() throws IOException {
      Catalogue catalogue = Catalogue.standard();
      if (sheet != null && catalogue.holds(set, sheet)) {
        throw UsageException.of(
            "--contact-sheet",
            "%s lies in the set and would be a picture of it; give a path outside of %s"
                .formatted(sheet, set));
      }
      DataSet data = catalogue.open(set, layout.folders(), Need.PICTURES);
      int images = 0;
      PictureSizes found = new PictureSizes();
      Map<String, Map<String, Integer>> counts = counts(data);
      List<PictureCheck.Bad> bad = new ArrayList<>();
      int narrow = 0;
      Map<String, Integer> sizes = new LinkedHashMap<>();
      for (Map.Entry<String, ImageSet> split : data.splits().entrySet()) {
        images += split.getValue().size();
        sizes.put(split.getKey(), split.getValue().size());
        PictureCheck.Result check = PictureCheck.check(split.getValue(), common.threads(), found);
        bad.addAll(check.bad());
        narrow += check.narrow();
      }
      if (sheet != null) {
        ContactSheet.write(data.train(), sheet);
        System.err.println("contact sheet: " + sheet);
      }
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", data.name());
      json.put("images", images);
      json.put("classes", data.train().classes().size());
      json.put("domains", data.train().domains().size());
      json.put("domain_names", data.train().domains());
      json.put("splits", sizes);
      json.put("layout", data.about().layout());
      json.put("notes", data.about().notes());
      json.put("left_out", leftOut(data));
      json.put("quarantined", bad.size());
      json.put("bad", bad.stream().map(b -> Map.of("id", b.id(), "reason", b.reason())).toList());
      json.put("nearly_black", narrow);
      json.put("sizes", found.json());
      json.put("class_images", counts);
      common.print(json, lines(data, images, sizes, found, counts, bad));
      return 0;
    }

    /** By ending or folder, then what is left out for other reasons. */
    private static List<Map<String, Object>> leftOut(DataSet data) {
      List<Map<String, Object>> all = new ArrayList<>();
      for (OtherFiles kind : data.about().others()) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("ending", kind.what());
        one.put("files", kind.files());
        one.put("why", kind.why());
        all.add(one);
      }
      data.leftOut()
          .kinds()
          .forEach(
              (kind, names) -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("kind", kind.key());
                one.put("files", names.count());
                one.put("why", kind.words());
                one.put("names", names.first());
                all.add(one);
              });
      return all;
    }

    /** Pictures of each class in each part, bad ones included. */
    private static Map<String, Map<String, Integer>> counts(DataSet data) {
      Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
      data.splits()
          .forEach(
              (split, part) -> {
                int[] found = new int[part.classes().size()];
                for (int i = 0; i < part.size(); i++) {
                  int label = part.image(i).label();
                  if (label != Image.NONE) {
                    found[label]++;
                  }
                }
                for (int c = 0; c < found.length; c++) {
                  counts
                      .computeIfAbsent(part.classes().get(c), name -> new LinkedHashMap<>())
                      .put(split, found[c]);
                }
              });
      return counts;
    }

    private List<String> lines(
        DataSet data,
        int images,
        Map<String, Integer> sizes,
        PictureSizes found,
        Map<String, Map<String, Integer>> counts,
        List<PictureCheck.Bad> bad) {
      List<String> lines = new ArrayList<>();
      lines.add(data.name() + ": " + images + " pictures");
      lines.add("sizes: " + found);
      FirstLook.far(found.shortSides(), Settings.defaults().views().size(), true)
          .ifPresent(words -> lines.add("for `pretrain`: " + words));
      lines.add("splits: " + sizes);
      lines.add("classes: " + (counts.isEmpty() ? "none" : counts.size()));
      list(
          lines,
          counts.entrySet().stream().map(one -> one.getKey() + ": " + one.getValue()).toList());
      List<String> domains = data.train().domains();
      lines.add("domains: " + (domains.isEmpty() ? "none" : domains.size()));
      list(lines, domains);
      if (!data.about().layout().isEmpty()) {
        lines.add("read as: " + data.about().layout());
      }
      data.about().notes().forEach(note -> lines.add("  in doubt: " + note));
      data.about()
          .others()
          .forEach(
              kind ->
                  lines.add(
                      "left out: %d %s (%s)".formatted(kind.files(), kind.what(), kind.why())));
      data.leftOut().lines().forEach(line -> lines.add("left out: " + line));
      lines.add("metric: " + data.metric().words());
      lines.add("cannot be decoded: " + bad.size());
      list(lines, bad.stream().map(b -> b.id() + ": " + b.reason()).toList());
      return lines;
    }

    /** The first of them below the line that names them, or all. */
    private void list(List<String> lines, List<String> items) {
      int listed = all ? items.size() : Math.min(LISTED, items.size());
      items.subList(0, listed).forEach(item -> lines.add("  " + item));
      if (items.size() > listed) {
        lines.add("  … and " + (items.size() - listed) + " more; --all lists them");
      }
    }
  }
}
