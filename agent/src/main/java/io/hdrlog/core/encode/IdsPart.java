package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TraceParent;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.Masker;

/** {@code request_id}, and {@code trace_id} and {@code span_id} from traceparent. */
final class IdsPart implements Part {
  private static final Fragment REQUEST_ID = Fragment.of("\"request_id\":");
  private static final Fragment TRACE_ID = Fragment.of("\"trace_id\":\"");
  private static final Fragment SPAN_ID = Fragment.of("\",\"span_id\":\"");

  private final RequestIds requestIds;
  private final HeaderRule requestIdRule;
  private final ValueWriter values;
  private final HeaderBlock request;

  IdsPart(RequestIds requestIds, Masker masker, ValueWriter values, HeaderBlock request) {
    this.requestIds = requestIds;
    requestIdRule = masker.rule(requestIds.lowerName());
    this.values = values;
    this.request = request;
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    int id = -1;
    int parent = -1;
    int parents = 0;
    for (int i = 0; i < request.specials(); i++) {
      HeaderName.Kind kind = request.kind(i);
      if (kind == HeaderName.Kind.REQUEST_ID) {
        id = id < 0 ? i : id;
      } else if (kind == HeaderName.Kind.TRACE_PARENT) {
        parent = i;
        parents++;
      }
    }
    byte[] b = request.bytes();
    out.put(REQUEST_ID);
    if (id >= 0 && RequestIds.isSafe(b, request.valueOffset(id), request.valueLength(id))) {
      values.header(requestIdRule, b, request.valueOffset(id), request.valueLength(id), false, out);
      out.put(',');
    } else {
      out.put('"');
      int at = out.claim(RequestIds.MADE_LENGTH);
      requestIds.make(
          e.seenNs != Timing.ABSENT ? e.seenNs : e.timing.startNs, e.idRandom, out.array(), at);
      out.put(Fragment.END_TEXT);
    }
    // The standard: more than one traceparent is none.
    if (parents == 1
        && TraceParent.isValid(b, request.valueOffset(parent), request.valueLength(parent))) {
      int at = request.valueOffset(parent);
      out.put(TRACE_ID);
      out.put(b, at + TraceParent.TRACE_OFFSET, TraceParent.TRACE_LENGTH);
      out.put(SPAN_ID);
      out.put(b, at + TraceParent.SPAN_OFFSET, TraceParent.SPAN_LENGTH);
      out.put(Fragment.END_TEXT);
    }
  }
}
