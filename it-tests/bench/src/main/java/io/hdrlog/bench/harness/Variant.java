package io.hdrlog.bench.harness;

import io.hdrlog.bench.Headers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is measured against the bare service: hdrlog, or what users would take instead. */
enum Variant {
  NONE("none", ""),
  /** The same again: the difference between the two is the noise. */
  NONE_AGAIN("none (A/A)", ""),
  HDRLOG("hdrlog", "*.jsonl"),
  /** Another build of it. */
  HDRLOG_BEFORE("hdrlog before", "*.jsonl"),
  HDRLOG_NO_KERNEL("hdrlog kernel=off", "*.jsonl"),
  /** Which requests have a record is chance, so that nothing can be said to be lost. */
  HDRLOG_SAMPLED("hdrlog sample=0.01", ""),
  ACCESS_LOG("AccessLogValve", "access*.log"),
  JSON_ACCESS_LOG("JsonAccessLogValve", "access*.log"),
  LOGBOOK("Logbook", "logbook.log"),
  OTEL("OpenTelemetry, no exporter", ""),
  OTEL_FILE("OpenTelemetry, to a file", "stdout.log");

  final String title;

  /** Files that hold its records; empty if it writes none. */
  final String files;

  Variant(String title, String files) {
    this.title = title;
    this.files = files;
  }

  /** The name on the command line. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isHdrlog() {
    return switch (this) {
      case HDRLOG, HDRLOG_BEFORE, HDRLOG_NO_KERNEL, HDRLOG_SAMPLED -> true;
      default -> false;
    };
  }

  boolean isNone() {
    return this == NONE || this == NONE_AGAIN;
  }

  boolean runsOn(String service) {
    return switch (this) {
      case ACCESS_LOG, JSON_ACCESS_LOG, LOGBOOK -> service.equals("tomcat");
      default -> true;
    };
  }

  /** Bytes that each record holds exactly once. */
  String recordMark() {
    return switch (this) {
      // One line for the request and one for the response.
      case LOGBOOK -> "\"type\":\"response\"";
      // A line holds many spans; the request's is the one of kind SERVER.
      case OTEL_FILE -> "\"kind\":2";
      default -> "\n";
    };
  }

  /** The value of {@code bench.peer}. */
  String peer() {
    return switch (this) {
      case ACCESS_LOG -> "accesslog";
      case JSON_ACCESS_LOG -> "jsonaccesslog";
      case LOGBOOK -> "logbook";
      default -> "none";
    };
  }

  List<String> jvmArguments(Path hdrlogJar, Path library, Path dir) {
    List<String> arguments = new ArrayList<>();
    switch (this) {
      case HDRLOG, HDRLOG_BEFORE, HDRLOG_NO_KERNEL, HDRLOG_SAMPLED -> {
        arguments.add("-javaagent:" + hdrlogJar);
        arguments.add("-Dhdrlog.service=bench");
        arguments.add("-Dhdrlog.dir=" + dir);
        // Every record is counted afterwards, so none may be deleted; compressing a closed file is
        // work of later, which none of the peers does.
        arguments.add("-Dhdrlog.rotate.compress=false");
        arguments.add("-Dhdrlog.rotate.keep=10000");
        arguments.add("-Dhdrlog.rotate.total=1000GB");
        if (this == HDRLOG_NO_KERNEL) {
          arguments.add("-Dhdrlog.kernel=off");
        } else if (this == HDRLOG_SAMPLED) {
          arguments.add("-Dhdrlog.sample=0.01");
        }
      }
      case OTEL, OTEL_FILE -> {
        arguments.add("-javaagent:" + library.resolve("agents/opentelemetry-javaagent.jar"));
        arguments.add("-Dotel.service.name=bench");
        arguments.add("-Dotel.metrics.exporter=none");
        arguments.add("-Dotel.logs.exporter=none");
        arguments.add(
            "-Dotel.traces.exporter=" + (this == OTEL ? "none" : "experimental-otlp/stdout"));
        arguments.add(
            "-Dotel.instrumentation.http.server.capture-request-headers="
                + String.join(",", Headers.requestNames()));
        arguments.add(
            "-Dotel.instrumentation.http.server.capture-response-headers="
                + String.join(",", Headers.responseNames()));
      }
      default -> {}
    }
    return arguments;
  }
}
