package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * Decides what is masked. Values are not changed: the masker names the {@link Ranges} of them, and
 * the encoder writes {@link #text} in their place. Belongs to the consumer's thread.
 */
public final class Masker {
  /** The longest text that stands for a masked value. */
  public static final int TEXT_MAX = 32;

  /** {@code Bearer x} is the shortest secret that can be told from other text. */
  private static final int SECRET_MIN = 8;

  private static final int CARD_MIN = 13;

  private static final int HASH_DIGITS = 12;
  private static final byte PURPOSE_VALUE = 0;
  private static final byte[] MASKED = Ascii.bytes("[masked]");
  private static final byte[] MASKED_HASH = Ascii.bytes("[masked:");

  /** Not headers at all: {@code *auth*} must not hide {@code :authority}. */
  private static final Set<String> PSEUDO =
      Set.of(":authority", ":method", ":path", ":protocol", ":scheme", ":status");

  private static final byte[] COOKIE = Ascii.bytes("cookie");
  private static final byte[] SET_COOKIE = Ascii.bytes("set-cookie");

  /** Where proxies put the client's address. */
  private static final Set<String> ADDRESSES =
      Set.of(
          "forwarded",
          "x-forwarded-for",
          "x-original-forwarded-for",
          "x-real-ip",
          "x-client-ip",
          "client-ip",
          "x-cluster-client-ip",
          "true-client-ip",
          "cf-connecting-ip",
          "cf-connecting-ipv6",
          "fastly-client-ip",
          "x-envoy-external-address");

  private final Globs headers;
  private final Parameters parameters;
  private final boolean values;
  private final Hmac hmac;
  private final boolean addresses;

  /**
   * @param headers globs of the names of headers whose values are masked
   * @param query globs of the names of parameters whose values are masked
   * @param values whether what looks like a secret is masked in any value
   * @param key of the HMAC; used in {@link MaskMode#HASH} only
   * @param addresses whether client addresses are cut, in the headers of proxies too
   */
  public Masker(
      List<String> headers,
      List<String> query,
      boolean values,
      MaskMode mode,
      byte[] key,
      boolean addresses) {
    this.headers = new Globs(headers);
    this.parameters = new Parameters(new Globs(query));
    this.values = values;
    this.addresses = addresses;
    this.hmac = mode == MaskMode.HASH ? new Hmac(key) : null;
  }

  /** True if every masked value is written alike, so that what stands for it can be kept. */
  public boolean isConstant() {
    return hmac == null;
  }

  /** How a header is masked; {@code lowerName} is its name in lower case. */
  public HeaderRule rule(byte[] lowerName) {
    String name = new String(lowerName, StandardCharsets.ISO_8859_1);
    if (PSEUDO.contains(name)) {
      return HeaderRule.OPEN;
    }
    // A name with bytes in it that no name may have is judged by what is left without them.
    byte[] clean = new byte[lowerName.length];
    int n = 0;
    for (byte c : lowerName) {
      if (Ascii.isToken(c)) {
        clean[n++] = c;
      }
    }
    if (!headers.match(lowerName) && !headers.match(clean, 0, n)) {
      return addresses && ADDRESSES.contains(name) ? HeaderRule.ADDRESSES : HeaderRule.OPEN;
    }
    if (Ascii.equalsIgnoreCase(clean, 0, n, COOKIE)) {
      return HeaderRule.COOKIE;
    }
    return Ascii.equalsIgnoreCase(clean, 0, n, SET_COOKIE)
        ? HeaderRule.SET_COOKIE
        : HeaderRule.WHOLE;
  }

  /**
   * Masks within the value of a header.
   *
   * @param signs what {@link Signs#of} says of the value; likewise below
   */
  public void header(HeaderRule rule, byte[] b, int from, int to, int signs, Ranges out) {
    out.clear();
    if (rule == HeaderRule.WHOLE) {
      out.addEvenEmpty(from, to);
      return;
    }
    if (rule == HeaderRule.OPEN || rule == HeaderRule.ADDRESSES) {
      urls(b, from, to, signs, out);
    } else {
      Cookies.find(b, from, to, rule == HeaderRule.SET_COOKIE, out);
    }
    secrets(b, from, to, signs, out);
    out.sort();
  }

  /** Masks within a path: its parameters ({@code ;jsessionid=x}) and what looks like a secret. */
  public void path(byte[] b, int from, int to, int signs, Ranges out) {
    out.clear();
    urls(b, from, to, signs, out);
    secrets(b, from, to, signs, out);
    out.sort();
  }

  /** Masks within a query. */
  public void query(byte[] b, int from, int to, int signs, Ranges out) {
    out.clear();
    parameters.inQuery(b, from, to, (signs & Signs.PARAMETER) != 0, out);
    userinfo(b, from, to, signs, out);
    secrets(b, from, to, signs, out);
    out.sort();
  }

  /** Masks within any other text: a reason, a route. */
  public void text(byte[] b, int from, int to, int signs, Ranges out) {
    header(HeaderRule.OPEN, b, from, to, signs, out);
  }

  /** Writes what stands for the masked bytes and returns where it ends. */
  public int text(byte[] b, int from, int to, byte[] into, int offset) {
    if (hmac == null) {
      System.arraycopy(MASKED, 0, into, offset, MASKED.length);
      return offset + MASKED.length;
    }
    System.arraycopy(MASKED_HASH, 0, into, offset, MASKED_HASH.length);
    int end = hmac.hex(PURPOSE_VALUE, b, from, to, HASH_DIGITS, into, offset + MASKED_HASH.length);
    into[end] = ']';
    return end + 1;
  }

  /** URLs in a value: everything behind the first {@code ?} or {@code #} is read as parameters. */
  private void urls(byte[] b, int from, int to, int signs, Ranges out) {
    for (int i = from; i < to && (signs & Signs.PARAMETER) != 0; i++) {
      byte c = b[i];
      if (c == '?' || c == '#' || c == '%' || c == ';') {
        parameters.inText(b, i, to, out);
        break;
      }
    }
    userinfo(b, from, to, signs, out);
  }

  /** {@code user:password@} behind {@code //}. */
  private static void userinfo(byte[] b, int from, int to, int signs, Ranges out) {
    if ((signs & Signs.AT) == 0) {
      return;
    }
    int i = from;
    while (i + 1 < to) {
      if (b[i] != '/' || b[i + 1] != '/' || (i > from && b[i - 1] != ':')) {
        i++;
        continue;
      }
      int start = i + 2;
      int end = start;
      int at = -1;
      while (end < to && !endsAuthority(b[end])) {
        if (b[end] == '@') {
          at = end;
        }
        end++;
      }
      out.add(start, at);
      i = Math.max(end, start);
    }
  }

  private static boolean endsAuthority(byte c) {
    return c == '/' || c == '?' || c == '#' || c == ' ' || c == '"' || c == '<' || c == '>';
  }

  private void secrets(byte[] b, int from, int to, int signs, Ranges out) {
    int length = to - from;
    int worth = length >= CARD_MIN ? Signs.TRIGGER | Signs.DIGIT : Signs.TRIGGER;
    if (values && length >= SECRET_MIN && (signs & worth) != 0 && !Shapes.isHarmless(b, from, to)) {
      Secrets.find(b, from, to, out);
    }
  }
}
