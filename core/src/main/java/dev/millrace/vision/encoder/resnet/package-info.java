/**
 * Residual networks, with torchvision's parameter names: the network, what it is under fine-tuning
 * and frozen, and, behind its forward pass and seen by no one else, the same through oneDNN's
 * primitives. Depends on {@code engine}, {@code engine.onednn}, {@code draw}, {@code refusal} and
 * {@code vision.encoder}.
 */
package dev.millrace.vision.encoder.resnet;
