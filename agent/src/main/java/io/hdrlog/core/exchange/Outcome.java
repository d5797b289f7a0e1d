package io.hdrlog.core.exchange;

/** How an exchange ended: the values of the record's {@code outcome}. */
public enum Outcome {
  COMPLETE("complete"),
  CLIENT_RESET("client_reset"),
  SERVER_RESET("server_reset"),
  TIMEOUT("timeout"),
  REJECTED("rejected"),
  UPGRADED("upgraded"),
  ERROR("error");

  private final String text;

  Outcome(String text) {
    this.text = text;
  }

  /** As written in the record. */
  public String text() {
    return text;
  }
}
