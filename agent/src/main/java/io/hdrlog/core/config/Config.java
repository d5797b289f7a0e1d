package io.hdrlog.core.config;

import io.hdrlog.core.kernel.KernelOptions.Probes;
import io.hdrlog.core.mask.MaskMode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values in force. Immutable; made by {@link ConfigLoader}. */
public final class Config {
  /** Values of {@code kernel}. */
  public enum Kernel {
    /** Where it is allowed. */
    AUTO,
    /** Never. */
    OFF,
    /** As auto, but a refusal is an error. */
    ON
  }

  /** Values of {@code wire}. */
  public enum Wire {
    /** Where no instrumented entry point claims the connection. */
    AUTO,
    /** For every connection. */
    ALWAYS,
    /** Never. */
    OFF
  }

  private static final int HEAP_SHARE = 16;

  private final Map<Option<?>, Object> values;
  private final Map<Option<?>, String> sources;
  private final String fileName;

  Config(Map<Option<?>, Object> values, Map<Option<?>, String> sources) {
    this.values = new HashMap<>(values);
    this.sources = new HashMap<>(sources);
    this.fileName = ServiceName.forFile(service());
  }

  public boolean enabled() {
    return get(Options.ENABLED);
  }

  /** As given: the record's {@code service.name}. */
  public String service() {
    return get(Options.SERVICE);
  }

  /** The service's name in a form that is safe in a file's name. */
  public String serviceFileName() {
    return fileName;
  }

  public Path dir() {
    return Path.of(get(Options.DIR));
  }

  public Kernel kernel() {
    return get(Options.KERNEL);
  }

  public Probes kernelProbes() {
    return get(Options.KERNEL_PROBES);
  }

  public Wire wire() {
    return get(Options.WIRE);
  }

  public boolean client() {
    return get(Options.CLIENT);
  }

  public List<String> requestHeaders() {
    return get(Options.REQUEST_HEADERS);
  }

  public List<String> responseHeaders() {
    return get(Options.RESPONSE_HEADERS);
  }

  public List<String> maskHeaders() {
    return get(Options.MASK_HEADERS);
  }

  public List<String> maskQuery() {
    return get(Options.MASK_QUERY);
  }

  public boolean maskValues() {
    return get(Options.MASK_VALUES);
  }

  public MaskMode maskMode() {
    return get(Options.MASK_MODE);
  }

  public boolean maskIp() {
    return get(Options.MASK_IP);
  }

  /** Each an address or a CIDR block, checked. */
  public List<String> trustedProxies() {
    return get(Options.TRUSTED_PROXIES);
  }

  public String requestIdHeader() {
    return get(Options.REQUEST_ID_HEADER);
  }

  public boolean requestIdResponse() {
    return get(Options.REQUEST_ID_RESPONSE);
  }

  /** Empty: not set. */
  public String requestIdMdc() {
    return get(Options.REQUEST_ID_MDC);
  }

  public double sample() {
    return get(Options.SAMPLE);
  }

  public long sampleSlowNs() {
    return get(Options.SAMPLE_SLOW);
  }

  /** The rules as given; empty: none. */
  public String filter() {
    return get(Options.FILTER);
  }

  public long rotateSizeBytes() {
    return get(Options.ROTATE_SIZE);
  }

  /** 0: never by time. */
  public long rotateTimeNs() {
    return get(Options.ROTATE_TIME);
  }

  public int rotateKeep() {
    return get(Options.ROTATE_KEEP);
  }

  public long rotateTotalBytes() {
    return get(Options.ROTATE_TOTAL);
  }

  public boolean rotateCompress() {
    return get(Options.ROTATE_COMPRESS);
  }

  public int bufferBytes() {
    return get(Options.BUFFER).intValue();
  }

  /**
   * What of {@link #bufferBytes} the heap can spare: there may be two rings, and four times as much
   * waits for a slow disk.
   */
  public int ringBytes() {
    return ringBytes(Runtime.getRuntime().maxMemory());
  }

  int ringBytes(long heapBytes) {
    long spare = Math.max(Options.BUFFER_BYTES_MIN, heapBytes / HEAP_SHARE);
    return (int) Math.min(bufferBytes(), spare);
  }

  /** The properties file that was named; empty: none. */
  public String config() {
    return get(Options.CONFIG);
  }

  /** For a person: the value as text. */
  public String text(Option<?> option) {
    Object value = values.get(option);
    if (value instanceof Enum<?> choice) {
      return OptionValues.choiceText(choice);
    }
    if (value instanceof List<?> list) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < list.size(); i++) {
        text.append(i == 0 ? "" : ",").append(list.get(i));
      }
      return text.toString();
    }
    if (option.kind() == Option.Kind.SIZE) {
      return OptionValues.sizeText((Long) value);
    }
    if (option.kind() == Option.Kind.DURATION) {
      return OptionValues.durationText((Long) value);
    }
    return String.valueOf(value);
  }

  /** For a person: where the value came from; {@code default} where nobody gave one. */
  public String source(Option<?> option) {
    String source = sources.get(option);
    return source == null ? "default" : source;
  }

  private <T> T get(Option<T> option) {
    return option.in(values);
  }
}
