package dev.millrace.exchange.search;

import dev.millrace.exchange.Pictures;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The sets that are searched, all their parts.
 *
 * @param pictures all of them
 * @param called what the sets are called
 * @param words by which they can be opened again from anywhere on this machine
 */
record SearchedSet(Pictures pictures, List<String> called, List<String> words) {
  /**
   * Opens sets.
   *
   * @throws IllegalArgumentException if one has no pictures
   */
  static SearchedSet open(List<String> data, Folders folders, Catalogue catalogue)
      throws IOException {
    List<DataSet> sets = new ArrayList<>();
    List<String> called = new ArrayList<>();
    for (String word : data) {
      DataSet set = catalogue.open(word, folders, Need.PICTURES);
      sets.add(set);
      called.add(Catalogue.isName(word) ? word : set.name());
    }
    return new SearchedSet(
        new Pictures(sets, Pictures.ALL, 0),
        called,
        data.stream().map(SearchedSet::fromAnywhere).toList());
  }

  private static String fromAnywhere(String word) {
    return Catalogue.isName(word) || !Files.exists(Path.of(word))
        ? word
        : Path.of(word).toAbsolutePath().normalize().toString();
  }
}
