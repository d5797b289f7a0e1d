package io.hdrlog.it.service;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/** Spring's web framework on Tomcat, with one page for all errors, as Spring Boot has it. */
public final class SpringService {
  // Held: the log manager keeps loggers, and their levels, by weak references only.
  private static final Logger QUIET = Logger.getLogger("org");

  private SpringService() {}

  public static void main(String[] args) throws Exception {
    QUIET.setLevel(Level.OFF);
    Arguments arguments = new Arguments(args);
    Path base = Files.createTempDirectory("hdrlog-it-spring");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(arguments.number("port", 0));
    tomcat.getConnector().setProperty("address", arguments.text("address", "127.0.0.1"));
    Context context = tomcat.addContext("", base.toString());
    AnnotationConfigWebApplicationContext spring = new AnnotationConfigWebApplicationContext();
    spring.register(Pages.class);
    Wrapper dispatcher = Tomcat.addServlet(context, "app", new DispatcherServlet(spring));
    dispatcher.setAsyncSupported(true);
    dispatcher.addMapping("/");
    ErrorPage page = new ErrorPage();
    page.setLocation("/error");
    context.addErrorPage(page);
    tomcat.start();
    Ready.say(tomcat.getConnector().getLocalPort());
    new CountDownLatch(1).await();
  }

  /** What it answers. */
  @Configuration
  @EnableWebMvc
  @RestController
  public static class Pages {
    @GetMapping("/item/{id}")
    String item(@PathVariable("id") String id) {
      return id;
    }

    @GetMapping("/fail/{id}")
    String fail(@PathVariable("id") String id) {
      throw new IllegalStateException(id);
    }

    @GetMapping("/view/{id}")
    String view(@PathVariable("id") String id) {
      throw new IllegalArgumentException(id);
    }

    /** A view for an exception is no error page: nothing is dispatched again. */
    @ExceptionHandler(IllegalArgumentException.class)
    ModelAndView shown() {
      return new ModelAndView((model, request, response) -> response.getWriter().write("shown"));
    }

    @RequestMapping("/error")
    String error() {
      return "sorry";
    }
  }
}
