package io.hdrlog.core.select;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.mask.Globs;
import java.util.Arrays;
import java.util.Locale;

/** One rule: what to do, and the conditions that must all hold. */
final class FilterRule {
  static final double DROP = -1;
  static final double KEEP = 2;

  /** {@link #DROP}, {@link #KEEP}, or the share that is logged. */
  final double share;

  private byte[] path;
  private byte[] host;
  private byte[] method;
  private Outcome outcome;
  private int statusFrom = -1;
  private int statusTo = -1;

  private FilterRule(double share) {
    this.share = share;
  }

  /** Reads {@code drop path=/health/* method=get}; the exception's message says what is wrong. */
  static FilterRule parse(String text) {
    String[] words = text.strip().split("\\s+", -1);
    FilterRule rule = new FilterRule(action(words[0]));
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals <= 0 || equals == words[i].length() - 1) {
        throw new IllegalArgumentException("condition=" + words[i] + " is not name=value");
      }
      rule.condition(
          words[i].substring(0, equals).toLowerCase(Locale.ROOT), words[i].substring(equals + 1));
    }
    return rule;
  }

  private static double action(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (lower.equals("drop")) {
      return DROP;
    }
    if (lower.equals("keep")) {
      return KEEP;
    }
    if (lower.startsWith("sample=")) {
      double share = share(lower.substring("sample=".length()));
      if (share >= 0 && share <= 1) {
        return share;
      }
      throw new IllegalArgumentException(word + " is not a share from 0 to 1");
    }
    throw new IllegalArgumentException("action=" + word + " is not drop, keep or sample=SHARE");
  }

  private static double share(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void condition(String name, String value) {
    switch (name) {
      case "path" -> path = Ascii.bytes(value);
      case "host" -> host = Ascii.lowerBytes(value);
      case "method" -> method = Ascii.lowerBytes(value);
      case "status" -> status(value.toLowerCase(Locale.ROOT));
      case "outcome" -> outcome = outcome(value.toLowerCase(Locale.ROOT));
      default ->
          throw new IllegalArgumentException(
              "condition=" + name + " is not path, status, method, host or outcome");
    }
  }

  /** {@code 404}, {@code 5xx} or {@code 400-499}. */
  private void status(String value) {
    if (value.matches("[1-9]xx")) {
      statusFrom = (value.charAt(0) - '0') * 100;
      statusTo = statusFrom + 99;
    } else if (value.matches("\\d{3}")) {
      statusFrom = Integer.parseInt(value);
      statusTo = statusFrom;
    } else if (value.matches("\\d{3}-\\d{3}")) {
      statusFrom = Integer.parseInt(value.substring(0, 3));
      statusTo = Integer.parseInt(value.substring(4));
    } else {
      throw new IllegalArgumentException("status=" + value + " is not like 404, 5xx or 400-499");
    }
  }

  private static Outcome outcome(String value) {
    for (Outcome outcome : Outcome.values()) {
      if (outcome.text().equals(value)) {
        return outcome;
      }
    }
    throw new IllegalArgumentException(
        "outcome="
            + value
            + " is not one of "
            + String.join(", ", Arrays.stream(Outcome.values()).map(Outcome::text).toList()));
  }

  /** True if every condition holds; one on something the exchange has not does not. */
  boolean matches(Exchange exchange, Heads heads) {
    Head request = heads.request;
    int status = heads.response.status;
    return (outcome == null || outcome == exchange.outcome)
        && (statusFrom < 0 || (status >= statusFrom && status <= statusTo))
        && (method == null
            || Ascii.equalsIgnoreCase(
                request.bytes, request.methodOffset, request.methodLength, method))
        && (path == null
            || (request.pathLength >= 0
                && Globs.matches(
                    path,
                    request.bytes,
                    request.pathOffset,
                    request.pathOffset + request.pathLength)))
        && (host == null || hostMatches(heads));
  }

  /** With or without the port. */
  private boolean hostMatches(Heads heads) {
    Field field = heads.host();
    if (field == null) {
      return false;
    }
    byte[] lower = new byte[field.valueLength];
    int portless = lower.length;
    for (int i = 0; i < lower.length; i++) {
      lower[i] = Ascii.lower(heads.request.bytes[field.valueOffset + i]);
      if (lower[i] == ':') {
        portless = i;
      } else if (!Ascii.isDigit(lower[i])) {
        portless = lower.length;
      }
    }
    return Globs.matches(host, lower, 0, lower.length) || Globs.matches(host, lower, 0, portless);
  }
}
