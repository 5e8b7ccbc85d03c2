// Which table has an event, from the INSERT to the end of its retention:
//
//              stream_tail          stream_pane, stream_part        stream_log
//   flush      a row                -                               a row, unless it is held
//   commit     the same             -                               a row in any case
//   fold       deleted              counted                         the same
//   expired    -                    the pane is merged upward       deleted
//                                   or deleted
//
// What concerns two tables at once is here; the rest is in the file of its table.
#include "storage/shadow_store.hpp"

namespace topk::storage {

status shadow_store::log_held(std::int64_t folded) {
  TOPK_TRY(log_.take_held());
  TOPK_TRY(tail_.release_held());
  return tail_.drop(folded);
}

status shadow_store::clear_all(bool with_log) {
  TOPK_TRY(tail_.clear());
  TOPK_TRY(panes_.clear());
  TOPK_TRY(keys_.clear());
  TOPK_TRY(ahead_.clear());
  return with_log ? log_.clear() : status{};
}

}  // namespace topk::storage
