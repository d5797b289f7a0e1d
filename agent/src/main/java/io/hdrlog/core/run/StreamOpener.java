package io.hdrlog.core.run;

import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.merge.Correlator;

/** What the consumer opens when its thread starts, off the application's main thread. */
interface StreamOpener {
  /** The kernel stream, or null where it is not to be had; says which, and why, in the log. */
  KernelSource openKernel();

  /** The correlator for the streams that are there. */
  Correlator newCorrelator(KernelSource kernel);
}
