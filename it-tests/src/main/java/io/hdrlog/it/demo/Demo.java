package io.hdrlog.it.demo;

import io.hdrlog.it.demo.Screen.Style;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.Project;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Starts a real service with the agent, sends it real traffic and shows what was logged. */
public final class Demo {
  private static final int STOPPED_MS = 120;
  private static final int HANDLER_MS = 40;
  private static final String SLOW = "the-slow-one";

  private final Screen screen;
  private final Service service;
  private double clientWaitedMs;

  private Demo(Screen screen, Service service) {
    this.screen = screen;
    this.service = service;
  }

  public static void main(String[] args) {
    Screen screen = new Screen(Boolean.getBoolean("demo.colour"));
    Path jar = Project.root().relativize(Project.agentJar());
    screen.title("An embedded Tomcat, started with -javaagent:" + jar);
    try (Service service = Service.on(Variant.TOMCAT_11).name("orders").start()) {
      screen.line(
          "  pid " + service.pid() + ", port " + service.port() + ", logs " + service.dir());
      Demo demo = new Demo(screen, service);
      int requests = demo.traffic();
      List<LogRecord> records = service.records().await(requests);
      demo.show(records);
      demo.explain(records);
      demo.close();
    }
  }

  /** Returns how many requests were sent. */
  private int traffic() {
    screen.title("Traffic");
    try (RawClient client = service.connect()) {
      said(
          "keep-alive, with secrets in three places",
          client.ask(browser("/hello?page=2&token=s3cret")));
      said(
          "a POST on the same connection",
          client.ask(
              Request.post("/echo", "{\"item\": 4711, \"count\": 2}")
                  .header("Content-Type", "application/json")));
      said("a path that is not there", client.ask(Request.get("/no/such/path")));
      slow(client);
    }
    try (RawClient client = service.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nthis is no header line\r\n\r\n");
      said("a malformed request", client.read("GET"));
    }
    RawClient impatient = service.connect();
    impatient.send(Request.get("/async?ms=150").id("impatient"));
    Pause.millis(50);
    impatient.reset();
    screen.line("  a client that resets while it is being served");
    return 6;
  }

  /** A request that lies in its socket while the JVM stands still, as in a long collection. */
  private void slow(RawClient client) {
    service.suspend();
    long begun = System.nanoTime();
    client.send(Request.get("/sleep?ms=" + HANDLER_MS).id(SLOW));
    Pause.millis(STOPPED_MS);
    service.resume();
    Response response = client.read("GET");
    clientWaitedMs = (response.lastNs() - begun) / 1e6;
    said("a request while the JVM stands still for " + STOPPED_MS + " ms", response);
  }

  private static Request browser(String target) {
    return Request.get(target)
        .header("User-Agent", "demo/1.0")
        .header("Accept", "text/html, */*;q=0.1")
        .header("Accept", "text/plain")
        .header("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
        .header("Cookie", "theme=dark; sid=5f2d8e01a7")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  }

  private void said(String what, Response response) {
    screen.line("  " + what + ": " + screen.styled(Style.NUMBER, "" + response.status()));
  }

  private void show(List<LogRecord> records) {
    screen.title("What was logged: " + service.dir().resolve(service.name() + ".jsonl"));
    PrettyJson pretty = new PrettyJson(screen);
    for (LogRecord record : records) {
      screen.line(pretty.of(record.json()));
    }
    if (records.isEmpty()) {
      screen.line(screen.styled(Style.WARNING, "nothing; the agent's log and the output:"));
      screen.line(service.agentLog());
      screen.line(service.output());
    }
  }

  private void explain(List<LogRecord> records) {
    Optional<LogRecord> found =
        records.stream().filter(record -> SLOW.equals(record.text("request_id"))).findFirst();
    if (found.isEmpty()) {
      return;
    }
    LogRecord record = found.get();
    screen.title(
        "Where the time of one request went: "
            + record.text("http.request.method")
            + " "
            + record.text("url.path")
            + " -> "
            + record.text("http.response.status_code"));
    screen.line("");
    new Timeline(screen).draw(record);
    screen.line("");
    long handler = record.optionalNumber("timing.handler_ns").orElse(0L);
    long dispatch = record.optionalNumber("timing.dispatch_ns").orElse(0L);
    screen.line(
        "  The client waited "
            + Timeline.duration((long) (clientWaitedMs * 1e6)).strip()
            + ". An access log inside the JVM says "
            + Timeline.duration(handler + dispatch).strip()
            + ".");
    if (record.has("timing.queue_ns")) {
      screen.line(
          "  The request lay in its socket for "
              + Timeline.duration(record.number("timing.queue_ns")).strip()
              + ": this demo had stopped the JVM, as a long");
      screen.line("  collection or a starved thread pool would. Only the kernel saw that.");
    } else {
      screen.line("  The kernel stream is not there, so the time before the JVM is not known:");
      service
          .agentLog()
          .lines()
          .filter(line -> line.contains(" warn kernel"))
          .forEach(line -> screen.line("  " + line));
    }
  }

  private void close() {
    screen.line("");
    screen.line(
        screen.styled(
            Style.DIM,
            "  The agent's own log: " + service.dir().resolve(service.name() + ".agent.log")));
  }
}
