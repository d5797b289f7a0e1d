package io.hdrlog.core.write;

import java.nio.file.Path;

/**
 * Where records go, when a file is closed, and what is kept.
 *
 * @param service in a form that is safe in a file's name
 * @param rotateTimeNs 0: never by time
 * @param keepTotalBytes of closed files
 */
public record LogFileOptions(
    Path dir,
    String service,
    long rotateSizeBytes,
    long rotateTimeNs,
    int keepFiles,
    long keepTotalBytes,
    boolean compress) {}
