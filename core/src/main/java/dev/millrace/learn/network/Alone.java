package dev.millrace.learn.network;

import org.bytedeco.pytorch.Tensor;

/** One process that makes every step by itself. */
public final class Alone implements Ranks {
  @Override
  public int index() {
    return 0;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public void sum(Tensor tensor) {}

  @Override
  public void mean(Tensor tensor) {}

  @Override
  public void spread(Tensor tensor) {}

  @Override
  public Tensor gather(Tensor rows) {
    return rows;
  }

  @Override
  public Tensor total(Tensor scalar) {
    return scalar;
  }

  @Override
  public int most(int here) {
    return here;
  }
}
