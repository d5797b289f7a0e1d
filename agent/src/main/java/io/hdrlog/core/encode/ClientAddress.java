package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.ForwardedFor;
import io.hdrlog.core.http.IpAddress;
import io.hdrlog.core.http.TrustedProxies;
import java.util.Arrays;

/**
 * {@code client.address}: what trusted proxies say. Where Forwarded and X-Forwarded-For are both
 * there and disagree, neither counts: a proxy that writes only one of them passes the other on as
 * the client forged it. Nor does a list whose end was cut, where the proxies wrote.
 */
final class ClientAddress {
  private final TrustedProxies trusted;
  private final ForwardedFor forwarded;
  private final ForwardedFor list;
  private final byte[] peer = new byte[16];

  ClientAddress(TrustedProxies trusted) {
    this.trusted = trusted;
    this.forwarded = new ForwardedFor(trusted);
    this.list = new ForwardedFor(trusted);
  }

  /** The address, 16 bytes, or null. */
  byte[] find(Exchange exchange, HeaderBlock headers) {
    if (trusted.isEmpty() || headers.specialsCut()) {
      return null;
    }
    IpAddress.put(exchange.remoteHigh, exchange.remoteLow, peer);
    if (!trusted.contains(peer)) {
      return null;
    }
    boolean anyForwarded = false;
    boolean anyList = false;
    forwarded.begin();
    list.begin();
    for (int i = headers.specials() - 1; i >= 0; i--) {
      HeaderName.Kind kind = headers.kind(i);
      if (kind == HeaderName.Kind.FORWARDED) {
        anyForwarded = true;
        forwarded.forwarded(headers.bytes(), headers.valueOffset(i), headers.valueLength(i));
      } else if (kind == HeaderName.Kind.X_FORWARDED_FOR) {
        anyList = true;
        list.list(headers.bytes(), headers.valueOffset(i), headers.valueLength(i));
      }
    }
    if (anyForwarded && anyList) {
      boolean agree =
          forwarded.found() && list.found() && Arrays.equals(forwarded.address(), list.address());
      return agree ? list.address() : null;
    }
    if (forwarded.found()) {
      return forwarded.address();
    }
    return list.found() ? list.address() : null;
  }
}
