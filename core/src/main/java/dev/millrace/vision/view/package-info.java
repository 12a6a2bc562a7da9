/**
 * Pixels to what an encoder sees: random views ({@link dev.millrace.vision.view.Augmentation} says
 * which, {@link dev.millrace.vision.view.Place} where, {@link dev.millrace.vision.view.ViewMaker}
 * makes them, {@link dev.millrace.vision.view.ViewWorkers} many at a time) and the plain view of a
 * probe. Operations mean what Pillow and torchvision mean by them, but in float from the crop to
 * the normalised result, without rounding to 8 bits between. Nothing here decodes, and what makes
 * views knows no tensors: results go into a {@link java.nio.FloatBuffer}; only {@link
 * dev.millrace.vision.view.FixedViews} hands them out as tensors. Depends on {@code draw}, {@code
 * stream}, {@code vision.decode}, {@code file}, {@code refusal} and, for those tensors, {@code
 * engine}.
 */
package dev.millrace.vision.view;
