package dev.millrace.app.live;

import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Serves the encoder of a live run again that was served before the present one. */
@Command(
    name = "rollback",
    description = "Serves the encoder of a live run again that was served before the present one.")
final class LiveRollback extends LiveEncoderCommand.Change implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    KeptEncoders encoders = encoders();
    sayVectors();
    return print(encoders, encoders.promotions().rollback(reason()));
  }
}
