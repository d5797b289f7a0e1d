package io.hdrlog.core.encode;

import io.hdrlog.core.file.Processes;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TrustedProxies;
import io.hdrlog.core.mask.MaskMode;
import java.util.List;

/** What the encoder must be told, as plain values; see the option table for their meaning. */
public final class EncoderSettings {
  public String service = "";

  /** {@code service.instance.id}; null: none. */
  public String instanceId;

  public long pid = Processes.ownPid();

  public List<String> requestHeaders = List.of("*");
  public List<String> responseHeaders = List.of("*");

  public List<String> maskHeaders = List.of();
  public List<String> maskQuery = List.of();
  public boolean maskValues = true;
  public MaskMode maskMode = MaskMode.REDACT;
  public boolean maskIp;

  /** Of the HMACs in masked values and in {@code session.id}. */
  public byte[] key = new byte[0];

  public TrustedProxies trustedProxies = TrustedProxies.parse(List.of(), problem -> {});

  /** The same instance, or one made alike, as the application's threads use. */
  public RequestIds requestIds = new RequestIds("x-request-id", 0);
}
