package io.hdrlog.core.select;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which exchanges become records: the rules in order, the first that matches wins; where none does,
 * the sampler has its say with the general share.
 */
public final class Filter {
  private final FilterRule[] rules;
  private final double share;
  private final Sampler sampler;

  private Filter(FilterRule[] rules, double share, Sampler sampler) {
    this.rules = rules;
    this.share = share;
    this.sampler = sampler;
  }

  /**
   * Reads {@code drop path=/health/*; keep status=5xx; sample=0.1 path=/static/*}. A rule that
   * cannot be read is named to {@code problems} and left out; the others stay.
   */
  public static Filter parse(
      String text, double share, Sampler sampler, Consumer<String> problems) {
    List<FilterRule> rules = new ArrayList<>();
    for (String rule : text.split(";", -1)) {
      if (rule.isBlank()) {
        continue;
      }
      try {
        rules.add(FilterRule.parse(rule));
      } catch (IllegalArgumentException e) {
        problems.accept("filter: rule=\"" + rule.strip() + "\" was left out: " + e.getMessage());
      }
    }
    return new Filter(rules.toArray(new FilterRule[0]), share, sampler);
  }

  /** True if the exchange is logged. */
  public boolean keep(Exchange exchange, Heads heads) {
    double wanted = share;
    for (FilterRule rule : rules) {
      if (rule.matches(exchange, heads)) {
        if (rule.share == FilterRule.DROP) {
          return false;
        }
        wanted = rule.share;
        break;
      }
    }
    return sampler.keep(wanted, exchange, heads.response.status);
  }
}
