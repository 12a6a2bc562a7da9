/**
 * Vision transformers, with timm's parameter names. {@code ViTLayers} speaks the order of the
 * layers once, for training, frozen passes and exports; libtorch's operators compute them.
 * Positions are learned for one grid of patches, so a transformer sees pictures of one size:
 * another is refused, except the small crops of multi-crop training, whose positions lie between
 * the learned ones. Depends on {@code engine}, {@code draw} and {@code vision.encoder}.
 */
package dev.millrace.vision.encoder.vit;
