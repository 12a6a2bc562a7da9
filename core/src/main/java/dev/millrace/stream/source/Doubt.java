package dev.millrace.stream.source;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Why a guess at what folders mean may be wrong: one loose picture must not make {@code train} and
 * {@code test}, or domains, the classes, and a folder that seems to hold a part of the set must not
 * be learned from as if it held a class.
 *
 * @param parts whether it is in doubt which pictures may be learned from
 * @param words what is in doubt, and what to do
 */
record Doubt(boolean parts, String words) {
  private static final int SHOWN = 5;
  private static final String SAY =
      ", or say what folders mean with --layout flat, class, domain or split";

  /** What is in doubt about these paths; null if nothing is. */
  static Doubt of(Set<String> paths, String name) {
    Set<String> foldered = those(paths, p -> p.contains("/"));
    Map<String, Integer> tops = new TreeMap<>();
    for (String path : foldered) {
      tops.merge(top(path), steps(path), Math::max);
    }
    Set<Part> known = parts(tops.keySet(), Part::of);
    long understood = tops.keySet().stream().filter(top -> Part.of(top) != null).count();
    if (known.contains(Part.TRAIN) && known.size() > 1
        || understood > 0 && understood == tops.size()) {
      return strays(true, paths, Layout::inPart, "{train,test}/CLASS/image", name);
    }
    boolean around = tops.size() == 1 && 2 * foldered.size() > paths.size();
    Doubt part = part(tops, name);
    if (part == null && !around) {
      part = inner(foldered, name);
    }
    if (part != null) {
      return part;
    }
    // Where most do not fit, the folders mean something else.
    Predicate<String> third = p -> steps(p) == 3;
    Set<String> deep = those(paths, third);
    if (2 * deep.size() > paths.size() && Layout.domains(deep)) {
      return strays(false, paths, third, "DOMAIN/CLASS/image", name);
    }
    // A folder around the whole set is left out of account, which a picture beside it prevents.
    if (around) {
      String top = tops.keySet().iterator().next();
      Set<String> inside =
          foldered.stream().map(p -> p.substring(top.length() + 1)).collect(Collectors.toSet());
      Doubt within = of(inside, name + "/" + top);
      if (within != null) {
        return within;
      }
      if (inside.stream().allMatch(p -> p.contains("/"))) {
        return strays(false, paths, p -> p.contains("/"), top + "/CLASS/image", name);
      }
    }
    return null;
  }

  /** The paths that fit; where all do, no other set is made of them. */
  private static Set<String> those(Set<String> paths, Predicate<String> fit) {
    return paths.stream().allMatch(fit)
        ? paths
        : paths.stream().filter(fit).collect(Collectors.toSet());
  }

  /** The folders of a path, and its name. */
  static int steps(String path) {
    int steps = 1;
    for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      steps++;
    }
    return steps;
  }

  /** A top folder that seems to hold a part, beside others that do not. */
  private static Doubt part(Map<String, Integer> tops, String name) {
    List<String> seeming = tops.keySet().stream().filter(t -> Part.within(t) != null).toList();
    if (seeming.isEmpty() || tops.size() == 1) {
      return null;
    }
    boolean several = parts(seeming, Part::within).size() > 1;
    boolean deep = seeming.stream().anyMatch(top -> tops.get(top) > 2);
    // Trains are things that pictures are taken of, which nobody would say of tests.
    if (!several && !deep && Part.within(seeming.get(0)) == Part.TRAIN) {
      return null;
    }
    List<String> others = tops.keySet().stream().filter(t -> Part.of(t) == null).toList();
    return new Doubt(
        true,
        "%s: %s %s by name to hold %s of the set, but %s cannot be told to be one; call the folders train/, val/ and test/%s"
            .formatted(
                name,
                folders(seeming),
                seeming.size() == 1 ? "seems" : "seem",
                seeming.size() == 1 ? "a part" : "parts",
                folders(others),
                SAY));
  }

  private static String folders(List<String> names) {
    return shown(names.stream().map(name -> name + "/").toList());
  }

  /** Parts further in, where not every picture has one at the second place. */
  private static Doubt inner(Set<String> paths, String name) {
    Map<Integer, Set<String>> folders = new TreeMap<>();
    boolean second = !paths.isEmpty();
    for (String path : paths) {
      String[] steps = path.split("/");
      second = second && steps.length > 2 && Part.of(steps[1]) != null;
      for (int i = 1; i < steps.length - 1; i++) {
        folders.computeIfAbsent(i, k -> new HashSet<>()).add(steps[i]);
      }
    }
    for (Map.Entry<Integer, Set<String>> level : folders.entrySet()) {
      if (second && level.getKey() == 1) {
        continue;
      }
      Set<Part> found = parts(level.getValue(), Part::of);
      if (found.contains(Part.TRAIN) && found.size() > 1) {
        List<String> named =
            level.getValue().stream().filter(f -> Part.of(f) != null).sorted().toList();
        return new Doubt(
            true,
            "%s holds folders that seem to be parts of the set, %s, %d levels deep, where not all its pictures lie in such; give each folder that holds them as a SET of its own, move them to the top%s"
                .formatted(name, folders(named), level.getKey() + 1, SAY));
      }
    }
    return null;
  }

  private static Set<Part> parts(
      Iterable<String> folders, java.util.function.Function<String, Part> by) {
    Set<Part> found = EnumSet.noneOf(Part.class);
    for (String folder : folders) {
      if (by.apply(folder) != null) {
        found.add(by.apply(folder));
      }
    }
    return found;
  }

  private static Doubt strays(
      boolean parts, Set<String> paths, Predicate<String> fits, String layout, String name) {
    List<String> strays = paths.stream().filter(fits.negate()).sorted().toList();
    if (strays.isEmpty()) {
      return null;
    }
    String it = strays.size() == 1 ? "it" : "them";
    return new Doubt(
        parts,
        "%s lies as %s, but %d of its %d pictures %s not: %s; move %s into place, or take %s out%s"
            .formatted(
                name,
                layout,
                strays.size(),
                paths.size(),
                strays.size() == 1 ? "does" : "do",
                shown(strays),
                it,
                it,
                SAY));
  }

  private static String top(String path) {
    return path.substring(0, path.indexOf('/'));
  }

  static String shown(List<String> paths) {
    return paths.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (paths.size() > SHOWN ? ", …" : "");
  }
}
