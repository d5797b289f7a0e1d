package io.hdrlog.it.service;

/** How a service says that it may be asked. */
final class Ready {
  private Ready() {}

  static void say(int port) {
    System.out.println("READY " + port);
    System.out.flush();
  }
}
