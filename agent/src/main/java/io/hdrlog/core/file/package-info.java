/** What every file of the agent needs: one writer only, whole lines only, times as text. */
package io.hdrlog.core.file;
