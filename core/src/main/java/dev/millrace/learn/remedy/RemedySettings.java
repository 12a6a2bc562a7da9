package dev.millrace.learn.remedy;

/**
 * What steers a remedy: a record beside its code, whose components are settings ({@link
 * dev.millrace.setting.Knob}). It refuses nonsense in words of its own.
 */
public interface RemedySettings {
  /** Whether it is strong enough to do anything; a run does not have one that is not. */
  boolean on();
}
