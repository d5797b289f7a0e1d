/**
 * The kernel stream: BPF programs loaded with libbpf through FFM, their ring read by mmap.
 *
 * <pre>
 *   BpfKernelSourceProvider   checks what can be known beforehand, unpacks libbpf
 *     BpfLoader               chooses hooks (Probes), loads, attaches; what is refused is left out
 *       BpfObject             hdrlog.bpf.o in the kernel
 *       NativeCallHooks       uprobes on libraries, as those appear (MappedLibrary)
 *         Libbpf              the few calls that all this is, in C's hands (library.h)
 *     BpfKernelSource         poll(): RingReader hands JournalView to the correlator
 * </pre>
 *
 * <p>Compiled by a newer JDK for 21 without a release, this package keeps to what the foreign
 * function API of 21 (a preview there) and of 22 and newer share: no allocateFrom, no getString, no
 * VarHandles of layouts.
 */
package io.hdrlog.bpf;
