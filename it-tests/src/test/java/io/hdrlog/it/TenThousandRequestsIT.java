package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 10,000 requests over 50 keep-alive connections give exactly 10,000 true records. */
class TenThousandRequestsIT {
  private static final int CONNECTIONS = 50;
  private static final int REQUESTS_PER_CONNECTION = 200;

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void every_request_has_one_record_with_both_streams_and_the_headers_of_the_wire(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      Load.run(service, CONNECTIONS, REQUESTS_PER_CONNECTION).mustBeLogged();
    }
  }

  @Test
  void on_netty_with_its_epoll_transport_as_well() {
    try (Service service = Service.on(Variant.NETTY_42).with("transport", "epoll").start()) {
      Load.run(service, CONNECTIONS, REQUESTS_PER_CONNECTION).mustBeLogged();
    }
  }

  @Test
  void on_tomcat_with_virtual_threads_as_well() {
    try (Service service = Service.on(Variant.TOMCAT_11).with("virtual", true).start()) {
      Load.run(service, CONNECTIONS, REQUESTS_PER_CONNECTION / 4).mustBeLogged();
    }
  }

  @Test
  void nothing_is_lost_and_nothing_is_said_to_be_lost() {
    try (Service service = Service.on(Variant.TOMCAT_11).start()) {
      Load load = Load.run(service, CONNECTIONS, REQUESTS_PER_CONNECTION / 4);
      load.mustBeLogged();
      service.stop();
      assertThat(service.records().now()).hasSize(CONNECTIONS * REQUESTS_PER_CONNECTION / 4);
      assertThat(service.agentLog()).doesNotContain("ring_full=").doesNotContain("tap_failed=");
    }
  }
}
