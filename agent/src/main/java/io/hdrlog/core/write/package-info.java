/**
 * Files: {@link io.hdrlog.core.write.LogFile} is what the consumer writes records to, {@link
 * io.hdrlog.core.write.Housekeeper} what happens to closed files on a thread of its own, and {@link
 * io.hdrlog.core.write.FileNames} how all of them are named.
 */
package io.hdrlog.core.write;
