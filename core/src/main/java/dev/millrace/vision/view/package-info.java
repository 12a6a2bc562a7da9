/**
 * Pixels to what an encoder sees: random views ({@link dev.millrace.vision.view.Augmentation} says
 * which, {@link dev.millrace.vision.view.Place} where, {@link dev.millrace.vision.view.ViewMaker}
 * makes them, {@link dev.millrace.vision.view.ViewWorkers} many at a time) and the plain view of a
 * probe. Operations mean what Pillow and torchvision mean by them, but in float from the crop to
 * the normalised result, without rounding to 8 bits between. Nothing here decodes, and nothing here
 * knows tensors: results go into a {@link java.nio.FloatBuffer}. Depends on the JDK, {@code
 * dev.millrace.draw} and {@code dev.millrace.vision.decode} (for pictures).
 */
package dev.millrace.vision.view;
