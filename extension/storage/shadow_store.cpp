// Which table has an event, from the INSERT to the end of its retention:
//
//              stream_tail          stream_pane, stream_part        the log
//   flush      a row                -                               -
//   commit     the same             -                               -
//   fold       deleted              counted                         in a row of stream_block
//   expired    -                    the pane is merged upward       the row is deleted, or written
//                                   or deleted                      again without the event
//
// A stream of format 1 has stream_log in place of stream_block, and a row there for each event from
// the flush on, unless it is held: then from the commit on.
//
// What concerns two tables at once is here; the rest is in the file of its table.
#include "storage/shadow_store.hpp"

#include <utility>

namespace topk::storage {

status shadow_store::log_held(std::int64_t folded) {
  TOPK_TRY(rows_.take_held());
  TOPK_TRY(tail_.release_held());
  return tail_.drop(folded);
}

status shadow_store::clear_all() {
  TOPK_TRY(tail_.clear());
  TOPK_TRY(panes_.clear());
  TOPK_TRY(keys_.clear());
  TOPK_TRY(ahead_.clear());
  switch (log()) {
    case log_form::none: return {};
    case log_form::rows: return rows_.clear();
    case log_form::blocks: return blocks_.clear();
  }
  return {};
}

status shadow_store::look_for_log() {
  if (log() == log_form::none) return {};
  auto const unless_damaged = [](status failed) {
    return failed.code == errc::corrupt ? status{} : std::move(failed);
  };
  // A view in place of the config table would run foreign code.
  if (auto whole = check_tables(); !whole) return unless_damaged(std::move(whole));
  auto const format = config_.integer("format");
  if (!format) return unless_damaged(format.error());
  if (*format) set_log(form_of(**format));
  auto const old = config_.integer("old_log");
  if (!old) return unless_damaged(old.error());
  set_old_log(old->has_value());
  return {};
}

}  // namespace topk::storage
