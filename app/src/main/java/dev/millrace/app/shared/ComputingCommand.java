package dev.millrace.app.shared;

import picocli.CommandLine.Mixin;

/** A sub-command that computes. */
public abstract class ComputingCommand {
  @Mixin public final CommonFlags common = new CommonFlags();
}
