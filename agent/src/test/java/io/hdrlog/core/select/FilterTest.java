package io.hdrlog.core.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Heads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilterTest {
  private final List<String> problems = new ArrayList<>();
  private double random = 0.5;

  private boolean keep(String rules, double share, Exchange e) {
    Heads heads = new Heads();
    heads.read(e);
    return Filter.parse(rules, share, new Sampler(1000, () -> random), problems::add)
        .keep(e, heads);
  }

  private static Exchange exchange(String method, String path, String host, int status) {
    Exchange e = new Exchange();
    byte[] request = Ascii.bytes(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    byte[] response = Ascii.bytes("HTTP/1.1 " + status + " \r\n\r\n");
    e.appendRequestHead(request, 0, request.length);
    e.appendResponseHead(response, 0, response.length);
    return e;
  }

  @Test
  void theFirstRuleThatMatchesWins() {
    String rules = "drop path=/health/*; keep status=5xx; sample=0.1 path=/static/*";
    assertThat(keep(rules, 1, exchange("GET", "/health/live?x", "h", 500))).isFalse();
    assertThat(keep(rules, 0, exchange("GET", "/a", "h", 503))).isTrue();
    assertThat(keep(rules, 1, exchange("GET", "/static/a.js", "h", 200))).isFalse();
    random = 0.05;
    assertThat(keep(rules, 1, exchange("GET", "/static/a.js", "h", 200))).isTrue();
    assertThat(keep(rules, 1, exchange("GET", "/a", "h", 200))).isTrue();
    assertThat(problems).isEmpty();
  }

  @Test
  void everyConditionOfARuleMustHold() {
    String rules = "drop method=get host=*.example.com status=200-299 outcome=complete path=/a*";
    assertThat(keep(rules, 1, exchange("GET", "/ab", "X.Example.com:8080", 204))).isFalse();
    assertThat(keep(rules, 1, exchange("POST", "/ab", "x.example.com", 204))).isTrue();
    assertThat(keep(rules, 1, exchange("GET", "/b", "x.example.com", 204))).isTrue();
    assertThat(keep(rules, 1, exchange("GET", "/a", "x.example.org", 204))).isTrue();
    assertThat(keep(rules, 1, exchange("GET", "/a", "x.example.com", 304))).isTrue();
    Exchange reset = exchange("GET", "/ab", "x.example.com", 204);
    reset.outcome = Outcome.CLIENT_RESET;
    assertThat(keep(rules, 1, reset)).isTrue();
    assertThat(problems).isEmpty();
  }

  @Test
  void aBadRuleIsNamedAndTheOthersStay() {
    String rules =
        "dorp path=/a; drop colour=red; drop status=6; sample=2 path=/; drop outcome=ok; drop x;"
            + " sample=z; ; drop path=/b";
    assertThat(keep(rules, 1, exchange("GET", "/a", "h", 200))).isTrue();
    assertThat(problems).hasSize(7);
    assertThat(problems.get(0)).contains("rule=\"dorp path=/a\"").contains("action=dorp");
    assertThat(keep(rules, 1, exchange("GET", "/b", "h", 200))).isFalse();
  }

  @Test
  void whatWentWrongOrWasSlowIsAlwaysLogged() {
    assertThat(keep("", 0.4, exchange("GET", "/", "h", 200))).isFalse();
    assertThat(keep("", 0.6, exchange("GET", "/", "h", 200))).isTrue();
    assertThat(keep("", 0, exchange("GET", "/", "h", 500))).isTrue();
    Exchange reset = exchange("GET", "/", "h", 200);
    reset.outcome = Outcome.TIMEOUT;
    assertThat(keep("", 0, reset)).isTrue();
    Exchange slow = exchange("GET", "/", "h", 200);
    slow.timing.totalNs = 1001;
    assertThat(keep("", 0, slow)).isTrue();
    slow.timing.clear();
    slow.seenNs = 5;
    slow.endNs = 1006;
    assertThat(keep("", 0, slow)).isTrue();
    slow.endNs = 1005;
    assertThat(keep("", 0, slow)).isFalse();
  }
}
