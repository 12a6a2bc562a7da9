package dev.millrace.stream.source;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of one kind that lie beside a set's pictures and are not among them.
 *
 * @param what their ending with its dot, or the folder that was left out, or {@code no ending}
 * @param files how many files, or folders of that name
 * @param why what they are, or what to do
 */
public record OtherFiles(String what, int files, String why) {
  private static final Logger LOG = LoggerFactory.getLogger(OtherFiles.class);

  static final String NO_ENDING = "no ending";

  private static final String RAW = "a camera's raw file; develop it to JPEG";
  private static final String LIST =
      "a list; if it has paths and labels of the pictures, give it as the SET";
  private static final String TABLE =
      "a table; labels are read from folders CLASS/image, or from a list (.csv, .tsv, .jsonl)";
  private static final String CLASSES =
      "classes as WebDataset has them; they are read from plain .tar files alone";
  private static final String NOTES = "notes or annotations; only probes of detection read them";
  private static final String NUMBERS = "numbers, not picture files; write the pictures out";
  private static final String FILM = "film or sound";
  private static final String ARCHIVE =
      "an archive; unpack it once, or give it as a SET of its own";
  private static final String PROGRAM = "a program's own";
  static final String OTHER = "not a picture by its first bytes";

  /** Endings of files that no look inside can make pictures, with the reason. */
  private static final Map<String, String> KNOWN = known();

  private static Map<String, String> known() {
    Map<String, String> why = new TreeMap<>();
    Map.of(
            "heic heif hif", "HEIF is not read; convert them to JPEG",
            "avif avifs", "AVIF is not read; convert them to JPEG",
            "jxl", "JPEG XL is not read; convert them to JPEG",
            "jp2 j2k jpx jpf", "JPEG 2000 is not read; convert them to PNG",
            "svg svgz eps ps ai pdf", "drawings, not pixels; render them to PNG",
            "psd psb xcf kra", "a paint program's layers; export them as PNG",
            "exr hdr dds tga ico icns cur pcx dcm nii",
                "this format is not read; convert them to PNG")
        .forEach((endings, words) -> put(why, endings, words));
    put(why, "cr2 cr3 crw nef nrw arw srf sr2 dng raf orf rw2 pef srw 3fr iiq x3f raw", RAW);
    put(why, "csv tsv jsonl ndjson", LIST);
    put(why, "xls xlsx ods sqlite", TABLE);
    put(why, "cls", CLASSES);
    put(why, "txt md rst json xml yaml yml html htm log lst names", NOTES);
    put(
        why,
        "bin idx npy npz pkl pickle parquet tfrecord tfrecords h5 hdf5 mat pt pth safetensors",
        NUMBERS);
    put(why, "mp4 mov avi mkv webm m4v mpg mpeg 3gp mp3 wav m4a flac ogg aac", FILM);
    put(why, "zip tar gz tgz bz2 xz zst 7z rar", ARCHIVE);
    put(why, "db ini aae xmp thm py ipynb java js css sh exe dll so lnk url ds_store", PROGRAM);
    return Map.copyOf(why);
  }

  private static void put(Map<String, String> why, String endings, String words) {
    for (String ending : endings.split(" ")) {
      why.put(ending, words);
    }
  }

  /** Whether a look at the first bytes may show that a file is a picture after all. */
  static boolean worthALook(String path) {
    return !KNOWN.containsKey(ending(path));
  }

  /** What stands behind the last dot of a path's name, in small letters; empty without one. */
  static String ending(String path) {
    int dot = path.lastIndexOf('.');
    return dot > path.lastIndexOf('/') ? path.substring(dot + 1).toLowerCase(Locale.ROOT) : "";
  }

  /** Counts files by their ending, most first. */
  static List<OtherFiles> of(Set<String> paths) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String path : paths) {
      // A number or a sentence behind the dot is no ending.
      String ending = ending(path);
      counts.merge(ending.matches("[\\p{L}\\p{N}_]{1,12}") ? ending : "", 1, Integer::sum);
    }
    List<OtherFiles> kinds = new ArrayList<>();
    counts.forEach(
        (ending, files) ->
            kinds.add(
                new OtherFiles(
                    ending.isEmpty() ? NO_ENDING : "." + ending,
                    files,
                    KNOWN.getOrDefault(ending, OTHER))));
    kinds.sort(Comparator.comparingInt(OtherFiles::files).reversed());
    return kinds;
  }

  /** Says of files that are no pictures that a set leaves them out. */
  static void report(String set, Set<String> paths, int pictures) {
    if (paths.isEmpty()) {
      return;
    }
    String words = "{}: left out {} files that are not pictures: {}";
    if (paths.size() > pictures) {
      words = "{}: more files are left out than read: {} files that are not pictures: {}";
      LOG.warn(words, set, paths.size(), line(of(paths)));
    } else {
      LOG.info(words, set, paths.size(), line(of(paths)));
    }
  }

  /** All kinds in a line: {@code 20 .heic (HEIF is not read; …), 5 .txt (…)}. */
  static String line(List<OtherFiles> kinds) {
    return kinds.stream()
        .map(kind -> "%d %s (%s)".formatted(kind.files, kind.what, kind.why))
        .collect(Collectors.joining(", "));
  }
}
