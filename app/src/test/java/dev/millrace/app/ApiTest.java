package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.remedy.RemedySettings;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/java.md promises to those who depend on Millrace. */
final class ApiTest {
  private static final Path ROOT = Path.of("..");

  /** The names of a table's types. */
  private static Set<String> listed(int table) throws IOException {
    String[] tables =
        Files.readString(ROOT.resolve("docs/java.md"))
            .replaceFirst("(?s).*## What is API", "")
            .split(Pattern.quote("| package | types |"));
    Set<String> names = new TreeSet<>();
    for (String line : tables[table].lines().toList()) {
      Matcher cell = Pattern.compile("`([\\w.]+)`").matcher(line);
      String home = line.startsWith("| `dev.") && cell.find() ? cell.group(1) : null;
      while (home != null && cell.find()) {
        names.add(home + "." + cell.group(1));
      }
    }
    return names;
  }

  @Test
  void everyTypeOfTheApiIsThereAndPublic() throws Exception {
    Set<String> all = listed(1);
    assertThat(all).hasSizeGreaterThan(20);
    all.addAll(listed(2));
    all.addAll(listed(3));
    for (String name : all) {
      assertThat(Modifier.isPublic(load(name).getModifiers())).as(name).isTrue();
    }
  }

  @Test
  void theApiMentionsNothingThatIsNotListed() throws Exception {
    Set<String> known = new TreeSet<>();
    for (int table = 1; table <= 3; table++) {
      listed(table).forEach(n -> known.add(n.replaceFirst("([A-Z]\\w*)\\.Settings", "$1")));
    }
    Set<String> unlisted = new TreeSet<>();
    Set<String> promised = listed(1);
    promised.addAll(listed(2));
    for (String name : promised) {
      for (Class<?> type : nested(load(name))) {
        for (Mention mention : mentions(type)) {
          String top = mention.type().getName().replaceAll("\\$.*", "");
          if (!known.contains(top)) {
            unlisted.add(top + ", by " + type.getSimpleName() + "." + mention.member());
          }
        }
      }
    }
    assertThat(unlisted).isEmpty();
  }

  @Test
  void theLastListHasOnlyWhatTheOthersMention() throws Exception {
    Set<String> mentioned = new TreeSet<>();
    Set<String> promised = listed(1);
    promised.addAll(listed(2));
    for (String name : promised) {
      for (Class<?> type : nested(load(name))) {
        mentions(type).forEach(m -> mentioned.add(m.type().getName().replaceAll("\\$.*", "")));
      }
    }
    assertThat(mentioned).containsAll(listed(3));
  }

  @Test
  void theSettingsOfEveryMethodAndEveryRemedyAreOfTheApi() throws Exception {
    Set<String> there = new TreeSet<>();
    for (Class<?> kind : List.of(MethodSettings.class, RemedySettings.class)) {
      String home = kind.getPackageName();
      Path folder = ROOT.resolve("core/src/main/java").resolve(home.replace('.', '/'));
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          String name = home + "." + file.getFileName().toString().replace(".java", ".Settings");
          if (Files.readString(file).contains("record Settings(")
              && kind.isAssignableFrom(load(name))) {
            there.add(name);
          }
        }
      }
    }
    assertThat(listed(2)).isEqualTo(there).hasSizeGreaterThan(20);
  }

  @Test
  void theVersionThatOthersAreGivenIsTheProjects() throws IOException {
    String version = first("<version>(.*?)</version>", ROOT.resolve("pom.xml"));
    for (String file : List.of("docs/java.md", "README.md", "examples/pom.xml")) {
      String given = "(?s)<artifactId>millrace-core</artifactId>.*?<version>(.*?)</version>";
      assertThat(first(given, ROOT.resolve(file))).as(file).isEqualTo(version);
    }
  }

  private static String first(String pattern, Path file) throws IOException {
    Matcher found = Pattern.compile(pattern).matcher(Files.readString(file));
    assertThat(found.find()).as(file + " has " + pattern).isTrue();
    return found.group(1);
  }

  private static Class<?> load(String name) throws ClassNotFoundException {
    String binary = name.replaceFirst("([A-Z]\\w*)\\.Settings", "$1\\$Settings");
    return Class.forName(binary, false, ApiTest.class.getClassLoader());
  }

  /** A type and the public ones in it. */
  private static List<Class<?>> nested(Class<?> type) {
    List<Class<?>> all = new ArrayList<>(List.of(type));
    for (Class<?> inner : type.getDeclaredClasses()) {
      if (Modifier.isPublic(inner.getModifiers())) {
        all.addAll(nested(inner));
      }
    }
    return all;
  }

  private record Mention(Class<?> type, String member) {}

  private static List<Mention> mentions(Class<?> type) {
    List<Mention> all = new ArrayList<>();
    add(type.getGenericSuperclass(), "extends", all);
    for (Type one : type.getGenericInterfaces()) {
      add(one, "implements", all);
    }
    for (Method method : type.getDeclaredMethods()) {
      // Device.torch is for the engine itself.
      boolean ours = method.getReturnType().getName().startsWith("org.bytedeco.");
      if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !ours) {
        add(method.getGenericReturnType(), method.getName(), all);
        for (Type one : method.getGenericParameterTypes()) {
          add(one, method.getName(), all);
        }
        for (Type one : method.getGenericExceptionTypes()) {
          add(one, method.getName(), all);
        }
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (Modifier.isPublic(constructor.getModifiers())) {
        for (Type one : constructor.getGenericParameterTypes()) {
          add(one, "new", all);
        }
      }
    }
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers())) {
        add(field.getGenericType(), field.getName(), all);
      }
    }
    return all;
  }

  /** Adds the types of a type that are not the JDK's. */
  private static void add(Type type, String member, List<Mention> to) {
    if (type instanceof ParameterizedType parts) {
      add(parts.getRawType(), member, to);
      for (Type part : parts.getActualTypeArguments()) {
        add(part, member, to);
      }
    } else if (type instanceof GenericArrayType array) {
      add(array.getGenericComponentType(), member, to);
    } else if (type instanceof WildcardType any) {
      for (Type bound : any.getUpperBounds()) {
        add(bound, member, to);
      }
    } else if (type instanceof Class<?> one) {
      Class<?> plain = one.isArray() ? one.getComponentType() : one;
      if (plain.isArray()) {
        add(plain, member, to);
      } else if (!plain.isPrimitive() && !plain.getName().startsWith("java.")) {
        to.add(new Mention(plain, member));
      }
    }
  }
}
