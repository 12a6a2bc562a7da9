package dev.millrace.recipe;

import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a run in a directory of its own, and makes its steps. All that can be refused is refused
 * before there is a directory.
 *
 * @param out the directory to make
 */
record Beginning(
    Settings settings,
    Catalogue catalogue,
    Path out,
    Rendezvous rendezvous,
    RunEvent.Listener listener,
    BooleanSupplier stop) {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

  Millrace.Outcome outcome() throws IOException {
    RunDirectory.requireFree(out);
    InitialWeights init = InitialWeights.of(settings);
    Settings noted = Sources.begun(settings);
    RunChunks chunks = RunChunks.plan(noted, catalogue, stop);
    Settings decided = decided(noted, chunks);
    Sharing.require(decided, rendezvous);
    Sharing.requireReadable(decided, 0, rendezvous);
    PartSettings.check(decided, chunks);
    KnnWatch.check(decided, catalogue, stop);
    ChunkHeads heads = ChunkHeads.look(decided, chunks, stop);
    MachineChoice.Threaded threaded = MachineChoice.threaded(decided);
    FirstLook.warnings(threaded.settings(), chunks, heads).forEach(LOG::warn);
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped before the run began; " + out + " was not made");
    }
    if (threaded.choice() != null) {
      listener.on(new RunEvent.ThreadsChosen(threaded.choice()));
    }
    return begun(threaded.settings(), chunks, heads, init);
  }

  /**
   * With all that the settings leave to the data or to each other and that a later version may
   * decide otherwise: a run goes on with what it began with.
   */
  private static Settings decided(Settings noted, RunChunks chunks) {
    Settings whole = PartSettings.resolved(noted).with("chunks", chunks.count());
    Settings ordered = whole.with("order-seed", whole.stream().ordering());
    Settings cut = MultiCrop.decided(RemedyNeeds.decided(ordered));
    return Sharing.decided(HeadSetting.decided(QueueLength.decided(cut, chunks), chunks));
  }

  private Millrace.Outcome begun(
      Settings decided, RunChunks chunks, ChunkHeads heads, InitialWeights init)
      throws IOException {
    boolean began = false;
    RunDirectory directory = RunDirectory.create(out);
    try {
      Settings whole = init == null ? decided : init.in(decided);
      if (init != null) {
        init.keep(directory, whole);
      }
      directory.begin(chunks.count());
      RunFiles.write(directory, whole, chunks);
      heads.keep(directory.root());
      RunTraining training = new RunTraining(directory, whole, chunks, rendezvous, listener, stop);
      Wiring wiring = training.begun();
      began = true;
      return training.outcome(wiring);
    } finally {
      if (began) {
        directory.close();
      } else {
        directory.discard();
      }
    }
  }
}
