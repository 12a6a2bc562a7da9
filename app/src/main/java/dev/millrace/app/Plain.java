package dev.millrace.app;

import picocli.CommandLine.Mixin;

/** A sub-command that computes nothing: threads and devices would mean nothing to it. */
abstract class Plain {
  @Mixin final OutputFlags common = new OutputFlags();
}
