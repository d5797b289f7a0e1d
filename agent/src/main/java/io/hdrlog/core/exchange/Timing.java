package io.hdrlog.core.exchange;

/**
 * What is known of when an exchange happened, in nanoseconds; {@link #ABSENT} where it was not
 * measured. The letters are those of the record's description (docs/architecture.md).
 */
public final class Timing {
  /** Not measured. No made-up zero ever stands for it. */
  public static final long ABSENT = Long.MIN_VALUE;

  /** A, or without the kernel stream the JVM's first sight of the request, CLOCK_MONOTONIC. */
  public long startNs;

  /** Handshake done to accept() returned. */
  public long acceptNs;

  /** H - A. */
  public long receiveNs;

  /** R - H. */
  public long queueNs;

  /** E - R. */
  public long dispatchNs;

  /** X - E. */
  public long handlerNs;

  /** W - H. */
  public long firstByteNs;

  /** Z - W. */
  public long sendNs;

  /** K - Z. */
  public long ackNs;

  /** K - A, or Z - A where K never came. */
  public long totalNs;

  /** The part of A to Z in which the JVM stood at a safepoint. */
  public long pauseNs;

  /** Forgets everything. */
  public void clear() {
    startNs = ABSENT;
    acceptNs = ABSENT;
    receiveNs = ABSENT;
    queueNs = ABSENT;
    dispatchNs = ABSENT;
    handlerNs = ABSENT;
    firstByteNs = ABSENT;
    sendNs = ABSENT;
    ackNs = ABSENT;
    totalNs = ABSENT;
    pauseNs = ABSENT;
  }
}
