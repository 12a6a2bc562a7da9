package dev.millrace.recipe;

import java.util.List;

/**
 * What a run let go.
 *
 * @param chunks whose encoders and states were removed, counted from 0
 * @param bytes that they took
 */
public record Pruned(List<Integer> chunks, long bytes) {
  /** Makes the list immutable. */
  public Pruned {
    chunks = List.copyOf(chunks);
  }
}
