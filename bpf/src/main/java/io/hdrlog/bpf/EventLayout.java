package io.hdrlog.bpf;

import java.util.List;

/** Generated from {@code hdrlog.h} by EventLayoutTest; not to be edited. */
final class EventLayout {
  static final int TYPE_JOURNAL = 1;
  static final int TYPE_PAUSE = 2;

  /** struct hdrlog_journal */
  static final int JOURNAL_BYTES = 800;

  static final int JOURNAL_TYPE = 0;
  static final int JOURNAL_FLAGS = 4;
  static final int JOURNAL_COOKIE = 8;
  static final int JOURNAL_ESTABLISHED_NS = 16;
  static final int JOURNAL_ACCEPTED_NS = 24;
  static final int JOURNAL_LOCAL_ADDRESS = 32;
  static final int JOURNAL_LOCAL_ADDRESS_LENGTH = 16;
  static final int JOURNAL_REMOTE_ADDRESS = 48;
  static final int JOURNAL_REMOTE_ADDRESS_LENGTH = 16;
  static final int JOURNAL_LOCAL_PORT = 64;
  static final int JOURNAL_REMOTE_PORT = 66;
  static final int JOURNAL_SRTT_US = 68;
  static final int JOURNAL_COUNT = 72;
  static final int JOURNAL_COUNT_LENGTH = 5;
  static final int JOURNAL_ZERO = 92;
  static final int JOURNAL_RECENT_ARRIVAL = 96;
  static final int JOURNAL_RECENT_ARRIVAL_LENGTH = 2;
  static final int JOURNAL_RECENT_READ = 128;
  static final int JOURNAL_RECENT_READ_LENGTH = 2;
  static final int JOURNAL_RECENT_SEND = 160;
  static final int JOURNAL_RECENT_SEND_LENGTH = 2;
  static final int JOURNAL_RECENT_ACK = 192;
  static final int JOURNAL_RECENT_ACK_LENGTH = 2;
  static final int JOURNAL_ARRIVAL = 224;
  static final int JOURNAL_ARRIVAL_LENGTH = 8;
  static final int JOURNAL_READ = 352;
  static final int JOURNAL_READ_LENGTH = 8;
  static final int JOURNAL_SEND = 480;
  static final int JOURNAL_SEND_LENGTH = 8;
  static final int JOURNAL_ACK = 608;
  static final int JOURNAL_ACK_LENGTH = 8;
  static final int JOURNAL_RETRANSMIT = 736;
  static final int JOURNAL_RETRANSMIT_LENGTH = 4;

  /** struct hdrlog_listener */
  static final int LISTENER_BYTES = 8;

  static final int LISTENER_NETNS = 0;
  static final int LISTENER_PORT = 4;
  static final int LISTENER_ZERO = 6;

  /** struct hdrlog_losses */
  static final int LOSSES_BYTES = 40;

  static final int LOSSES_RING_FULL = 0;
  static final int LOSSES_MARKS_OVERWRITTEN = 8;
  static final int LOSSES_JOURNALS_FULL = 16;
  static final int LOSSES_CALLS_FULL = 24;
  static final int LOSSES_DESCRIPTOR_UNREAD = 32;

  /** The fields in their order, eight bytes each. */
  static final List<String> LOSSES_NAMES =
      List.of("ring_full", "marks_overwritten", "journals_full", "calls_full", "descriptor_unread");

  /** struct hdrlog_mark */
  static final int MARK_BYTES = 16;

  static final int MARK_NS = 0;
  static final int MARK_POSITION = 8;
  static final int MARK_SEGMENTS = 12;

  /** struct hdrlog_pause */
  static final int PAUSE_BYTES = 24;

  static final int PAUSE_TYPE = 0;
  static final int PAUSE_ZERO = 4;
  static final int PAUSE_BEGIN_NS = 8;
  static final int PAUSE_END_NS = 16;

  /** struct hdrlog_settings */
  static final int SETTINGS_BYTES = 8;

  static final int SETTINGS_FD_OFFSET = 0;
  static final int SETTINGS_OUTBOUND = 4;
  static final int SETTINGS_BY_HASH = 5;
  static final int SETTINGS_COOKIE_HELPER = 6;
  static final int SETTINGS_ZERO = 7;

  private EventLayout() {}
}
