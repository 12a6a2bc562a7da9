/**
 * Encoded bytes to pixels: {@link dev.millrace.vision.decode.Decoder} makes {@link
 * dev.millrace.vision.decode.Pixels} or says why it cannot, {@link
 * dev.millrace.vision.decode.PictureCheck} tries a whole set beforehand, {@link
 * dev.millrace.vision.decode.PixelCache} keeps what has been decoded. Nothing here crops, scales or
 * changes colours (that is {@code dev.millrace.vision.view}) and nothing here knows tensors.
 * Depends on {@code stream} (a set of pictures), {@code file}, {@code engine} (which unpacks native
 * libraries) and OpenCV's codecs.
 */
package dev.millrace.vision.decode;
