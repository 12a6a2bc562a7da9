package dev.millrace.learn.remedy;

/**
 * Which of many vectors to keep so that they are least alike: again and again the one goes whose
 * nearest neighbour among those left is nearest (Purushwalkam, Morgado, Gupta, "The Challenges of
 * Continuous Self-Supervised Learning", ECCV 2022, section 4.3). Of two that are each other's
 * nearest the later goes. Greedy: O(n²) memory, O(n²) time and more where many share a neighbour.
 */
final class LeastAlike {
  private final float[][] alike;
  private final boolean[] gone;
  private final int[] nearest;
  private int left;

  /**
   * @param alike likeness of each to each, symmetric; the diagonal is not looked at
   */
  LeastAlike(float[][] alike) {
    this.alike = alike;
    left = alike.length;
    gone = new boolean[left];
    nearest = new int[left];
    for (int i = 0; i < left; i++) {
      nearest[i] = nearest(i);
    }
  }

  /** How many are left. */
  int left() {
    return left;
  }

  boolean isGone(int which) {
    return gone[which];
  }

  /** Drops one; the last of all has no neighbour and goes as it is. */
  int drop() {
    int worst = -1;
    for (int i = 0; i < gone.length; i++) {
      if (!gone[i] && (worst < 0 || likeness(i) >= likeness(worst))) {
        worst = i;
      }
    }
    if (worst < 0) {
      throw new IllegalStateException("none is left");
    }
    gone[worst] = true;
    left--;
    for (int i = 0; i < gone.length; i++) {
      if (!gone[i] && nearest[i] == worst) {
        nearest[i] = nearest(i);
      }
    }
    return worst;
  }

  private float likeness(int i) {
    return nearest[i] < 0 ? Float.NEGATIVE_INFINITY : alike[i][nearest[i]];
  }

  private int nearest(int i) {
    int best = -1;
    for (int j = 0; j < gone.length; j++) {
      if (j != i && !gone[j] && (best < 0 || alike[i][j] > alike[i][best])) {
        best = j;
      }
    }
    return best;
  }
}
