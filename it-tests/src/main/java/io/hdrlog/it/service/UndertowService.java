package io.hdrlog.it.service;

import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentManager;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;

/** Undertow with a servlet: a container that is known by its Jakarta Servlet API alone. */
public final class UndertowService {
  private UndertowService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    DeploymentManager deployment =
        Servlets.defaultContainer()
            .addDeployment(
                Servlets.deployment()
                    .setClassLoader(UndertowService.class.getClassLoader())
                    .setContextPath("/")
                    .setDeploymentName("app")
                    .addServlets(
                        Servlets.servlet("app", AppServlet.class)
                            .addMapping("/*")
                            .setAsyncSupported(true)));
    deployment.deploy();
    Tls tls = new Tls(arguments);
    int port = arguments.number("port", 0);
    String address = arguments.text("address", "127.0.0.1");
    Undertow.Builder builder = Undertow.builder();
    if (tls.on()) {
      builder.addHttpsListener(port, address, tls.context());
    } else {
      builder.addHttpListener(port, address);
    }
    Undertow undertow =
        builder
            .setIoThreads(2)
            .setWorkerThreads(arguments.number("threads", 60))
            .setHandler(deployment.start())
            .build();
    undertow.start();
    Ready.say(((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort());
    new CountDownLatch(1).await();
  }
}
