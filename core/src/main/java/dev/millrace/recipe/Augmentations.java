package dev.millrace.recipe;

import dev.millrace.learn.network.Views;
import dev.millrace.learn.run.ViewSchedule;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The augmentations that a run's settings ask for, by epoch and by view: the paper's where nothing
 * else is given. Pure.
 */
final class Augmentations {
  private Augmentations() {}

  /** The views of each chunk's epochs. */
  static ViewSchedule schedule(Settings settings) {
    List<Integer> sizes = settings.views().progressiveSize();
    return new ViewSchedule(
        (sizes.isEmpty() ? List.of(settings.views().size()) : sizes)
            .stream()
                .map(
                    size ->
                        new ViewSchedule.Stage(
                            new ViewMaker(kinds(settings, size), Normalisation.imagenet()), size))
                .toList());
  }

  /** Of each view that differs from the one before. */
  private static List<Augmentation> kinds(Settings settings, int size) {
    ViewSettings views = settings.views();
    int many = Math.max(1, Math.max(views.blurProbability().size(), views.solarise().size()));
    List<Double> whole = MultiCrop.whole(views);
    if (views.localCrops() == 0) {
      return IntStream.range(0, many)
          .mapToObj(view -> augmentation(settings, size, whole, view))
          .toList();
    }
    int side = MultiCrop.side(settings, size);
    return IntStream.range(0, Math.max(many, Views.WHOLE + 1))
        .mapToObj(
            view ->
                view < Views.WHOLE
                    ? augmentation(settings, size, whole, view)
                    : augmentation(settings, side, MultiCrop.small(views), view))
        .toList();
  }

  /** What is given of a place, the last of all further ones, too. */
  private static double of(List<Double> given, int place, double otherwise) {
    return given.isEmpty() ? otherwise : given.get(Math.min(place, given.size() - 1));
  }

  private static Augmentation augmentation(Settings run, int size, List<Double> scale, int view) {
    ViewSettings views = run.views();
    Augmentation paper = Augmentation.mocoV2(size);
    boolean colours = !run.method().keepsColours();
    double blur =
        switch (views.blur()) {
          case ON -> 0.5;
          case OFF -> 0;
          case AUTO -> colours ? paper.blurProbability() : 0;
        };
    return new Augmentation(
        paper.size(),
        scale.get(0),
        scale.get(1),
        colours ? views.jitterProbability() : 0,
        of(views.jitter(), 0, paper.brightness()),
        of(views.jitter(), 1, paper.contrast()),
        of(views.jitter(), 2, paper.saturation()),
        of(views.jitter(), 3, paper.hue()),
        colours ? views.greyProbability() : 0,
        of(views.blurProbability(), view, blur),
        paper.blurMin(),
        paper.blurMax(),
        views.flipProbability(),
        of(views.solarise(), view, 0));
  }
}
