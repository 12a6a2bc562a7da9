package dev.millrace.app.shared;

import picocli.CommandLine.Mixin;

/** A sub-command that computes nothing: threads and devices would mean nothing to it. */
public abstract class PlainCommand {
  @Mixin public final OutputFlags common = new OutputFlags();
}
