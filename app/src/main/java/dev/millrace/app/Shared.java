package dev.millrace.app;

import picocli.CommandLine.Mixin;

/** A sub-command with the flags that all have. */
abstract class Shared {
  @Mixin final CommonFlags common = new CommonFlags();
}
