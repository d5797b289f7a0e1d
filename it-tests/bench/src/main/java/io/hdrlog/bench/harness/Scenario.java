package io.hdrlog.bench.harness;

import java.util.ArrayList;
import java.util.List;

/** One service in one setting; its variants are compared with each other and with nothing else. */
record Scenario(String service, String tls, boolean free, List<Variant> variants) {
  String title() {
    return (service.equals("tomcat") ? "Tomcat" : "Netty")
        + (tls.equals("none") ? ", HTTP" : ", TLS (" + tls + ")")
        + (free ? ", agent threads free" : ", all on one core");
  }

  /** The folder with the service's jars: Tomcat's OpenSSL is published for an older one only. */
  String library() {
    return tls.equals("openssl") ? service + "-openssl" : service;
  }

  /** The variants in another order each round, the bare service first in the first. */
  List<Variant> round(int number) {
    List<Variant> order = new ArrayList<>();
    int size = variants.size();
    for (int i = 0; i < size; i++) {
      order.add(variants.get((i + number * 2) % size));
    }
    return order;
  }

  List<String> mainArguments() {
    return List.of(
        "io.hdrlog.bench.service." + (service.equals("tomcat") ? "Tomcat" : "Netty") + "Service");
  }
}
