package dev.millrace.vision.encoder;

/** Whether the scales and shifts of the normalisations learn, in stages that do. */
public enum Normalisations {
  /** They learn. */
  TRAINED,
  /** They stay as the network brings them. */
  FROZEN
}
