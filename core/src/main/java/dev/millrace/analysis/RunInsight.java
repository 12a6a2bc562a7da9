package dev.millrace.analysis;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What insight found out about a run, as its {@code insight.json}; a part that was not asked for is
 * null here and absent there. Chunks are numbered from 0, accuracies are percent. Immutable.
 *
 * @param forgetting one per task
 * @param health one per chunk
 * @param sharpness one per chunk
 * @param landscape lines, planes and paths
 * @param cka one a pair of chunks
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RunInsight(
    List<Forgetting> forgetting,
    List<Health> health,
    List<Sharpness> sharpness,
    Landscape landscape,
    List<Cka> cka) {

  /**
   * What later chunks did to earlier ones.
   *
   * @param task {@code knn} or {@code linear}
   * @param parts what each column is of
   * @param accuracy A[i][j]: after chunk i on part j; null where not measured
   * @param untrained the same of the encoder before any training; null where not measured
   * @param averageAccuracy mean of the last row
   * @param forgetting mean over the parts but the last of the best earlier accuracy less the final
   * @param backwardTransfer mean over the parts but the last of the final accuracy less the one
   *     right after the part's chunk
   * @param forwardTransfer mean over the parts but the first of the accuracy just before the part's
   *     chunk less the untrained one's; null without it
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Forgetting(
      String task,
      List<String> parts,
      List<List<Double>> accuracy,
      List<Double> untrained,
      double averageAccuracy,
      double forgetting,
      double backwardTransfer,
      Double forwardTransfer) {}

  /**
   * Whether the features after a chunk are alive, without labels.
   *
   * @param effectiveRank dimensions in use, 0 to D
   * @param alignment mean squared distance of two views' unit features, 0 to 4; lower is closer
   * @param uniformity log of the mean Gaussian potential, −8 to 0; lower is more even
   * @param variance of unit features, 0 to 1; 0 is collapse
   * @param collapsed whether variance or rank is so low that the features are useless
   * @param collapse to what they have collapsed, in words; null where they are alive, or where an
   *     older version looked
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Health(
      int chunk,
      double effectiveRank,
      double alignment,
      double uniformity,
      double variance,
      boolean collapsed,
      String collapse) {}

  /**
   * How sharp the loss around the weights after a chunk is.
   *
   * @param adaptive the measure that does not depend on the scale of weights; null where an older
   *     version looked
   * @param images that the pre-training loss is taken on, as all that follows
   * @param loss at the solution
   * @param epsilon of Keskar's box
   * @param keskar ε-sharpness, percent; depends on the scale of weights, as all that follows; null
   *     where the loss is below 0
   * @param largestEigenvalue of the Hessian
   * @param eigenvalueIterations products with the Hessian that it took
   * @param trace of the Hessian
   * @param traceStandardError of the estimate
   * @param traceDraws of the estimate
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Sharpness(
      int chunk,
      @JsonInclude(JsonInclude.Include.NON_NULL) Adaptive adaptive,
      int images,
      double loss,
      double epsilon,
      Double keskar,
      double largestEigenvalue,
      int eigenvalueIterations,
      double trace,
      double traceStandardError,
      int traceDraws) {}

  /**
   * Sharpness relative to the weights, in shares of the loss at them: the same for encoders that
   * compute the same. Only the encoder's filters are moved.
   *
   * @param of {@link #HEAD} or {@link #PRETRAINING}: whose loss it is of
   * @param images that the loss is taken on
   * @param classes of those pictures; null of the pre-training loss
   * @param loss at the weights
   * @param guessing the loss of guessing; null where none is known
   * @param leftOut why nothing more was measured; null where it was
   * @param noise mean rise under filter-normalised noise, percent
   * @param noiseStandardError of that mean
   * @param noiseSize σ, norm of the noise on a filter relative to the filter's
   * @param noiseDraws of noise, each with its opposite
   * @param box largest rise in a box relative to each weight, percent
   * @param boxSize ρ, half the box's width relative to a weight
   * @param largestEigenvalue of the Hessian in coordinates in which a filter's norm is 1, on 128 of
   *     the pictures or all
   * @param eigenvalueIterations products with the Hessian that it took
   * @param trace of that Hessian
   * @param traceStandardError of the estimate
   * @param traceDraws of the estimate
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Adaptive(
      String of,
      int images,
      Integer classes,
      Double loss,
      Double guessing,
      String leftOut,
      Double noise,
      Double noiseStandardError,
      Double noiseSize,
      Integer noiseDraws,
      Double box,
      Double boxSize,
      Double largestEigenvalue,
      Integer eigenvalueIterations,
      Double trace,
      Double traceStandardError,
      Integer traceDraws) {
    /** A logistic head's loss: the same functional for every encoder. */
    public static final String HEAD = "logistic head";

    /** The pre-training loss, where there are no labels: not comparable between methods. */
    public static final String PRETRAINING = "pre-training loss";

    /** Of an encoder whose surroundings say nothing, and why. */
    static Adaptive leftOut(
        String of, int images, Integer classes, Double loss, Double guessing, String why) {
      return new Adaptive(
          of, images, classes, loss, guessing, why, null, null, null, null, null, null, null, null,
          null, null, null);
    }
  }

  /** The pre-training loss around and between solutions. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Landscape(List<Line> lines, List<Plane> planes, List<Stretch> paths) {}

  /**
   * Lines through the solution after a chunk.
   *
   * @param loss one list a direction, as long as the alphas
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Line(int chunk, List<Double> alphas, List<List<Double>> loss) {}

  /**
   * A plane through the solution after a chunk.
   *
   * @param loss one list a beta, as long as the alphas
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Plane(
      int chunk, List<Double> alphas, List<Double> betas, List<List<Double>> loss) {}

  /**
   * The straight path between the solutions after two chunks.
   *
   * @param alphas 0 the former's, 1 the latter's
   * @param loss of the former chunk, on its pictures
   * @param accuracy on the former's part along the path; null where not measured
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Stretch(
      int from, int to, List<Double> alphas, List<Double> loss, List<Double> accuracy) {}

  /**
   * Alikeness of the encoders after two chunks.
   *
   * @param values linear CKA of each layer with itself
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Cka(int a, int b, List<String> layers, List<Double> values) {}

  /**
   * Alikeness of the encoder after a chunk with the final one of another run, each layer with each.
   *
   * @param layers the rows
   * @param referenceLayers the columns
   * @param values linear CKA
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record CkaToReference(
      int chunk, List<String> layers, List<String> referenceLayers, List<List<Double>> values) {}
}
