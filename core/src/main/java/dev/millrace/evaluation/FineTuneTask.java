package dev.millrace.evaluation;

import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.SplitParts;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole encoder trained on from where pre-training left it, with a linear head. */
final class FineTuneTask implements Task {
  private static final Logger LOG = LoggerFactory.getLogger(FineTuneTask.class);

  @Override
  public String name() {
    return ProbeTasks.FINETUNE;
  }

  @Override
  public boolean frozen() {
    return false;
  }

  @Override
  public String describe(TaskSettings settings, SplitParts parts, int threads) {
    // The sums of a step depend on the number of threads, and training carries them on.
    return settings.fineTuning() + " threads " + threads;
  }

  @Override
  public List<ProbeResult> judge(Judge judge, SplitParts parts) throws IOException {
    List<ImageSet> pieces = new ArrayList<>(parts.train());
    pieces.addAll(parts.validation());
    ImageSet train = good(new Union(parts.data(), pieces), judge.threads());
    try (FineTuning tuning =
        new FineTuning(
            judge.tasks().fineTuning(),
            judge.net(),
            parts.classes().size(),
            judge.size(),
            judge.device(),
            judge.precision())) {
      double loss = tuning.train(train, judge.threads(), judge::stop);
      LOG.debug("fine-tuning on {}: mean loss of the last epoch {}", parts.data(), loss);
      FeatureMatrix test = judge.features(tuning.encoder(), parts.test());
      FineTuning.Settings settings = judge.tasks().fineTuning();
      Map<String, Object> by = judge.learned(parts, train.size());
      by.put("epochs", settings.epochs());
      by.put("batch", settings.batch());
      by.put("lr", settings.lr());
      by.put("seed", settings.seed());
      return List.of(judge.result(parts, name(), tuning.head().accuracy(test), null, by));
    }
  }

  /** The pictures that decode; the frozen tasks' extractor leaves out the same. */
  private static ImageSet good(ImageSet set, int threads) {
    PictureCheck.Result check = PictureCheck.check(set, threads);
    if (!check.bad().isEmpty()) {
      String found =
          "%d of %d training pictures cannot be decoded, the first is %s (%s)"
              .formatted(
                  check.bad().size(),
                  set.size(),
                  check.bad().get(0).id(),
                  check.bad().get(0).reason());
      if (Features.tooMany(check.bad().size(), set.size())) {
        throw new IllegalArgumentException(
            set.name() + ": " + found + "; more than 1 %: mend them or take them out of the set");
      }
      LOG.warn("{}, fine-tuning: left out what is bad: {}", set.name(), found);
    }
    return set.subset(set.name(), check.good());
  }
}
