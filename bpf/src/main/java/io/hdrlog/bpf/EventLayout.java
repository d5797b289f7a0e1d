package io.hdrlog.bpf;

import java.util.List;

/** Generated from {@code hdrlog.h} by EventLayoutTest; not to be edited. */
final class EventLayout {
  static final int TYPE_JOURNAL = 1;
  static final int TYPE_PAUSE = 2;
  static final int TYPE_EXCHANGE = 3;

  /** struct hdrlog_exchange */
  static final int EXCHANGE_BYTES = 120;

  static final int EXCHANGE_TYPE = 0;
  static final int EXCHANGE_FLAGS = 2;
  static final int EXCHANGE_SRTT_US = 4;
  static final int EXCHANGE_COOKIE = 8;
  static final int EXCHANGE_LOCAL_ADDRESS = 16;
  static final int EXCHANGE_LOCAL_ADDRESS_LENGTH = 16;
  static final int EXCHANGE_REMOTE_ADDRESS = 32;
  static final int EXCHANGE_REMOTE_ADDRESS_LENGTH = 16;
  static final int EXCHANGE_LOCAL_PORT = 48;
  static final int EXCHANGE_REMOTE_PORT = 50;
  static final int EXCHANGE_COUNT = 52;
  static final int EXCHANGE_COUNT_LENGTH = 5;
  static final int EXCHANGE_POSITION = 72;
  static final int EXCHANGE_POSITION_LENGTH = 4;
  static final int EXCHANGE_NS = 88;
  static final int EXCHANGE_NS_LENGTH = 4;

  /** struct hdrlog_journal */
  static final int JOURNAL_BYTES = 904;

  static final int JOURNAL_TYPE = 0;
  static final int JOURNAL_FLAGS = 2;
  static final int JOURNAL_ZERO = 4;
  static final int JOURNAL_COOKIE = 8;
  static final int JOURNAL_ESTABLISHED_NS = 16;
  static final int JOURNAL_ACCEPTED_NS = 24;
  static final int JOURNAL_LOCAL_ADDRESS = 32;
  static final int JOURNAL_LOCAL_ADDRESS_LENGTH = 16;
  static final int JOURNAL_REMOTE_ADDRESS = 48;
  static final int JOURNAL_REMOTE_ADDRESS_LENGTH = 16;
  static final int JOURNAL_LOCAL_PORT = 64;
  static final int JOURNAL_REMOTE_PORT = 66;
  static final int JOURNAL_RETRANSMITS = 68;
  static final int JOURNAL_RECENT = 72;
  static final int JOURNAL_RECENT_LENGTH = 4;
  static final int JOURNAL_OLDER = 328;
  static final int JOURNAL_OLDER_LENGTH = 32;
  static final int JOURNAL_RETRANSMIT = 840;
  static final int JOURNAL_RETRANSMIT_LENGTH = 4;

  /** struct hdrlog_listener */
  static final int LISTENER_BYTES = 8;

  static final int LISTENER_NETNS = 0;
  static final int LISTENER_PORT = 4;
  static final int LISTENER_ZERO = 6;

  /** struct hdrlog_losses */
  static final int LOSSES_BYTES = 48;

  static final int LOSSES_RING_FULL = 0;
  static final int LOSSES_MARKS_OVERWRITTEN = 8;
  static final int LOSSES_JOURNALS_FULL = 16;
  static final int LOSSES_CALLS_FULL = 24;
  static final int LOSSES_DESCRIPTOR_UNREAD = 32;
  static final int LOSSES_ARRIVALS_UNSEEN = 40;

  /** The fields in their order, eight bytes each. */
  static final List<String> LOSSES_NAMES =
      List.of(
          "ring_full",
          "marks_overwritten",
          "journals_full",
          "calls_full",
          "descriptor_unread",
          "arrivals_unseen");

  /** struct hdrlog_mark */
  static final int MARK_BYTES = 16;

  static final int MARK_NS = 0;
  static final int MARK_POSITION = 8;
  static final int MARK_SEGMENTS = 12;

  /** struct hdrlog_marks */
  static final int MARKS_BYTES = 64;

  static final int MARKS_COUNT = 0;
  static final int MARKS_REPORTED = 4;
  static final int MARKS_NS = 8;
  static final int MARKS_NS_LENGTH = 4;
  static final int MARKS_POSITION = 40;
  static final int MARKS_POSITION_LENGTH = 4;
  static final int MARKS_SRTT_US = 56;
  static final int MARKS_ZERO = 60;

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
