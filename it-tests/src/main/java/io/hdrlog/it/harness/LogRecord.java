package io.hdrlog.it.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One line of a log file. */
public record LogRecord(JsonNode json, String line) {

  /** The node at a dotted path, missing if it is not there. */
  public JsonNode at(String path) {
    JsonNode node = json;
    for (String step : path.split("\\.", -1)) {
      node = node.path(step);
    }
    return node;
  }

  public boolean has(String path) {
    return !at(path).isMissingNode();
  }

  /** The text at a path, or null. */
  public String text(String path) {
    JsonNode node = at(path);
    return node.isMissingNode() ? null : node.asText();
  }

  /** The integer at a path; a test fails where it is absent. */
  public long number(String path) {
    JsonNode node = at(path);
    if (!node.isIntegralNumber()) {
      throw new AssertionError(path + " is not a number: " + node + " in " + line);
    }
    return node.asLong();
  }

  public Optional<Long> optionalNumber(String path) {
    return has(path) ? Optional.of(number(path)) : Optional.empty();
  }

  /** A timing in milliseconds. */
  public double millis(String timing) {
    return number("timing." + timing) / 1e6;
  }

  public String outcome() {
    return text("outcome");
  }

  public int status() {
    return (int) number("http.response.status_code");
  }

  public List<String> sources() {
    return strings(at("sources"));
  }

  /** The values of a request header, empty if it is absent. */
  public List<String> requestHeader(String name) {
    return strings(at("http.request.header").path(name));
  }

  public List<String> responseHeader(String name) {
    return strings(at("http.response.header").path(name));
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.asText()));
    return strings;
  }

  @Override
  public String toString() {
    return line;
  }
}
