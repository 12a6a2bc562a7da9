/**
 * Encoded bytes to pixels: {@link dev.millrace.vision.decode.Decoder} makes {@link
 * dev.millrace.vision.decode.Pixels} or says why it cannot, {@link
 * dev.millrace.vision.decode.PictureCheck} tries a whole set beforehand, {@link
 * dev.millrace.vision.decode.PixelCache} keeps what has been decoded. Nothing here crops, scales or
 * changes colours (that is {@code dev.millrace.vision.view}) and nothing here knows tensors.
 * Depends on the JDK, {@code dev.millrace.stream} (a set of pictures) and OpenCV's codecs.
 */
package dev.millrace.vision.decode;
