package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;

/** {@code network} and, through trusted proxies, {@code client.address}. */
final class NetworkPart implements Part {
  private static final Fragment NETWORK = Fragment.of("\"network\":{");
  private static final Fragment TRANSPORT = Fragment.of("\"transport\":\"tcp\",");
  private static final Fragment PROTOCOL =
      Fragment.of("\"protocol\":{\"name\":\"http\",\"version\":\"");
  private static final Fragment CLIENT = Fragment.of("\"client\":{\"address\":\"");

  private final SocketEnds ends;
  private final ClientAddress clientAddress;
  private final boolean maskIp;
  private final HeaderBlock request;

  NetworkPart(EncoderSettings settings, HeaderBlock request) {
    ends = new SocketEnds(settings.maskIp);
    clientAddress = new ClientAddress(settings.trustedProxies);
    maskIp = settings.maskIp;
    this.request = request;
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    Head head = heads.request;
    int start = out.length();
    out.put(NETWORK);
    if (e.addressed) {
      ends.write(e, out);
    }
    if (e.addressed || e.entry == Exchange.Entry.SERVLET) {
      // Whose socket's ends are not known may be a Unix domain socket.
      out.put(TRANSPORT);
    }
    if (e.protocolVersion != null) {
      out.put(PROTOCOL);
      out.text(e.protocolVersion);
      out.put(Fragment.END_TEXT_OBJECT);
    } else if (head.versionLength > 0) {
      out.put(PROTOCOL);
      out.put(head.bytes, head.versionOffset, head.versionLength);
      out.put(Fragment.END_TEXT_OBJECT);
    }
    out.closeObject(start);
    if (e.addressed && !e.outbound) {
      byte[] client = clientAddress.find(e, request);
      if (client != null) {
        out.put(CLIENT);
        ends.address(client, maskIp, out);
        out.put(Fragment.END_TEXT_OBJECT);
      }
    }
  }
}
