package dev.millrace.setting;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A record's component that is a setting: it has a flag, a line of help and a line in files. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Knob {
  /** Its line of help, without the default; empty for what no flag sets. */
  String value() default "";

  /**
   * Its name in flags and files, without dashes; empty for the component's own with hyphens. A
   * {@code *} stands for the name of the part that the record belongs to.
   */
  String name() default "";

  /** What the help calls its value; empty for NAME, N or X by its type. */
  String label() default "";

  /**
   * The value, as files write it, under which a run computes what runs did before the setting
   * existed; a setting that has it stands in no digest, so that those runs are still known. Empty
   * for a setting that there was from the beginning.
   */
  String neutral() default "";

  /** Whether {@link Integer#MIN_VALUE}, or no number, stands for the word {@code auto}. */
  boolean auto() default false;

  /** Whether no encoder depends on it: where data lies, how a run is kept. */
  boolean housekeeping() default false;
}
