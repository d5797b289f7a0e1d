package io.hdrlog.core.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** What the commands show of one record; read by path, so that new fields do no harm. */
final class LogRecord {
  /** Spans of {@code timing}, in the order in which they happen; without {@code _ns}. */
  static final String[] SPANS = {
    "accept",
    "receive",
    "queue",
    "dispatch",
    "handler",
    "first_byte",
    "send",
    "ack",
    "pause",
    "total"
  };

  static final int QUEUE = 2;
  static final int HANDLER = 4;
  static final int TOTAL = SPANS.length - 1;

  private static final JsonFactory JSON = new JsonFactory();

  String timestamp = "";
  String service = "";
  String outcome = "";
  String method = "";
  String path = "";
  String route = "";

  /** 0: none was sent. */
  int status;

  boolean kernel;

  /** -1: not known. */
  final long[] ns = new long[SPANS.length];

  private LogRecord() {
    Arrays.fill(ns, -1);
  }

  static LogRecord parse(byte[] line) throws IOException {
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      LogRecord record = new LogRecord();
      record.readObject(json, "");
      return record;
    }
  }

  private void readObject(JsonParser json, String prefix) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = prefix + json.currentName();
      JsonToken value = json.nextToken();
      if (value == null) {
        throw new IOException("ends in the middle");
      }
      if (value == JsonToken.START_OBJECT) {
        switch (field) {
          case "http", "http.request", "http.response", "url", "service", "timing" ->
              readObject(json, field + '.');
          default -> json.skipChildren();
        }
      } else if (value == JsonToken.START_ARRAY) {
        readArray(json, field);
      } else {
        readValue(json, field);
      }
    }
    if (json.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("ends in the middle");
    }
  }

  private void readArray(JsonParser json, String field) throws IOException {
    if (!field.equals("sources")) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      kernel |= json.getText().equals("kernel");
    }
  }

  private void readValue(JsonParser json, String field) throws IOException {
    switch (field) {
      case "timestamp" -> timestamp = json.getText();
      case "service.name" -> service = json.getText();
      case "outcome" -> outcome = json.getText();
      case "http.request.method" -> method = json.getText();
      case "http.response.status_code" -> status = json.getValueAsInt();
      case "http.route" -> route = json.getText();
      case "url.path" -> path = json.getText();
      default -> {
        if (field.startsWith("timing.") && field.endsWith("_ns")) {
          String span = field.substring("timing.".length(), field.length() - "_ns".length());
          for (int i = 0; i < SPANS.length; i++) {
            if (SPANS[i].equals(span)) {
              ns[i] = json.getValueAsLong(-1);
            }
          }
        }
      }
    }
  }
}
