package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Opens sets by name or path: {@code generated}, a set it knows under the data root, or a folder or
 * archive of the user's own; and sets that a program handed in. Immutable, thread-safe.
 */
public final class Catalogue {
  private final Places places;
  private final Path cache;
  private final LocalSets local;
  private final OwnSets own;

  /**
   * @param root where known sets lie; null when there is no such place
   * @param cache where compressed archives are unpacked
   */
  public Catalogue(Path root, Path cache) {
    this(new Places(root), cache, OwnSets.NONE);
  }

  private Catalogue(Places places, Path cache, OwnSets own) {
    this.places = places;
    this.cache = cache;
    local = new LocalSets(cache);
    this.own = own;
  }

  /**
   * Known sets under {@code MILLRACE_DATA}; cache under {@code MILLRACE_CACHE} or {@code
   * ~/.cache/millrace}.
   */
  public static Catalogue standard() {
    String data = System.getenv("MILLRACE_DATA");
    String cache = System.getenv("MILLRACE_CACHE");
    return new Catalogue(
        data == null || data.isBlank() ? null : Path.of(data),
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache", "millrace")
            : Path.of(cache));
  }

  /**
   * A catalogue that knows a set of the program's own too, by the word {@link #wordOf} of its name.
   * A run notes that word and the names, classes and domains of the pictures, so that whoever goes
   * on with it has to hand the same set in again.
   *
   * @param set unlike its pictures' bytes, their names, labels and order are read now
   * @throws IllegalArgumentException if it has no name or one that is taken, two pictures have the
   *     same name, or a label or domain is none of the set's
   */
  public Catalogue with(ImageSet set) {
    return with(DataSet.of(set));
  }

  /** Like {@link #with(ImageSet)}, of a set with parts to judge by. */
  public Catalogue with(DataSet set) {
    return new Catalogue(places, cache, own.with(set));
  }

  /** The word for a set that is handed in: {@code program:NAME}, for settings and requests. */
  public static String wordOf(String name) {
    return OwnSets.word(name);
  }

  /** Whether a set's word is that of one that is handed in, which no other process can read. */
  public static boolean isOwn(String set) {
    return OwnSets.isWord(set);
  }

  /** The sets known by name. */
  public List<KnownSet> known() {
    return KnownSet.ALL;
  }

  /** Where a known set lies here, or null when it is not there. */
  public Path find(KnownSet set) throws IOException {
    return places.find(set);
  }

  /**
   * Opens a set whose parts, classes and domains must not be in doubt; reads no pictures yet.
   *
   * @param set {@code generated}, {@code generated:KEY=VALUE,…}, a known name, a path, or a word of
   *     {@link #wordOf}
   * @throws IllegalArgumentException if there is no such set, or it has no pictures
   * @throws IOException if it cannot be read
   */
  public DataSet open(String set) throws IOException {
    return open(set, Folders.AUTO, Need.LABELS);
  }

  /** Like {@link #open(String)}, until it is stopped as by the four-argument one. */
  public DataSet open(String set, BooleanSupplier stop) throws IOException {
    return open(set, Folders.AUTO, Need.LABELS, stop);
  }

  /**
   * Opens a set; reads no pictures yet.
   *
   * @param set {@code generated}, {@code generated:KEY=VALUE,…}, a known name, or a path
   * @param folders what the folders of a path mean; a known set has its own meaning
   * @param need what must not be in doubt about the folders of a path
   * @throws IllegalArgumentException if there is no such set, it has no pictures, or what is needed
   *     is in doubt
   * @throws IOException if it cannot be read
   */
  public DataSet open(String set, Folders folders, Need need) throws IOException {
    return open(set, folders, need, () -> false);
  }

  /**
   * Like {@link #open(String, Folders, Need)}.
   *
   * @param stop asked often, by several threads, while files are listed and archives unpacked; true
   *     ends it
   * @throws java.util.concurrent.CancellationException if it was stopped
   */
  public DataSet open(String set, Folders folders, Need need, BooleanSupplier stop)
      throws IOException {
    if (OwnSets.isWord(set)) {
      return own.open(set);
    }
    Places.warnOfNamesake(set);
    if (Places.isGenerated(set)) {
      return Generated.open(set);
    }
    String name = nameOf(set);
    if (RemoteStore.isPlace(set)) {
      return Shards.remote(set, name, cache, stop);
    }
    Path path = places.of(set);
    for (KnownSet known : KnownSet.ALL) {
      if (known.name().equals(set)) {
        return local.known(known, path, stop);
      }
    }
    DataSet shards = Shards.open(path, name, cache, folders, stop);
    if (shards != null) {
      return shards;
    }
    return local.open(path, set, name, folders, need, stop);
  }

  /** Whether a set's word is a name, {@code generated}, known or handed in, and no path. */
  public static boolean isName(String set) {
    return Places.isName(set);
  }

  /** Whether a set's word leads to a place on another machine, such as {@code s3://BUCKET/KEY}. */
  public static boolean isRemote(String set) {
    return RemoteStore.isPlace(set);
  }

  /**
   * Whether something lies at a path or a place on another machine.
   *
   * @throws IOException if that machine cannot be asked
   */
  public static boolean isThere(String place) throws IOException {
    return isRemote(place)
        ? !RemoteStore.of(place).list(place).isEmpty()
        : Files.exists(Places.path(place));
  }

  /**
   * Where a set lies on this machine, absolute; null for one that is made, handed in or on another
   * machine, and for a known one that is not here.
   *
   * @throws IllegalArgumentException if the word cannot be a path here
   */
  public Path located(String set) throws IOException {
    return places.located(set);
  }

  /** What the set of a word calls itself; opens nothing. */
  public static String nameOf(String set) {
    return Places.nameOf(set);
  }

  /**
   * Every file of a set, annotations and all, by path within it; reads none of them yet.
   *
   * @param set a known name, or the path of a folder or archive
   * @throws IllegalArgumentException if there is no such set
   * @throws IOException if it cannot be listed
   */
  public SortedMap<String, Image.Content> files(String set) throws IOException {
    return files(set, () -> false);
  }

  /**
   * Like {@link #files(String)}.
   *
   * @param stop asked often; true ends it
   * @throws java.util.concurrent.CancellationException if it was stopped
   */
  public SortedMap<String, Image.Content> files(String set, BooleanSupplier stop)
      throws IOException {
    Listing listing = local.files(places.of(set), set, stop);
    LocalSets.report(listing, set);
    return listing.files();
  }

  /**
   * What a folder or archive holds.
   *
   * @param files by path within it
   * @param leftOut what is not among them
   */
  public record Contents(SortedMap<String, Image.Content> files, LeftOut leftOut) {}

  /**
   * Like {@link #files(String)}, with what is not listed.
   *
   * @throws IllegalArgumentException if there is no such set
   * @throws IOException if it cannot be listed
   */
  public Contents contents(String set) throws IOException {
    Listing listing = local.files(places.of(set), set, () -> false);
    return new Contents(listing.files(), listing.leftOut().done());
  }

  /**
   * Whether a file that is there or will be written lies in a set's folder, and so is a part of it.
   *
   * @throws IllegalArgumentException if there is no such set
   * @throws IOException if the folders on the way cannot be read
   */
  public boolean holds(String set, Path file) throws IOException {
    if (Places.isGenerated(set) || OwnSets.isWord(set) || isRemote(set)) {
      return false;
    }
    Path folder = places.of(set);
    Path within = file.toAbsolutePath().normalize().getParent();
    return Files.isDirectory(folder)
        && within != null
        && Files.isDirectory(within)
        && within.toRealPath().startsWith(folder.toRealPath());
  }

  /**
   * Whether a path is that of shards that could also be read by their folders: tars with classes
   * beside their pictures, as WebDataset has them, or archives beside tables of pictures.
   */
  public static boolean isShards(Path place) throws IOException {
    return Shards.mayBeFolders(place);
  }

  /**
   * A picture's file, whole, whoever lists it; what is no file, such as a pipe, is read to its end.
   *
   * @throws IOException if it has more than {@link Image#MAX_BYTES}, or cannot be read; the message
   *     names the file
   */
  public static byte[] bytes(Path picture) throws IOException {
    try {
      return BoundedBytes.of(picture);
    } catch (IOException e) {
      throw Reason.named(picture, e);
    }
  }

  /**
   * The pictures in a folder of this machine, sorted, as a set of it would list them: links are
   * followed, and what is hidden or a file server's own is left out. Archives are not opened.
   *
   * @throws IllegalArgumentException if it holds something that can neither be listed nor left out,
   *     such as a link that leads nowhere
   * @throws IOException if a part of it cannot be read
   */
  public static List<Path> pictures(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Image.Content one : Folder.list(folder, () -> false).pictures().values()) {
      if (one instanceof BoundedBytes.OfFile file) {
        files.add(file.file());
      }
    }
    return files;
  }

  /**
   * Whether a path within a folder leads into what no set lists: names that begin with a dot, and
   * what file servers and systems keep for themselves, such as {@code @eaDir} and {@code #recycle}.
   *
   * @param path its parts joined by {@code /}
   */
  public static boolean isHidden(String path) {
    return Listing.hidden(path);
  }

  /**
   * Whether some of folders that lie side by side would be taken for masks of the pictures in
   * others, as {@code masks} beside {@code images}.
   */
  public static boolean hasMasks(Set<String> folders) {
    return !Masks.in(folders.stream().map(folder -> folder + "/").collect(Collectors.toSet()))
        .isEmpty();
  }

  /** Whether a path names a picture, by its ending. */
  public static boolean isPicture(String path) {
    return Listing.picture(path);
  }
}
