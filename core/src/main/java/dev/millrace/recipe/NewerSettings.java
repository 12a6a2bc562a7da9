package dev.millrace.recipe;

import java.util.Map;

/**
 * Settings that are newer than runs and studies which did without them: each with the value that
 * means what those did, under which it stands in no digest, so that they are still known.
 */
public final class NewerSettings {
  private static final Map<String, Object> AS_BEFORE =
      Map.of(
          "init-sha256",
          "",
          "layout",
          "auto",
          "chunk-settings",
          Map.of(),
          "ewc",
          0.0,
          "cassle",
          0.0,
          "optimiser",
          "sgd",
          "projector-hidden",
          2048);

  private NewerSettings() {}

  /** Leaves out of a run's settings, by flag name, those that say what was always done. */
  public static void leaveOut(Map<String, Object> settings) {
    settings.remove("order-seed", null);
    settings.remove("order-seed", settings.get("seed"));
    AS_BEFORE.forEach(settings::remove);
  }
}
