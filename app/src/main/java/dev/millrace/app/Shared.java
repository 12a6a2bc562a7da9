package dev.millrace.app;

import picocli.CommandLine.Mixin;

/** A sub-command that computes. */
abstract class Shared {
  @Mixin final CommonFlags common = new CommonFlags();
}
