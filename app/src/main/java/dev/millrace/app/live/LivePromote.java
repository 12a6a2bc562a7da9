package dev.millrace.app.live;

import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Serves a kept encoder of a live run from now on, whatever the gate found. */
@Command(
    name = "promote",
    description = "Serves a kept encoder of a live run from now on, whatever the gate found.")
final class LivePromote extends LiveEncoderCommand.Change implements Callable<Integer> {
  @Parameters(
      index = "1",
      paramLabel = "VERSION",
      description = "its number in `millrace live encoders`")
  private int version;

  @Override
  public Integer call() throws IOException {
    KeptEncoders encoders = encoders();
    sayVectors();
    return print(encoders, encoders.promotions().promote(version, reason()));
  }
}
