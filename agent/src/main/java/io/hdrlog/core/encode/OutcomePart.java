package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.http.Heads;

/** {@code outcome} and {@code error.type}. */
final class OutcomePart implements Part {
  private static final Fragment ERROR = Fragment.of("\"error\":{\"type\":");

  private final Fragment[] outcomes = new Fragment[Outcome.values().length];
  private final ValueWriter values;
  private final byte[] reason = new byte[ErrorType.LENGTH_MAX];

  OutcomePart(ValueWriter values) {
    this.values = values;
    for (Outcome outcome : Outcome.values()) {
      outcomes[outcome.ordinal()] = Fragment.of("\"outcome\":\"" + outcome.text() + "\",");
    }
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    out.put(outcomes[e.outcome.ordinal()]);
    if (e.errorType == null) {
      return;
    }
    int length = ErrorType.clean(e.errorType, reason);
    if (length > 0) {
      out.put(ERROR);
      values.text(reason, 0, length, out);
      out.put(Fragment.END_OBJECT);
    }
  }
}
