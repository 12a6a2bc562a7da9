package dev.millrace.app.live;

import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Keeps serving the present encoder of a live run. */
@Command(
    name = "hold",
    description =
        "Keeps serving the present encoder of a live run: the gate promotes no other until --release.")
final class LiveHold extends LiveEncoderCommand.Change implements Callable<Integer> {
  @Option(names = "--release", description = "let the gate promote again")
  private boolean release;

  @Override
  public Integer call() throws IOException {
    KeptEncoders encoders = encoders();
    return print(encoders, encoders.promotions().hold(!release, reason()));
  }
}
