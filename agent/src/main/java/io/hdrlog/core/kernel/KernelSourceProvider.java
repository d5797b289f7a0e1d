package io.hdrlog.core.kernel;

import java.nio.file.Path;

/** Opens the kernel stream; implemented where FFM and BPF are known, found by class name. */
public interface KernelSourceProvider {
  /** The implementation's class name, in a module and a loader of its own. */
  String IMPLEMENTATION = "io.hdrlog.bpf.BpfKernelSourceProvider";

  /**
   * Loads and attaches. {@code natives} is a private folder into which the native library and the
   * object file may be unpacked.
   *
   * @throws KernelUnavailableException with a reason a person can act on
   */
  KernelSource open(KernelOptions options, Path natives) throws KernelUnavailableException;
}
