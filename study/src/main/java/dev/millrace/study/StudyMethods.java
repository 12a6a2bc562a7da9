package dev.millrace.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Orders;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.StreamSettings;
import dev.millrace.recipe.SupervisedSettings;
import dev.millrace.setting.Knobs;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The methods of a study by name. A supervised method has, in a stream by class, and in one of sets
 * that have their own classes, a head of its own for each chunk; with one head over all classes it
 * is a row of its own, {@code …-full}, whose later chunks begin far above guessing.
 */
final class StudyMethods {
  private static final String FULL = "-full";

  /** Each method, and after one with a classifier the same with one head over all classes. */
  static final String[] NAMES =
      Methods.names().stream()
          .flatMap(
              name -> Methods.classifies(name) ? Stream.of(name, name + FULL) : Stream.of(name))
          .toArray(String[]::new);

  private StudyMethods() {}

  /** What a method of a study sets. */
  static Map<String, Object> settings(String name) {
    return name.endsWith(FULL)
        ? Map.of("method", trained(name), "head", "full")
        : Map.of("method", name);
  }

  /**
   * Whether a method makes another run than the one whose name it extends: the head makes a
   * difference where no class is in two chunks.
   */
  static boolean own(String name, Settings run) {
    StreamSettings stream = run.stream();
    boolean apart = stream.order().bySet() && run.data().ownClasses();
    return !name.endsWith(FULL) || apart || Orders.byClass().contains(stream.order().word());
  }

  /** Tells what a finished run's classifier spanned, as its data decided; nothing of other runs. */
  static void tellHead(Settings run, ObjectNode line) {
    if (run.method() instanceof SupervisedSettings supervised) {
      line.put("head", Knobs.word(supervised.head()));
    }
  }

  /** The method whose joint run a method is held against. */
  static String trained(String name) {
    return name.endsWith(FULL) ? name.substring(0, name.length() - FULL.length()) : name;
  }
}
