package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.http.IpAddress;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TraceParent;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.Masker;
import java.util.Arrays;

/**
 * Writes an exchange as one line of JSON, fields and their order as in docs/architecture.md. A
 * field that is not known is left out. Belongs to the consumer's thread; allocates nothing once
 * names and lines have been seen.
 */
public final class JsonEncoder {
  private static final byte[] HEAD = Ascii.bytes("{\"schema\":1,\"timestamp\":\"");
  private static final byte[] REQUEST_ID = Ascii.bytes("\"request_id\":");
  private static final byte[] TRACE_ID = Ascii.bytes("\"trace_id\":\"");
  private static final byte[] SPAN_ID = Ascii.bytes("\",\"span_id\":\"");
  private static final byte[] END_TEXT = Ascii.bytes("\",");
  private static final byte[] ERROR = Ascii.bytes("\"error\":{\"type\":");
  private static final byte[] END_OBJECT = Ascii.bytes("},");
  private static final byte[] NETWORK = Ascii.bytes("\"network\":{");
  private static final byte[] PEER = Ascii.bytes("\"peer\":{\"address\":\"");
  private static final byte[] LOCAL = Ascii.bytes("\"local\":{\"address\":\"");
  private static final byte[] PORT = Ascii.bytes("\",\"port\":");
  private static final byte[] TRANSPORT = Ascii.bytes("\"transport\":\"tcp\",");
  private static final byte[] PROTOCOL =
      Ascii.bytes("\"protocol\":{\"name\":\"http\",\"version\":\"");
  private static final byte[] END_TEXT_OBJECT = Ascii.bytes("\"},");
  private static final byte[] CLIENT = Ascii.bytes("\"client\":{\"address\":\"");
  private static final byte[] TLS = Ascii.bytes("\"tls\":{");
  private static final byte[] TLS_PROTOCOL = Ascii.bytes("\"protocol\":{\"version\":\"");
  private static final byte[] TLS_CIPHER = Ascii.bytes("\"cipher\":\"");
  private static final byte[] TLS_CLIENT = Ascii.bytes("\"client\":{\"server_name\":\"");
  private static final byte[] TLS_PROVIDER = Ascii.bytes("\"provider\":\"");
  private static final byte[] URL_HTTP = Ascii.bytes("\"url\":{\"scheme\":\"http\",");
  private static final byte[] URL_HTTPS = Ascii.bytes("\"url\":{\"scheme\":\"https\",");
  private static final byte[] URL_SCHEME = Ascii.bytes("\"url\":{\"scheme\":\"");
  private static final byte[] PATH = Ascii.bytes("\"path\":");
  private static final byte[] QUERY = Ascii.bytes("\"query\":");
  private static final byte[] HTTP = Ascii.bytes("\"http\":{");
  private static final byte[] REQUEST = Ascii.bytes("\"request\":{");
  private static final byte[] RESPONSE = Ascii.bytes("\"response\":{");
  private static final byte[] METHOD = Ascii.bytes("\"method\":");
  private static final byte[] STATUS = Ascii.bytes("\"status_code\":");
  private static final byte[] INFORMATIONAL = Ascii.bytes("\"informational\":[");
  private static final byte[] HEADER = Ascii.bytes("\"header\":{");
  private static final byte[] BODY_SIZE = Ascii.bytes("\"body\":{\"size\":");
  private static final byte[] SIZE = Ascii.bytes("\"size\":");
  private static final byte[] SESSION = Ascii.bytes("\"session\":{\"id\":\"");
  private static final byte[] CONNECTION = Ascii.bytes("\"connection\":{");
  private static final byte[] CONNECTION_ID = Ascii.bytes("\"id\":\"");
  private static final byte[] CONNECTION_REQUEST = Ascii.bytes("\"request\":");
  private static final byte[] CONNECTION_STREAM = Ascii.bytes("\"stream\":");
  private static final byte[] TCP = Ascii.bytes("\"tcp\":{");
  private static final byte[] RTT = Ascii.bytes("\"rtt_us\":");
  private static final byte[] RETRANSMITS = Ascii.bytes("\"retransmits\":");
  private static final byte[] TRUNCATED = Ascii.bytes("\"truncated\":[");

  private static final byte[] REQUEST_HEADER_PATH = Ascii.bytes("http.request.header");
  private static final byte[] RESPONSE_HEADER_PATH = Ascii.bytes("http.response.header");
  private static final byte[] URL_PATH_PATH = Ascii.bytes("url.path");
  private static final byte[] URL_QUERY_PATH = Ascii.bytes("url.query");

  private final byte[] serverPrefix;
  private final byte[] clientPrefix;
  private final byte[][] outcomes = new byte[Outcome.values().length][];
  private final byte[][] sources = new byte[8][];

  private final RequestIds requestIds;
  private final HeaderRule requestIdRule;
  private final ValueWriter values;
  private final HeaderBlock request;
  private final HeaderBlock response;
  private final ClientAddress clientAddress;
  private final SessionId sessionId;
  private final Routes routes;
  private final boolean maskIp;

  private final Rfc3339 rfc3339 = new Rfc3339();
  private final Utf8Buffer truncated = new Utf8Buffer(256);
  private final byte[] address = new byte[16];
  private final byte[] reason = new byte[ErrorType.LENGTH_MAX];

  public JsonEncoder(EncoderSettings settings) {
    Masker masker =
        new Masker(
            settings.maskHeaders,
            settings.maskQuery,
            settings.maskValues,
            settings.maskMode,
            settings.key,
            settings.maskIp);
    requestIds = settings.requestIds;
    requestIdRule = masker.rule(requestIds.lowerName());
    values = new ValueWriter(masker);
    byte[] idName = requestIds.lowerName();
    request =
        new HeaderBlock(
            new HeaderNames(new Globs(settings.requestHeaders), masker, idName, values),
            values,
            REQUEST_HEADER_PATH);
    response =
        new HeaderBlock(
            new HeaderNames(new Globs(settings.responseHeaders), masker, idName, values),
            values,
            RESPONSE_HEADER_PATH);
    clientAddress = new ClientAddress(settings.trustedProxies);
    sessionId = new SessionId(settings.key);
    routes = new Routes(values);
    maskIp = settings.maskIp;
    serverPrefix = prefix("http.server.request", settings);
    clientPrefix = prefix("http.client.request", settings);
    for (Outcome outcome : Outcome.values()) {
      outcomes[outcome.ordinal()] = Ascii.bytes("\"outcome\":\"" + outcome.text() + "\",");
    }
    for (int bits = 0; bits < sources.length; bits++) {
      sources[bits] = sources(bits);
    }
  }

  private static byte[] prefix(String event, EncoderSettings settings) {
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
    return Arrays.copyOf(b.array(), b.length());
  }

  private static byte[] sources(int bits) {
    StringBuilder b = new StringBuilder("\"sources\":[");
    b.append((bits & Exchange.FROM_KERNEL) != 0 ? "\"kernel\"," : "");
    b.append((bits & Exchange.FROM_JVM) != 0 ? "\"jvm\"," : "");
    b.append((bits & Exchange.FROM_WIRE) != 0 ? "\"wire\"," : "");
    if (bits == 0) {
      return new byte[0];
    }
    b.setCharAt(b.length() - 1, ']');
    return Ascii.bytes(b.append(',').toString());
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
    Head requestHead = heads.request;
    Head responseHead = heads.response;
    truncated.clear();
    request.read(requestHead.bytes, requestHead.headersOffset, requestHead.limit, e.requestHeadCut);
    response.read(
        responseHead.bytes, responseHead.headersOffset, responseHead.limit, e.responseHeadCut);

    long startNs = e.timing.startNs != Timing.ABSENT ? e.timing.startNs : e.seenNs;
    out.put(HEAD);
    rfc3339.put(startNs + wallOffsetNs, out);
    out.put(e.outbound ? clientPrefix : serverPrefix);
    ids(e, startNs, out);
    out.put(outcomes[e.outcome.ordinal()]);
    error(e.errorType, out);
    network(e, requestHead, out);
    tls(e, out);
    url(e, requestHead, out);
    http(e, requestHead, responseHead, out);
    session(out);
    connection(e, out);
    out.put(sources[e.sources & 7]);
    TimingWriter.write(e.timing, out);
    tcp(e, out);
    if (truncated.length() > 0) {
      out.put(TRUNCATED);
      out.put(truncated.array(), 0, truncated.length());
      out.closeArray();
    }
    out.closeLine();
  }

  private void ids(Exchange e, long startNs, Utf8Buffer out) {
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
      requestIds.make(e.seenNs != Timing.ABSENT ? e.seenNs : startNs, e.idRandom, out.array(), at);
      out.put(END_TEXT);
    }
    // The standard: more than one traceparent is none.
    if (parents == 1
        && TraceParent.isValid(b, request.valueOffset(parent), request.valueLength(parent))) {
      int at = request.valueOffset(parent);
      out.put(TRACE_ID);
      out.put(b, at + TraceParent.TRACE_OFFSET, TraceParent.TRACE_LENGTH);
      out.put(SPAN_ID);
      out.put(b, at + TraceParent.SPAN_OFFSET, TraceParent.SPAN_LENGTH);
      out.put(END_TEXT);
    }
  }

  private void error(String type, Utf8Buffer out) {
    if (type == null) {
      return;
    }
    int length = ErrorType.clean(type, reason);
    if (length > 0) {
      out.put(ERROR);
      values.text(reason, 0, length, out);
      out.put(END_OBJECT);
    }
  }

  private void network(Exchange e, Head head, Utf8Buffer out) {
    out.put(NETWORK);
    if (e.addressed) {
      end(PEER, e.remoteAddress, e.remotePort, maskIp && !e.outbound, out);
      end(LOCAL, e.localAddress, e.localPort, false, out);
    }
    out.put(TRANSPORT);
    if (e.protocolVersion != null) {
      out.put(PROTOCOL);
      out.text(e.protocolVersion);
      out.put(END_TEXT_OBJECT);
    } else if (head.versionLength > 0) {
      out.put(PROTOCOL);
      out.put(head.bytes, head.versionOffset, head.versionLength);
      out.put(END_TEXT_OBJECT);
    }
    out.closeObject(out.length());
    if (e.addressed && !e.outbound) {
      byte[] client = clientAddress.find(e.remoteAddress, request);
      if (client != null) {
        out.put(CLIENT);
        address(client, maskIp, out);
        out.put(END_TEXT_OBJECT);
      }
    }
  }

  private void end(byte[] opening, byte[] ip, int port, boolean cutIp, Utf8Buffer out) {
    out.put(opening);
    address(ip, cutIp, out);
    out.put(PORT);
    out.number(port);
    out.put(END_OBJECT);
  }

  private void address(byte[] ip, boolean cutIp, Utf8Buffer out) {
    byte[] shown = ip;
    if (cutIp) {
      System.arraycopy(ip, 0, address, 0, address.length);
      IpAddress.cut(address);
      shown = address;
    }
    int at = out.claim(IpAddress.TEXT_MAX);
    out.truncate(IpAddress.format(shown, out.array(), at));
  }

  private static void tls(Exchange e, Utf8Buffer out) {
    if (e.tlsVersion == null
        && e.tlsCipher == null
        && e.tlsServerName == null
        && e.tlsProvider == null) {
      return;
    }
    out.put(TLS);
    known(TLS_PROTOCOL, e.tlsVersion, END_TEXT_OBJECT, out);
    known(TLS_CIPHER, e.tlsCipher, END_TEXT, out);
    known(TLS_CLIENT, e.tlsServerName, END_TEXT_OBJECT, out);
    known(TLS_PROVIDER, e.tlsProvider, END_TEXT, out);
    out.closeObject(out.length());
  }

  private static void known(byte[] opening, String text, byte[] closing, Utf8Buffer out) {
    if (text != null) {
      out.put(opening);
      out.text(text);
      out.put(closing);
    }
  }

  private void url(Exchange e, Head head, Utf8Buffer out) {
    if (head.schemeLength > 0) {
      out.put(URL_SCHEME);
      for (int i = 0; i < head.schemeLength; i++) {
        out.put((char) Ascii.lower(head.bytes[head.schemeOffset + i]));
      }
      out.put(END_TEXT);
    } else {
      out.put(e.secure ? URL_HTTPS : URL_HTTP);
    }
    if (head.pathLength > 0) {
      out.put(PATH);
      values.path(head.bytes, head.pathOffset, head.pathLength, out);
      out.put(',');
      truncatedIfCut(URL_PATH_PATH);
    }
    if (head.queryLength > 0) {
      out.put(QUERY);
      values.query(head.bytes, head.queryOffset, head.queryLength, out);
      out.put(',');
      truncatedIfCut(URL_QUERY_PATH);
    }
    out.closeObject(out.length());
  }

  private void truncatedIfCut(byte[] path) {
    if (values.wasCut()) {
      truncated(path);
    }
  }

  private void truncated(byte[] path) {
    truncated.put('"');
    truncated.put(path);
    truncated.put('"');
    truncated.put(',');
  }

  private void http(Exchange e, Head requestHead, Head responseHead, Utf8Buffer out) {
    int start = out.length();
    out.put(HTTP);
    if (e.route != null) {
      out.put(routes.json(e.route));
    }
    int requestStart = out.length();
    out.put(REQUEST);
    if (requestHead.methodLength > 0) {
      out.put(METHOD);
      values.text(requestHead.bytes, requestHead.methodOffset, requestHead.methodLength, out);
      out.put(',');
    }
    headers(request, REQUEST_HEADER_PATH, out);
    sizes(e.requestBodyBytes, e.rxStart, e.rxEnd, out);
    out.closeObject(requestStart);

    int responseStart = out.length();
    out.put(RESPONSE);
    if (responseHead.status > 0) {
      out.put(STATUS);
      out.number(responseHead.status);
      out.put(',');
    }
    if (e.informationalCount > 0) {
      out.put(INFORMATIONAL);
      for (int i = 0; i < Math.min(e.informationalCount, Exchange.INFORMATIONAL_MAX); i++) {
        out.number(e.informational[i]);
        out.put(',');
      }
      out.closeArray();
    }
    headers(response, RESPONSE_HEADER_PATH, out);
    sizes(e.responseBodyBytes, e.txStart, e.txEnd, out);
    out.closeObject(responseStart);
    out.closeObject(start);
  }

  private void headers(HeaderBlock headers, byte[] path, Utf8Buffer out) {
    int start = out.length();
    out.put(HEADER);
    out.put(headers.json().array(), 0, headers.json().length());
    out.closeObject(start);
    truncated.put(headers.truncated().array(), 0, headers.truncated().length());
    if (headers.isCut()) {
      truncated(path);
    }
  }

  private static void sizes(long body, long streamStart, long streamEnd, Utf8Buffer out) {
    if (body >= 0) {
      out.put(BODY_SIZE);
      out.number(body);
      out.put(END_OBJECT);
    }
    if (streamStart >= 0 && streamEnd > streamStart) {
      out.put(SIZE);
      out.number(streamEnd - streamStart);
      out.put(',');
    }
  }

  private void session(Utf8Buffer out) {
    if (!session(request, HeaderName.Kind.COOKIE)
        && !session(response, HeaderName.Kind.SET_COOKIE)) {
      return;
    }
    out.put(SESSION);
    out.put(sessionId.id());
    out.put(END_TEXT_OBJECT);
  }

  private boolean session(HeaderBlock headers, HeaderName.Kind kind) {
    for (int i = 0; i < headers.specials(); i++) {
      if (headers.kind(i) == kind
          && sessionId.find(
              headers.bytes(),
              headers.valueOffset(i),
              headers.valueLength(i),
              kind == HeaderName.Kind.SET_COOKIE)) {
        return true;
      }
    }
    return false;
  }

  private static void connection(Exchange e, Utf8Buffer out) {
    int start = out.length();
    out.put(CONNECTION);
    if (e.cookie != 0) {
      out.put(CONNECTION_ID);
      out.hex(e.cookie);
      out.put(END_TEXT);
    }
    if (e.connectionRequest > 0) {
      out.put(CONNECTION_REQUEST);
      out.number(e.connectionRequest);
      out.put(',');
    }
    if (e.connectionStream >= 0) {
      out.put(CONNECTION_STREAM);
      out.number(e.connectionStream);
      out.put(',');
    }
    out.closeObject(start);
  }

  private static void tcp(Exchange e, Utf8Buffer out) {
    int start = out.length();
    out.put(TCP);
    if (e.rttUs >= 0) {
      out.put(RTT);
      out.number(e.rttUs);
      out.put(',');
    }
    if (e.retransmits >= 0) {
      out.put(RETRANSMITS);
      out.number(e.retransmits);
      out.put(',');
    }
    out.closeObject(start);
  }
}
