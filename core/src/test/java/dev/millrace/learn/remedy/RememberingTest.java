package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.ReplayMemory;
import dev.millrace.stream.memory.Reservoir;
import dev.millrace.stream.memory.UniformShare;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Remedies that look at which rows of a batch are replayed: DER, CLA and Osiris-R. */
class RememberingTest {
  private static final int DIM = 4;
  private static final Cla.Settings CLA = Cla.Settings.of(2).momentum(0.9).hidden(8);
  private static final Osiris.Settings OSIRIS = new Osiris.Settings(3, 0.5, 8);

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    List<Head> heads = new ArrayList<>();
    heads.add(Mlp.of("projector", 16, DIM));
    heads.addAll(Cla.heads(CLA, DIM));
    heads.addAll(Osiris.heads(OSIRIS, 16));
    return TinyNetwork.of(heads);
  }

  /** Six pictures of chunk 2, of which rows 1, 3 and 4 came with earlier chunks. */
  private static Views views() {
    Tensor pictures = torch.zeros(new long[] {6, 2}, new TensorOptions(ScalarType.Long));
    long[] chunks = {2, 0, 2, 1, 0, 2};
    for (int i = 0; i < chunks.length; i++) {
      pictures.select(0, i).select(0, 0).fill_(new Scalar((double) chunks[i]));
      pictures.select(0, i).select(0, 1).fill_(new Scalar(10.0 + i));
    }
    return new Views(List.of(torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)), null, pictures);
  }

  private ReplayMemory memory() throws IOException {
    return ReplayMemory.open(folder.resolve("memory"), new Reservoir(3), 1);
  }

  private static void put(Remedy remedy, int place, int chunk, int name, Tensor row) {
    Tensor key = remedy.state().get("keys").select(0, place);
    key.select(0, 0).fill_(new Scalar((double) chunk));
    key.select(0, 1).fill_(new Scalar((double) name));
    remedy.state().get("rows").select(0, place).copy_(row);
  }

  private static double cosine(Tensor a, Tensor b) {
    return torch.cosine_similarity(a, b, 0, 1e-8).item_double();
  }

  @Test
  void derHoldsTheFeaturesOfReplayedPicturesToThoseStoredWithThem() throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Der der = new Der(Der.Settings.of(0.5), net, memory(), 3)) {
      Views views = views();
      Outputs made = TinyNetwork.outputs(net, views);
      assertThat(der.penalty(views, made)).isEmpty();
      Tensor one = torch.randn(16);
      Tensor two = torch.randn(16);
      put(der, 0, 1, 13, one); // row 3
      put(der, 2, 0, 14, two); // row 4
      double expected = 0;
      for (Tensor f : made.features()) {
        expected += f.select(0, 3).sub(one).square().sum().item_double();
        expected += f.select(0, 4).sub(two).square().sum().item_double();
      }
      assertThat(der.penalty(views, made).orElseThrow().item_double())
          .isCloseTo(0.5 * expected / (2 * 2 * 16), within(1e-5));
    }
  }

  @ParameterizedTest
  @EnumSource(Cla.Form.class)
  void claAlignsEmbeddingsWithOlderOnesOfTheSamePictures(Cla.Form form) throws IOException {
    Cla.Settings settings = CLA.form(form);
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Network past = net.twin();
        Cla cla = new Cla(settings, net, DIM, form == Cla.Form.R ? memory() : null, 3)) {
      cla.beginChunk(0);
      net.weights().flat().mul_(new Scalar(1.2));
      Views views = views();
      cla.mix(views, Optional.empty(), new Moment(2, 0, 0, 1, 0));
      Outputs made = TinyNetwork.outputs(net, views);
      List<Integer> rows = form == Cla.Form.B ? List.of(0, 1, 2, 3, 4, 5) : List.of(1, 3, 4);
      Tensor stored = torch.randn(3, DIM);
      if (form == Cla.Form.R) {
        put(cla, 2, 0, 11, stored.select(0, 0));
        put(cla, 0, 1, 13, stored.select(0, 1));
        put(cla, 1, 0, 14, stored.select(0, 2));
      }
      double expected = 0;
      for (int v = 0; v < 2; v++) {
        Tensor z = rows(made.embeddings().get(v), rows);
        Tensor shown = rows(views.view(v), rows);
        Tensor aligned = net.through(Cla.heads(CLA, DIM).get(0), z, Mode.DIFFERENTIABLE);
        Tensor older =
            form == Cla.Form.R
                ? stored
                : past.embed(past.features(shown, Mode.DIFFERENTIABLE), Mode.DIFFERENTIABLE);
        for (int i = 0; i < rows.size(); i++) {
          expected += 1 - cosine(aligned.select(0, i), older.select(0, i));
        }
      }
      Tensor penalty = cla.penalty(views, made).orElseThrow();
      assertThat(penalty.item_double()).isCloseTo(2 * expected / (2 * rows.size()), within(1e-4));
      cla.afterUpdate(net.encoderWeights(), 0.1);
      if (form == Cla.Form.R) {
        Tensor now =
            unit(made.embeddings().get(0).select(0, 3))
                .add(unit(made.embeddings().get(1).select(0, 3)))
                .detach();
        Tensor moved = unit(unit(stored.select(0, 1)).add(unit(now)));
        assertThat(cla.state().get("rows").select(0, 0).sub(moved).abs().max().item_double())
            .isLessThan(1e-5);
      } else {
        Tensor moved =
            past.weights()
                .flat()
                .mul(new Scalar(0.9))
                .add(net.weights().flat().mul(new Scalar(0.1)));
        assertThat(cla.state().get("average.weights").sub(moved).abs().max().item_double())
            .isLessThan(1e-5);
      }
    }
  }

  /** SwAV and DINO show small crops after the two whole views. */
  @Test
  void whatIsStoredAndComparedIsOfWholeViewsOnly() throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Der der = new Der(Der.Settings.of(0.5), net, memory(), 3);
        Cla cla = new Cla(CLA.form(Cla.Form.R), net, DIM, memory(), 3);
        MinRed minred = new MinRed(memory(), 3, Long.MAX_VALUE, 1, net)) {
      Views two = views();
      List<Remedy> remedies = List.of(der, cla, minred);
      for (Remedy remedy : remedies) {
        put(remedy, 0, 1, 13, torch.ones(remedy == cla ? DIM : 16));
        put(remedy, 1, 0, 14, torch.ones(remedy == cla ? DIM : 16));
      }
      Outputs made = TinyNetwork.outputs(net, two);
      Outputs crops = TinyNetwork.outputs(net, views());
      Outputs four =
          new Outputs(
              Stream.concat(made.features().stream(), crops.features().stream()).toList(),
              Stream.concat(made.embeddings().stream(), crops.embeddings().stream()).toList());
      for (Remedy remedy : remedies) {
        Tensor rows = remedy.state().get("rows");
        Tensor before = rows.clone();
        Optional<Tensor> without = remedy.penalty(two, made);
        remedy.afterUpdate(net.encoderWeights(), 0.1);
        Tensor moved = rows.clone();
        rows.copy_(before);
        Optional<Tensor> with = remedy.penalty(two, four);
        remedy.afterUpdate(net.encoderWeights(), 0.1);
        assertThat(with.map(Tensor::item_double)).isEqualTo(without.map(Tensor::item_double));
        assertThat(rows.equal(moved)).as(remedy.name()).isTrue();
      }
    }
  }

  private static Tensor unit(Tensor row) {
    return row.div(row.norm());
  }

  /** MoCo v2 makes embeddings of norm 1, others longer ones. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 30})
  void whatClaStoresAtAChunksEndWeighsAsMuchAsWhatIsReplayedOfAnyLength(double length)
      throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        ReplayMemory filled = memory();
        Cla cla = new Cla(CLA.form(Cla.Form.R), net, DIM, memory(), 3)) {
      Chunk chunk = chunk(0);
      filled.absorb(chunk);
      Tensor shown = torch.randn(1, 3, 16, 16);
      cla.endChunk(new Shown(net, chunk, () -> shown));
      Tensor then = cla.state().get("rows").clone();
      for (int place = 0; place < 3; place++) {
        assertThat(then.select(0, place).norm().item_double()).isCloseTo(1, within(1e-5));
      }
      Tensor pictures = cla.state().get("keys").clone();
      Views views = new Views(List.of(torch.randn(3, 3, 16, 16)), null, pictures);
      Tensor now = torch.randn(3, DIM);
      Tensor made = torch.stack(rowsOf(now, row -> unit(row).mul(new Scalar(length))));
      assertThat(cla.penalty(views, new Outputs(List.of(), List.of(made)))).isPresent();
      cla.afterUpdate(net.encoderWeights(), 0.1);
      Tensor found = cla.state().get("rows");
      for (int place = 0; place < 3; place++) {
        Tensor half = unit(then.select(0, place).add(unit(now.select(0, place))));
        assertThat(found.select(0, place).sub(half).abs().max().item_double()).isLessThan(1e-5);
      }
    }
  }

  private static TensorVector rowsOf(Tensor of, UnaryOperator<Tensor> as) {
    TensorVector rows = new TensorVector();
    for (long i = 0; i < of.size(0); i++) {
      rows.push_back(as.apply(of.select(0, i)));
    }
    return rows;
  }

  private static Chunk chunk(int index) throws IOException {
    String set = "generated:images=24;test=4;classes=2;size=16;seed=" + index;
    return new Chunk(index, "chunk", Catalogue.standard().open(set).train());
  }

  private static Tensor rows(Tensor of, List<Integer> rows) {
    return torch.stack(
        new TensorVector(rows.stream().map(i -> of.select(0, i)).toArray(Tensor[]::new)));
  }

  @Test
  void osirisTellsTodaysPicturesFromReplayedOnesAndThoseFromEachOther() throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Osiris osiris = new Osiris(OSIRIS, net)) {
      Views views = views();
      osiris.mix(views, Optional.empty(), new Moment(2, 0, 0, 1, 0));
      Outputs made = TinyNetwork.outputs(net, views);
      List<Tensor> h =
          made.features().stream()
              .map(f -> net.through(Osiris.heads(OSIRIS, 16).get(0), f, Mode.DIFFERENTIABLE))
              .toList();
      double expected =
          0.5
                  * (cross(h, List.of(0, 2, 5), List.of(1, 3, 4), false)
                      + cross(h, List.of(1, 3, 4), List.of(0, 2, 5), false))
              + cross(h, List.of(1, 3, 4), List.of(1, 3, 4), true);
      assertThat(osiris.penalty(views, made).orElseThrow().item_double())
          .isCloseTo(3 * 0.5 * expected, within(1e-4));
      osiris.mix(views, Optional.empty(), new Moment(0, 0, 0, 1, 0));
      assertThat(osiris.penalty(views, made)).isEmpty(); // nothing is older than chunk 0
    }
  }

  /** −log of the other view's share among itself and the views of others, by hand. */
  private static double cross(
      List<Tensor> h, List<Integer> anchors, List<Integer> others, boolean among) {
    double sum = 0;
    for (int v = 0; v < 2; v++) {
      for (int i : anchors) {
        double positive = Math.exp(cosine(h.get(v).select(0, i), h.get(1 - v).select(0, i)) / 0.5);
        double all = positive;
        for (int w = 0; w < 2; w++) {
          for (int j : others) {
            if (!(among && i == j)) {
              all += Math.exp(cosine(h.get(v).select(0, i), h.get(w).select(0, j)) / 0.5);
            }
          }
        }
        sum -= Math.log(positive / all);
      }
    }
    return sum / (2 * anchors.size());
  }

  @Test
  void aPictureThatNoMemoryCanHoldDrivesNoOtherOutOfMinRed() throws IOException {
    Chunk plain = chunk(0);
    ImageSet set = plain.images();
    ImageSet some =
        new ImageSet() {
          @Override
          public String name() {
            return set.name();
          }

          @Override
          public int size() {
            return set.size();
          }

          @Override
          public Image image(int i) {
            Image image = set.image(i);
            return i == 0
                ? new Image(image.id(), image.label(), image.domain(), () -> new byte[1 << 16])
                : image;
          }

          @Override
          public List<String> classes() {
            return set.classes();
          }

          @Override
          public List<String> domains() {
            return set.domains();
          }
        };
    try (PointerScope scope = new PointerScope();
        Network net = network();
        ReplayMemory look = ReplayMemory.open(folder.resolve("memory"), new UniformShare(1), 1);
        MinRed minred =
            new MinRed(
                ReplayMemory.open(folder.resolve("memory"), new UniformShare(1), 1),
                set.size(),
                (1 << 16) - 1,
                1,
                net)) {
      // The first that is shown is like no other.
      Tensor[] next = {torch.randn(1, 3, 16, 16).mul(new Scalar(-50.0))};
      Tensor alike = torch.ones(1, 3, 16, 16);
      minred.endChunk(
          new Shown(
              net,
              new Chunk(0, "chunk", some),
              () -> {
                Tensor now = next[0];
                next[0] = alike;
                return now;
              }));
      assertThat(look.before(1).get(0).size()).isEqualTo(set.size() - 1);
    }
  }

  @Test
  void whatIsStoredFollowsTheMemoryFromChunkToChunk() throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        ReplayMemory filled = memory();
        ReplayMemory memory = memory();
        StoredRows stored = new StoredRows(3, 1, new Device("cpu"))) {
      for (int c = 0; c < 3; c++) {
        Chunk chunk = chunk(c);
        double number = c;
        filled.absorb(chunk);
        stored.follow(
            memory,
            new Shown(net, chunk, () -> torch.full(new long[] {1, 1}, new Scalar(number))),
            views -> views.view(0).reshape(-1, 1));
        Set<List<Long>> expected = new HashSet<>();
        List<ImageSet> members = filled.before(c + 1);
        for (int past = 0; past < members.size(); past++) {
          for (int i = 0; i < members.get(past).size(); i++) {
            expected.add(List.of((long) past, Sha256.number(members.get(past).image(i).id())));
          }
        }
        Set<List<Long>> found = new HashSet<>();
        for (int place = 0; place < 3; place++) {
          Tensor key = stored.state().get("keys").select(0, place);
          long of = key.select(0, 0).item_long();
          found.add(List.of(of, key.select(0, 1).item_long()));
          // The fake shows a picture as the number of its chunk.
          assertThat(stored.state().get("rows").select(0, place).item_float()).isEqualTo(of);
        }
        assertThat(found).isEqualTo(expected);
      }
    }
  }

  /** A chunk that shows the same view of each picture. */
  private record Shown(Network network, Chunk chunk, Supplier<Tensor> view) implements EndOfChunk {
    @Override
    public boolean learned() {
      return true;
    }

    @Override
    public int views() {
      return 1;
    }

    @Override
    public void review(int images, int views, Consumer<Views> each) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void show(int[] positions, int views, Consumer<Views> each) {
      for (int position : positions) {
        Tensor picture = torch.zeros(new long[] {1, 2}, new TensorOptions(ScalarType.Long));
        picture.select(1, 0).fill_(new Scalar((double) chunk.index()));
        long name = Sha256.number(chunk.images().image(position).id());
        org.bytedeco.javacpp.LongPointer number = new org.bytedeco.javacpp.LongPointer(1).put(name);
        picture
            .select(1, 1)
            .copy_(torch.from_blob(number, new long[] {1}, new TensorOptions(ScalarType.Long)));
        each.accept(new Views(List.of(view.get()), null, picture));
      }
    }

    @Override
    public void passed(Passes passes) {}

    @Override
    public Tensor loss(Views views) {
      throw new UnsupportedOperationException();
    }
  }
}
