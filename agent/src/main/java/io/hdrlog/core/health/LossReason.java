package io.hdrlog.core.health;

/** Why a record, or a part of one, was lost; the names stand in the agent's log and in doctor. */
public enum LossReason {
  /** The ring was full. */
  RING_FULL("ring_full"),
  /** The file could not be written. */
  WRITE_FAILED("write_failed"),
  /** The agent's own fault on an application thread. */
  TAP_FAILED("tap_failed"),
  /** The agent's own fault while merging, masking or encoding. */
  CONSUMER_FAILED("consumer_failed"),
  /** A table of connections or of unfinished requests on the application's side was full. */
  TABLE_FULL("table_full"),
  /** Bytes of the wire went by unseen or could not be read, and with them a request. */
  WIRE_LOST("wire_lost"),
  /** The JVM ended before the record could be written, or its request was known to be over. */
  SHUTDOWN("shutdown"),
  /** The record was written, without the kernel's part, because its table was full. */
  KERNEL_TABLE_FULL("kernel_table_full"),
  /** The record was written, without the kernel's part, because that did not come in time. */
  KERNEL_LATE("kernel_late"),
  /** Every second time of a connection's arrivals or the like was given up: no room for more. */
  KERNEL_MARKS_FULL("kernel_marks_full");

  private final String text;

  LossReason(String text) {
    this.text = text;
  }

  /** As written in the agent's log. */
  public String text() {
    return text;
  }
}
