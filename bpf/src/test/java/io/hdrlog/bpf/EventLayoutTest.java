package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@link EventLayout} is what the compiler made of {@code hdrlog.h}; this test is its generator.
 */
class EventLayoutTest {
  private static final Path COMMITTED = Path.of("src/main/java/io/hdrlog/bpf/EventLayout.java");
  private static final Path HEADER = Path.of("src/main/c/hdrlog.h");

  private static final Map<String, String> STRUCTS =
      Map.of(
          "hdrlog_exchange", "EXCHANGE",
          "hdrlog_journal", "JOURNAL",
          "hdrlog_marks", "MARKS",
          "hdrlog_mark", "MARK",
          "hdrlog_pause", "PAUSE",
          "hdrlog_losses", "LOSSES",
          "hdrlog_settings", "SETTINGS",
          "hdrlog_listener", "LISTENER");

  @Test
  void theCommittedLayoutIsThatOfTheCompiledObject() throws IOException {
    String generated = generate();
    if (Boolean.getBoolean("layout.write")) {
      Files.writeString(COMMITTED, generated);
    }
    assertThat(Files.readString(COMMITTED))
        .as("stale: mvn -pl bpf test -Dtest=EventLayoutTest -Dlayout.write=true rewrites it")
        .isEqualToIgnoringWhitespace(generated);
  }

  @Test
  void everyFieldStandsWhereTheObjectsTypeInformationSays() throws Exception {
    int checked = 0;
    for (Map.Entry<String, String> entry : STRUCTS.entrySet()) {
      BtfTypes.Struct struct = btf().struct(entry.getKey());
      assertThat(constant(entry.getValue() + "_BYTES")).isEqualTo(struct.bytes());
      int end = 0;
      for (BtfTypes.Field field : struct.fields()) {
        String name = entry.getValue() + "_" + field.name().toUpperCase(Locale.ROOT);
        assertThat(constant(name)).as(name).isEqualTo(field.offset());
        assertThat(field.offset()).as("no hidden padding before " + name).isEqualTo(end);
        end = field.offset() + field.bytes();
        checked++;
      }
      assertThat(end)
          .as("no hidden padding at the end of " + entry.getKey())
          .isEqualTo(struct.bytes());
    }
    assertThat(checked).isGreaterThan(30);
  }

  @Test
  void kindsAndFlagsAreThoseOfTheJavaInterfaces() throws IOException {
    String header = Files.readString(HEADER);
    int last = -1;
    for (MarkKind kind : MarkKind.values()) {
      int at = header.indexOf("\tHDRLOG_" + kind.name() + ",");
      assertThat(at).as(kind.name()).isGreaterThan(last);
      last = at;
    }
    assertThat(header.indexOf("\tHDRLOG_KINDS,")).isGreaterThan(last);
    assertThat(value(header, "HDRLOG_OPENED")).isEqualTo(SocketJournal.OPENED);
    assertThat(value(header, "HDRLOG_CLOSED")).isEqualTo(SocketJournal.CLOSED);
    assertThat(value(header, "HDRLOG_RESET_BY_PEER")).isEqualTo(SocketJournal.RESET_BY_PEER);
    assertThat(value(header, "HDRLOG_RESET_BY_US")).isEqualTo(SocketJournal.RESET_BY_US);
    assertThat(value(header, "HDRLOG_OUTBOUND")).isEqualTo(SocketJournal.OUTBOUND);
    assertThat(value(header, "HDRLOG_FIN_BY_PEER")).isEqualTo(SocketJournal.FIN_BY_PEER);
  }

  private static int constant(String name) throws ReflectiveOperationException {
    return EventLayout.class.getDeclaredField(name).getInt(null);
  }

  private static int value(String header, String name) {
    Matcher matcher = Pattern.compile(name + " = (\\d+)").matcher(header);
    assertThat(matcher.find()).as(name).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static BtfTypes btf() throws IOException {
    return new BtfTypes(object().section(".BTF"));
  }

  static ElfFile object() throws IOException {
    String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    try (InputStream in =
        EventLayout.class.getResourceAsStream(
            "/io/hdrlog/bpf/native/linux-" + arch + "/hdrlog.bpf.o")) {
      assertThat(in).as("the object is on the class path").isNotNull();
      return ElfFile.of(in.readAllBytes());
    }
  }

  private static String generate() throws IOException {
    String header = Files.readString(HEADER);
    StringBuilder out = new StringBuilder();
    out.append("package io.hdrlog.bpf;\n\nimport java.util.List;\n\n");
    out.append("/** Generated from {@code hdrlog.h} by EventLayoutTest; not to be edited. */\n");
    out.append("final class EventLayout {\n");
    out.append("  static final int TYPE_JOURNAL = ").append(value(header, "HDRLOG_JOURNAL"));
    out.append(";\n  static final int TYPE_PAUSE = ").append(value(header, "HDRLOG_PAUSE"));
    out.append(";\n  static final int TYPE_EXCHANGE = ").append(value(header, "HDRLOG_EXCHANGE"));
    out.append(";\n");
    for (String name : STRUCTS.keySet().stream().sorted().toList()) {
      BtfTypes.Struct struct = btf().struct(name);
      String prefix = STRUCTS.get(name);
      out.append("\n  /** struct ").append(name).append(" */\n");
      line(out, prefix + "_BYTES", struct.bytes());
      out.append('\n');
      List<String> names = new ArrayList<>();
      for (BtfTypes.Field field : struct.fields()) {
        String constant = prefix + "_" + field.name().toUpperCase(Locale.ROOT);
        line(out, constant, field.offset());
        if (field.length() > 0) {
          line(out, constant + "_LENGTH", field.length());
        }
        names.add('"' + field.name() + '"');
      }
      if (name.equals("hdrlog_losses")) {
        out.append("\n  /** The fields in their order, eight bytes each. */\n");
        out.append("  static final List<String> LOSSES_NAMES =\n      List.of(\n          ");
        out.append(String.join(",\n          ", names)).append(");\n");
      }
    }
    return out.append("\n  private EventLayout() {}\n}\n").toString();
  }

  private static void line(StringBuilder out, String name, int value) {
    out.append("  static final int ").append(name).append(" = ").append(value).append(";\n");
  }
}
