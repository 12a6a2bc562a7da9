/**
 * Looks into what was learned, without changing it: forgetting from a matrix of accuracies, CKA
 * between representations, the health of features without labels, and the shape of a loss around a
 * solution. Stateless mathematics over arrays, tensors and {@link
 * dev.millrace.insight.LossSurface}; which run, encoder or picture is meant is {@code recipe}'s
 * matter. Depends only on {@code draw}, {@code engine} and libtorch.
 */
package dev.millrace.insight;
