import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Lays the relocated classes out as hdrlog.jar: what the JVM must find by name stays where it is,
 * all else becomes {@code hdrlog/**.classdata}, which no class loader but the agent's own can load.
 * Sorted entries with one fixed time make the jar the same bytes on every machine.
 */
final class Pack {
  private static final String VISIBLE = "io/hdrlog/premain/";
  private static final String CLASS = ".class";
  private static final String HIDDEN_ROOT = "hdrlog/";

  /** Where the stand-ins for the JDK's own classes have come by their names. */
  private static final String OF_THE_JDK = "jdk/";

  private static final long TIME_MS = 1_767_225_600_000L; // 2026-01-01T00:00:00Z

  private static final int STORED_BYTES_MAX = 256 * 1024;

  private Pack() {}

  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Path.of(arguments[1]);
    String version = arguments[2];
    Path root = Path.of(arguments[3]);
    TreeMap<String, byte[]> entries = new TreeMap<>();
    TreeMap<String, byte[]> classes = new TreeMap<>();
    read(from, entries, classes);
    Lambdas.makeClasses(classes);
    classes.forEach((name, bytes) -> entries.put(name + CLASS, bytes));
    TreeMap<String, byte[]> placed = new TreeMap<>();
    entries.forEach((name, bytes) -> placed.put(placeOf(name), bytes));
    placed.put("META-INF/LICENSE", Files.readAllBytes(root.resolve("LICENSE")));
    placed.put("META-INF/NOTICE", Files.readAllBytes(root.resolve("NOTICE")));
    write(to, version, placed);
  }

  private static void read(Path from, Map<String, byte[]> others, Map<String, byte[]> classes)
      throws IOException {
    try (JarFile jar = new JarFile(from.toFile())) {
      Enumeration<? extends ZipEntry> all = jar.entries();
      while (all.hasMoreElements()) {
        ZipEntry entry = all.nextElement();
        String name = entry.getName();
        if (entry.isDirectory() || isLeftOut(name)) {
          continue;
        }
        try (InputStream in = jar.getInputStream(entry)) {
          if (name.endsWith(CLASS)) {
            classes.put(name.substring(0, name.length() - CLASS.length()), in.readAllBytes());
          } else {
            others.put(name, in.readAllBytes());
          }
        }
      }
    }
  }

  private static boolean isLeftOut(String name) {
    return name.startsWith("META-INF/")
        || name.startsWith(OF_THE_JDK)
        || name.equals("module-info.class");
  }

  /** The entry's name in the agent's jar. */
  private static String placeOf(String name) {
    if (name.startsWith(VISIBLE)) {
      return name;
    }
    return HIDDEN_ROOT
        + (name.endsWith(CLASS)
            ? name.substring(0, name.length() - CLASS.length()) + ".classdata"
            : name);
  }

  private static void write(Path to, String version, TreeMap<String, byte[]> entries)
      throws IOException {
    try (OutputStream file = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(at("META-INF/MANIFEST.MF"));
      manifest(version).write(zip);
      zip.closeEntry();
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(stored(entry.getKey(), entry.getValue()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
  }

  /**
   * Uncompressed, unless it is large: an agent's classes are read in each start of a service, and
   * unpacking them would cost it more than the disk's room is worth.
   */
  private static ZipEntry stored(String name, byte[] bytes) {
    ZipEntry entry = at(name);
    if (bytes.length <= STORED_BYTES_MAX) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(bytes.length);
      entry.setCrc(crc.getValue());
    }
    return entry;
  }

  private static ZipEntry at(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(TIME_MS);
    return entry;
  }

  private static Manifest manifest(String version) {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, "io.hdrlog.premain.Agent");
    main.put(new Attributes.Name("Premain-Class"), "io.hdrlog.premain.Agent");
    main.put(new Attributes.Name("Agent-Class"), "io.hdrlog.premain.Agent");
    main.put(new Attributes.Name("Can-Retransform-Classes"), "true");
    main.put(new Attributes.Name("Can-Redefine-Classes"), "true");
    // For the commands only: as an agent the jar cannot grant itself anything (JEP 472).
    main.put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
    main.put(Attributes.Name.IMPLEMENTATION_TITLE, "hdrlog");
    main.put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    return manifest;
  }
}
