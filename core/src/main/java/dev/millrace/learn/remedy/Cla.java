package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Continual latent alignment: Cignoni et al., "CLA: Latent Alignment for Online Continual
 * Self-Supervised Learning", 2025. An aligner a on the embeddings must find an older embedding of
 * the same picture: the loss gains ω·(1 − cos(a(z), older)). Where the older one comes from is the
 * form: the moving average of the network, for every row of the batch (b) or for replayed rows (E),
 * or the vector that is stored with each replayed picture (R), which moves half of the way to the
 * present embedding whenever it is replayed. What is stored has norm 1, and so has each embedding
 * that goes into it: only directions are compared, and methods differ in whether they make more. It
 * is of whole views only, and made with running statistics at a chunk's end; on replay with the
 * batch's, as the embeddings that it is compared with. The moving average needs no border between
 * chunks; the stored ones come with replay's memory, which fills at a chunk's end.
 *
 * <p>b and E cost a forward pass of the average per view that is embedded, of all rows or of the
 * replayed ones; R costs none, and one forward pass over what a chunk leaves in memory.
 */
public final class Cla implements Remedy {
  /** Where the older embeddings come from. */
  public enum Form {
    /** The moving average of the network, for every row. */
    B,
    /** The moving average of the network, for replayed rows. */
    E,
    /** What is stored with replayed pictures. */
    R
  }

  /**
   * The remedy's knobs.
   *
   * @param weight ω beside the method's loss, at least 0; published code has 0.1 and 1
   * @param form where the older embeddings come from
   * @param momentum of the moving average, in [0, 1]
   * @param hidden width of the aligner's hidden layer, at least 1
   */
  public record Settings(
      @Knob(
              value = "weight of CLA's alignment of embeddings with older ones of the same picture",
              name = "*",
              neutral = "0.0")
          double weight,
      @Knob(
              value =
                  "CLA aligns with: b, the network's moving average; e, the same for replayed pictures only; r, what is stored with replayed pictures",
              name = "*-form",
              neutral = "b")
          Form form,
      @Knob(
              value = "momentum of CLA's moving average of the network",
              name = "*-momentum",
              neutral = "0.999")
          double momentum,
      @Knob(
              value = "width of the hidden layer of CLA's aligner",
              name = "*-hidden",
              neutral = "512")
          int hidden)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          weight >= 0 && weight < Double.POSITIVE_INFINITY,
          "weight",
          weight + " is not a number of at least 0");
      Require.component(momentum >= 0 && momentum <= 1, "momentum", momentum + " is not in 0 … 1");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, form, momentum, hidden);
    }

    /** With another form. */
    public Settings form(Form form) {
      return new Settings(weight, form, momentum, hidden);
    }

    /** With another momentum of the moving average. */
    public Settings momentum(double momentum) {
      return new Settings(weight, form, momentum, hidden);
    }

    /** With another width of the aligner's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, form, momentum, hidden);
    }

    /** The given weight, against the moving average for every row. */
    public static Settings of(double weight) {
      return new Settings(weight, Form.B, 0.999, 512);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Head aligner;
  private final ReplayMemory memory;
  private final Network average;
  private final StoredRows stored;

  /** {@code [1] float32}: how many chunks began. */
  private final Tensor began;

  private int chunk;

  /** Of this step: where stored vectors lie that were replayed, and what they are now. */
  private Tensor replayed;

  private Tensor present;

  /** Pictures that the average saw in this step. */
  private long shown;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained, with its {@link #heads}; stays the caller's
   * @param embedding width of the embeddings
   * @param memory of the run, which replay fills, for the form R; closed with the remedy; else null
   * @param capacity pictures that it holds at most
   */
  public Cla(Settings settings, Network network, int embedding, ReplayMemory memory, int capacity) {
    this.settings = settings;
    this.network = network;
    this.memory = memory;
    aligner = aligner(settings, embedding);
    boolean stores = settings.form() == Form.R;
    average = stores ? null : network.twin();
    stored = stores ? new StoredRows(capacity, embedding, network.device()) : null;
    try (PointerScope scope = new PointerScope()) {
      began = zeros(1).retainReference();
    }
  }

  /** Its aligner, which the optimiser trains with the rest. */
  public static List<Head> heads(Settings settings, int embedding) {
    return List.of(aligner(settings, embedding));
  }

  private static Head aligner(Settings settings, int embedding) {
    return Mlp.normalised("cla", embedding, settings.hidden(), embedding);
  }

  @Override
  public String name() {
    return "cla";
  }

  /** The average begins where the network does, which may have taken over weights. */
  @Override
  public void beginChunk(int which) {
    if (average != null && began.item_float() == 0) {
      average.copyFrom(network);
    }
    began.add_(new Scalar(1.0));
  }

  @Override
  public Views mix(Views now, Optional<Views> remembered, Moment at) {
    chunk = at.chunk();
    return now;
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    replayed = null;
    shown = 0;
    return settings.form() == Form.R ? stored(views, made) : averaged(views, made);
  }

  private Optional<Tensor> averaged(Views views, Outputs made) {
    Views own = new Views(views.views(), views.labels(), views.pictures());
    Tensor rows = settings.form() == Form.E ? Rows.old(own, chunk) : null;
    long count = rows == null ? views.view(0).size(0) : rows.size(0);
    shown = count < 2 ? 0 : count;
    return overRanks(
        views.ranks(),
        count,
        () -> {
          List<Tensor> aligned = new ArrayList<>();
          List<Tensor> past = new ArrayList<>();
          for (int v = 0; v < made.embeddings().size(); v++) {
            Tensor view = views.view(v);
            Tensor z = made.embeddings().get(v);
            Tensor older;
            try (NoGradGuard stop = new NoGradGuard()) {
              Tensor of = rows == null ? view : view.index_select(0, rows);
              older = average.embed(average.features(of, Mode.TRAINING), Mode.TRAINING);
            }
            aligned.add(aligned(rows == null ? z : z.index_select(0, rows)));
            past.add(older.to(ScalarType.Float));
          }
          return loss(aligned, past, settings.weight());
        });
  }

  private Optional<Tensor> stored(Views views, Outputs made) {
    StoredRows.Found found = stored.find(views);
    if (found.rows().size(0) < 2) {
      return Optional.empty();
    }
    Tensor older = StoredRows.unit(stored.at(found.places())); // older versions kept them longer
    Tensor sum = null;
    List<Tensor> whole = Views.whole(made.embeddings());
    for (Tensor embedding : whole) {
      Tensor all = views.ranks().gather(embedding.detach());
      Tensor now = StoredRows.unit(all.index_select(0, found.rows()).to(ScalarType.Float));
      sum = sum == null ? now : sum.add(now);
    }
    replayed = found.places();
    present = StoredRows.unit(older.lerp(StoredRows.unit(sum), new Scalar(0.5)));
    StoredRows.Found own = found.within(views);
    return overRanks(
        views.ranks(),
        own.rows().size(0),
        () -> {
          Tensor then = stored.at(own.places()).to(ScalarType.Float);
          List<Tensor> aligned = new ArrayList<>();
          for (Tensor embedding : whole) {
            aligned.add(aligned(embedding.index_select(0, own.rows())));
          }
          return loss(aligned, Collections.nCopies(aligned.size(), then), settings.weight());
        });
  }

  /**
   * The mean over the rows of all ranks. Each normalises its own by themselves, if it has two.
   *
   * @param count of this rank's rows
   * @param mean over them
   */
  private Optional<Tensor> overRanks(Ranks ranks, long count, Supplier<Tensor> mean) {
    long counted = count < 2 ? 0 : count; // too few to normalise by
    Tensor all = zeros(1);
    all.fill_(new Scalar((double) counted));
    ranks.sum(all);
    double sum = all.item_float();
    if (sum == 0) {
      return Optional.empty();
    }
    Tensor part =
        counted == 0
            ? zeros(1).sum().to(network.device().torch(), ScalarType.Float)
            : own(mean).mul(new Scalar(counted / sum));
    return Optional.of(ranks.total(part));
  }

  /** Rows that are fewer than a batch are normalised by themselves; form b's are all of them. */
  private Tensor own(Supplier<Tensor> mean) {
    return settings.form() == Form.B ? mean.get() : network.parts().apart(mean);
  }

  private Tensor aligned(Tensor z) {
    return network.through(aligner, z, Mode.TRAINING).to(ScalarType.Float);
  }

  /**
   * What is added to the method's loss: ω times the mean over views and rows of 1 − cos.
   *
   * @param aligned a(z), {@code [R, d] float32} for each view
   * @param older embeddings of the same pictures, likewise
   * @param weight ω
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor loss(List<Tensor> aligned, List<Tensor> older, double weight) {
    Tensor sum = null;
    for (int v = 0; v < aligned.size(); v++) {
      Tensor one = NegativeCosine.loss(aligned.get(v), older.get(v)).mul(new Scalar(0.5));
      sum = sum == null ? one : sum.add(one);
    }
    return sum.mul(new Scalar(weight / aligned.size()));
  }

  @Override
  public Passes passes(Views views, Outputs made) {
    return Passes.forwards(shown * made.embeddings().size());
  }

  @Override
  public void afterUpdate(Tensor encoder, double unitStep) {
    if (average != null) {
      average.follow(network, settings.momentum());
    } else if (replayed != null) {
      stored.replace(replayed, present);
    }
  }

  @Override
  public void endChunk(EndOfChunk end) throws IOException {
    if (stored != null && end.learned()) {
      stored.follow(memory, end, views -> embedding(end, views));
    }
  }

  /** The sum over views, at norm 1. */
  private static Tensor embedding(EndOfChunk end, Views views) {
    Network net = end.network();
    end.passed(Passes.forwards(views.rows() * views.views().size()));
    Tensor sum = null;
    for (Tensor view : views.views()) {
      Tensor z =
          net.embed(net.features(view, Mode.EVALUATION), Mode.EVALUATION).to(ScalarType.Float);
      sum = sum == null ? StoredRows.unit(z) : sum.add(StoredRows.unit(z));
    }
    return StoredRows.unit(sum);
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("began", began);
    if (average != null) {
      average.state().forEach((name, tensor) -> state.put("average." + name, tensor));
    } else {
      state.putAll(stored.state());
    }
    return state;
  }

  @Override
  public void close() throws IOException {
    began.releaseReference();
    if (average != null) {
      average.close();
    }
    if (stored != null) {
      stored.close();
    }
    if (memory != null) {
      memory.close();
    }
  }
}
