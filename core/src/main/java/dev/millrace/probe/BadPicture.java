package dev.millrace.probe;

/**
 * A picture of which no view could be made.
 *
 * @param place of the picture in its set, from 0 on
 * @param id {@link dev.millrace.stream.Image#id()}
 * @param reason why, for a person
 */
public record BadPicture(int place, String id, String reason) {}
