package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;

/**
 * Starts the agent while the application starts: of the agent's work at start the main thread does
 * the registration of one transformer, and no more.
 */
final class StartThread extends Thread {
  private final String arguments;
  private final Instrumentation instrumentation;
  private final EarlyTransformer early = new EarlyTransformer(this);

  StartThread(String arguments, Instrumentation instrumentation) {
    super("hdrlog-start");
    this.arguments = arguments;
    this.instrumentation = instrumentation;
    setDaemon(true);
  }

  /** On the main thread, before the application's first class is loaded. */
  void begin() {
    instrumentation.addTransformer(early, true);
    start();
  }

  @Override
  public void run() {
    boolean running = false;
    try {
      running = AgentRuntime.start(arguments, instrumentation, early::handOver);
    } catch (Throwable e) {
      Agent.sayNotStarted(e);
    } finally {
      early.startIsOver();
      if (!running) {
        instrumentation.removeTransformer(early);
      }
    }
  }
}
