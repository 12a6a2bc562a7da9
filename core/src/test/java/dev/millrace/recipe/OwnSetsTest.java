package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sets that a program hands in instead of naming files. */
class OwnSetsTest {
  private static final RunEvent.Listener QUIET = event -> {};
  private static final BooleanSupplier NEVER = () -> false;

  @TempDir Path folder;

  /** Pictures in memory. */
  private record Held(String name, List<Image> images, List<String> classes) implements ImageSet {
    /** Generated pictures, held by the names {@code NAME-0}, … */
    static Held of(String name, int images) throws IOException {
      ImageSet made = Catalogue.standard().open("generated:images=" + images + ";size=16").train();
      List<Image> held = new ArrayList<>();
      for (int i = 0; i < made.size(); i++) {
        byte[] bytes = made.image(i).bytes();
        held.add(new Image(name + "-" + i, made.image(i).label(), Image.NONE, bytes::clone));
      }
      return new Held(name, held, made.classes());
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public Image image(int index) {
      return images.get(index);
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private static Settings settings() {
    return Settings.defaults(Catalogue.wordOf("camera"))
        .with("stream", "instance")
        .with("chunks", 2)
        .with("size", 16)
        .with("width", 4)
        .with("epochs", 1)
        .with("batch", 16)
        .with("queue", 64)
        .with("threads", 1);
  }

  private Path stopped(Catalogue sets) throws IOException {
    Path run = folder.resolve("stopped");
    AtomicInteger steps = new AtomicInteger();
    RunEvent.Listener count =
        event -> {
          if (event instanceof RunEvent.Stepped) {
            steps.incrementAndGet();
          }
        };
    assertThat(Millrace.pretrain(settings(), sets, run, count, () -> steps.get() > 0).stopped())
        .isTrue();
    return run;
  }

  @Test
  void aSetInMemoryIsLearnedResumedExtendedAndJudged() throws IOException {
    Catalogue sets = Catalogue.standard().with(Held.of("camera", 64));
    Path straight = folder.resolve("straight");
    Millrace.Outcome whole = Millrace.pretrain(settings(), sets, straight, QUIET, NEVER);
    Path run = stopped(Catalogue.standard().with(Held.of("camera", 64)));
    assertThat(Millrace.resume(run, sets, Resumption.unchanged(), QUIET, NEVER).encoderSha256())
        .isEqualTo(whole.encoderSha256());
    assertThat(Files.readString(run.resolve("run.yaml"))).contains("program:camera");

    Catalogue more = sets.with(Held.of("night", 32));
    Extension night = Extension.of(Catalogue.wordOf("night"));
    assertThat(Millrace.extend(run, night, more, QUIET, NEVER).chunks()).isEqualTo(3);

    Held test = Held.of("camera", 32);
    Catalogue judging = Catalogue.standard().with(DataSet.of(Held.of("camera", 64), test));
    List<ProbeResult> results =
        Probing.probe(
            run, ProbeRequest.of(Catalogue.wordOf("camera")), judging, new ProbeListener() {});
    assertThat(results).isNotEmpty();
    assertThat(results.get(0).split()).isEqualTo("test");
    assertThat(results.get(0).data()).isEqualTo("program:camera");
  }

  @Test
  void otherProcessesCannotShareIt() throws IOException {
    Rendezvous commands =
        new Rendezvous() {
          @Override
          public int count() {
            return 2;
          }

          @Override
          public Ranks meet(Path run) {
            throw new AssertionError("it was to be refused before");
          }

          @Override
          public boolean sharesProgram() {
            return false;
          }
        };
    Catalogue sets = Catalogue.standard().with(Held.of("camera", 64));
    Settings two = settings().machine(m -> m.ranks(2));
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(two, sets, run, commands, QUIET, NEVER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--ranks 2: program:camera is a set of this program");
    assertThat(run).doesNotExist();
    Sharing.requireReadable(two, two.stream().chunks(), commands); // nothing is left to be read
  }

  @Test
  void twoRunsOnItAreCompared() throws IOException {
    Catalogue sets = Catalogue.standard().with(Held.of("camera", 64));
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    Millrace.pretrain(settings(), sets, one, QUIET, NEVER);
    Millrace.pretrain(settings().stream(s -> s.seed(9)), sets, other, QUIET, NEVER);
    InsightRequest request = InsightRequest.of(1, "cka").withImages(32);
    assertThat(Insights.compare(one, other, request, sets, new InsightListener() {})).hasSize(2);
    assertThat(Insights.partsOf(one, null, sets)).contains("forgetting");
  }

  @Test
  void aRunIsRefusedByTheNameOfItsSetWhereNobodyHandsItIn() throws IOException {
    Path run = stopped(Catalogue.standard().with(Held.of("camera", 64)));
    assertThatThrownBy(() -> Millrace.resume(run, QUIET, NEVER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("program:camera is no file")
        .hasMessageContaining("handed in under the name camera")
        .hasMessageContaining("Catalogue.standard().with(set)");
    Catalogue other = Catalogue.standard().with(Held.of("garden", 64));
    assertThatThrownBy(() -> Millrace.resume(run, other, Resumption.unchanged(), QUIET, NEVER))
        .hasMessageContaining("handed in are program:garden");
  }

  @Test
  void anotherSetOfTheSameNameIsRefused() throws IOException {
    Path run = stopped(Catalogue.standard().with(Held.of("camera", 64)));
    Catalogue fewer = Catalogue.standard().with(Held.of("camera", 60));
    assertThatThrownBy(() -> Millrace.resume(run, fewer, Resumption.unchanged(), QUIET, NEVER))
        .hasMessageContaining("changed since the run began");
  }

  @Test
  void picturesThatCannotBeToldApartAreRefusedWhenTheyAreHandedIn() throws IOException {
    List<Image> images = Held.of("camera", 4).images();
    Catalogue none = Catalogue.standard();
    assertThatThrownBy(() -> none.with(new Held(" ", images, List.of("a"))))
        .hasMessageContaining("needs a name");
    Image twin = new Image(images.get(0).id(), 0, Image.NONE, images.get(1).content());
    assertThatThrownBy(
            () -> none.with(new Held("x", List.of(images.get(0), twin), List.of("a", "b"))))
        .hasMessageContaining("picture 1 of x is called 'camera-0', as one before it");
    Image labelled = new Image("b", 7, Image.NONE, images.get(1).content());
    assertThatThrownBy(() -> none.with(new Held("x", List.of(labelled), List.of("a"))))
        .hasMessageContaining("the label 7 of picture 'b' is none of the 1 classes of x");
    Catalogue one = none.with(Held.of("camera", 4));
    assertThatThrownBy(() -> one.with(Held.of("camera", 4)))
        .hasMessageContaining("two sets are called camera");
  }

  @Test
  void whatNeedsFilesSaysSo() throws IOException {
    Catalogue sets = Catalogue.standard().with(Held.of("camera", 4));
    assertThatThrownBy(() -> sets.files(Catalogue.wordOf("camera")))
        .hasMessageContaining("program:camera was handed in by a program and has no files");
  }

  @Test
  void partsOfASetHaveTheSameClasses() throws IOException {
    Held train = Held.of("camera", 8);
    assertThatThrownBy(
            () -> DataSet.of(train, new Held("test", train.images(), List.of("another"))))
        .hasMessageContaining("other classes or domains");
  }
}
