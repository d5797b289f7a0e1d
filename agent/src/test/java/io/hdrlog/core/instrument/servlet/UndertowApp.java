package io.hdrlog.core.instrument.servlet;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.FilterInfo;
import io.undertow.servlet.api.ServletInfo;
import jakarta.servlet.DispatcherType;
import java.net.InetSocketAddress;

/** {@link Servlets} in Undertow. */
public final class UndertowApp {
  private static Undertow server;

  private UndertowApp() {}

  public static Object start() throws Exception {
    DeploymentInfo deployment =
        new DeploymentInfo()
            .setClassLoader(UndertowApp.class.getClassLoader())
            .setContextPath("/")
            .setDeploymentName("app")
            .addFilter(new FilterInfo("guard", Servlets.Guard.class).setAsyncSupported(true))
            .addFilterUrlMapping("guard", "/*", DispatcherType.REQUEST)
            .addFilterUrlMapping("guard", "/*", DispatcherType.FORWARD)
            .addServlet(new ServletInfo("plain", Servlets.Plain.class).addMapping("/plain"))
            .addServlet(
                new ServletInfo("app", Servlets.App.class)
                    .addMapping("/app/*")
                    .setAsyncSupported(true));
    DeploymentManager manager =
        io.undertow.servlet.Servlets.defaultContainer().addDeployment(deployment);
    manager.deploy();
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(Handlers.proxyPeerAddress(manager.start()))
            .build();
    server.start();
    return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
  }

  public static void stop() {
    server.stop();
  }
}
