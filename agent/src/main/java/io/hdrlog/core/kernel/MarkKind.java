package io.hdrlog.core.kernel;

/**
 * What the kernel saw happen to a socket's byte stream at one instant. The order is the event
 * contract's ({@code bpf/src/main/c/hdrlog.h}) and indexes its arrays.
 */
public enum MarkKind {
  /** Bytes up to the position are in the receive queue. */
  ARRIVAL,
  /** The process's read of the bytes up to the position has returned. */
  READ,
  /** The kernel has accepted the bytes up to the position for sending. */
  SEND,
  /** The peer has acknowledged the bytes up to the position. */
  ACK,
  /** A segment that ends at the position was sent again. */
  RETRANSMIT
}
