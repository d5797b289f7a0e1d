package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.mask.Masker;
import java.util.Arrays;

/**
 * Writes an exchange as one line of JSON, fields and their order as the README has them. A field
 * that is not known is left out. Belongs to the consumer's thread; allocates nothing once names and
 * lines have been seen.
 */
public final class JsonEncoder {
  private static final Fragment HEAD = Fragment.of("{\"schema\":1,\"timestamp\":\"");

  private final Fragment serverPrefix;
  private final Fragment clientPrefix;
  private final Rfc3339 rfc3339 = new Rfc3339();
  private final HeaderBlocks headers;
  private final Truncated truncated = new Truncated();
  private final Part[] parts;

  public JsonEncoder(EncoderSettings settings) {
    Masker masker =
        new Masker(
            settings.maskHeaders,
            settings.maskQuery,
            settings.maskValues,
            settings.maskMode,
            settings.key,
            settings.maskIp);
    ValueWriter values = new ValueWriter(masker);
    headers = new HeaderBlocks(settings, masker, values);
    serverPrefix = prefix("http.server.request", settings);
    clientPrefix = prefix("http.client.request", settings);
    parts =
        new Part[] {
          new IdsPart(settings.requestIds, masker, values, headers.request),
          new OutcomePart(values),
          new NetworkPart(settings, headers.request),
          new TlsPart(),
          new UrlPart(values, truncated),
          new HttpPart(values, headers, truncated),
          new SessionPart(settings.key, headers.request, headers.response),
          new ConnectionPart(),
          new SourcesPart(),
          new TimingPart(),
          new TcpPart(),
          truncated
        };
  }

  private static Fragment prefix(String event, EncoderSettings settings) {
    Utf8Buffer b = new Utf8Buffer(256);
    b.put(Ascii.bytes("\",\"event\":\"" + event + "\",\"service\":{\"name\":\""));
    b.text(settings.service);
    b.put('"');
    if (settings.instanceId != null) {
      b.put(Ascii.bytes(",\"instance\":{\"id\":\""));
      b.text(settings.instanceId);
      b.put(Ascii.bytes("\"}"));
    }
    b.put(Ascii.bytes("},\"process\":{\"pid\":" + settings.pid + "},"));
    return new Fragment(Arrays.copyOf(b.array(), b.length()));
  }

  /**
   * Appends the record and its line feed; returns how many bytes that were. If this throws, what
   * had been written of the record is taken back.
   *
   * @param heads what {@link Heads#read} made of this exchange
   * @param wallOffsetNs from the exchange's clock to nanoseconds since 1970, see {@link WallClock}
   */
  public int encode(Exchange exchange, Heads heads, long wallOffsetNs, Utf8Buffer out) {
    int start = out.length();
    boolean done = false;
    try {
      record(exchange, heads, wallOffsetNs, out);
      done = true;
    } finally {
      if (!done) {
        out.truncate(start);
      }
    }
    return out.length() - start;
  }

  private void record(Exchange e, Heads heads, long wallOffsetNs, Utf8Buffer out) {
    truncated.clear();
    headers.read(e, heads);
    out.put(HEAD);
    long startNs = e.timing.startNs != Timing.ABSENT ? e.timing.startNs : e.seenNs;
    rfc3339.put(startNs + wallOffsetNs, out);
    out.put(e.outbound ? clientPrefix : serverPrefix);
    for (Part part : parts) {
      part.write(e, heads, out);
    }
    out.closeLine();
  }
}
