/**
 * Looks into what was learned, without changing it: forgetting from a matrix of accuracies, CKA
 * between representations, the health of features without labels, and the shape of a loss around a
 * solution. Stateless mathematics over arrays, tensors and {@link
 * dev.millrace.insight.LossSurface}; which run, encoder or picture is meant is the matter of {@code
 * analysis} and, for the health of a run under way, of {@code recipe}. Depends only on {@code
 * draw}, {@code engine}, {@code refusal} and libtorch.
 */
package dev.millrace.insight;
