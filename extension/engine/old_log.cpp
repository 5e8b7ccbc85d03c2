// From rows to blocks, for 'optimize':
//
//   before   stream_log     one row an event, clustered by time
//   after    stream_block   4,096 events a row, in order of seq
//            stream_log     empty; config has the key old_log
//
// The empty table stays until the stream is dropped: DROP TABLE fails while any statement runs, and
// a command is a statement. It is marked in the config table, as a table of this name beside blocks
// may be the user's.
#include "engine/old_log.hpp"

#include <string>

#include "engine/event_source.hpp"

namespace topk::engine {
namespace {

using stream::event_batch;
using stream::event_fields;

// Takes events in order of seq and writes them as blocks.
class packing {
 public:
  explicit packing(live::open_stream& state) : state_(state) {}

  status take(event_fields const& event) {
    if (event.seq <= last_seq_) {
      return failure(errc::corrupt, "a row of " + state_.store().shadow("log") +
                                        " has seq=" + std::to_string(event.seq) +
                                        ", where seq is " + std::to_string(last_seq_) + " already");
    }
    last_seq_ = event.seq;
    batch_.append(event);
    bool const is_full = batch_.size() == stream::most_block_events ||
                         batch_.used_bytes() >= 2 * stream::most_block_bytes;
    return is_full ? write() : status{};
  }

  status write() {
    // An interrupt within a write would undo the user's transaction.
    TOPK_TRY(state_.store().stop_if_interrupted());
    TOPK_TRY(state_.log().append(batch_, batch_.size(), stream::no_time));
    batch_.clear();
    return {};
  }

 private:
  live::open_stream& state_;
  std::int64_t last_seq_ = 0;
  event_batch batch_;
};

status check_is_free(live::open_stream& state) {
  auto& store = state.store();
  TOPK_ASSIGN(bool const is_taken, store.is_taken("block"));
  if (is_taken) {
    return failure(errc::constraint, "optimize: the log of stream " + store.name() +
                                         " is to move to " + store.shadow("block") +
                                         ", a name that is taken; rename what has it");
  }
  TOPK_ASSIGN(auto const root, store.rows().root());
  TOPK_ASSIGN(bool const is_read, state.host().is_being_read(store.schema(), root));
  if (!is_read) return {};
  return failure(errc::constraint, "optimize: a statement is reading the log of stream " +
                                       store.name() + "; let it end first");
}

}  // namespace

status move_old_log(live::open_stream& state, stream::stream_head& head) {
  auto& store = state.store();
  if (store.log() != storage::log_form::rows) return {};
  TOPK_TRY(check_is_free(state));
  TOPK_TRY(store.create_blocks());
  packing blocks(state);
  auto const expired = state.retained_after();
  TOPK_TRY(event_source(state).each_by_seq([&](event_fields const& event) {
    return event.ts > expired ? blocks.take(event) : status{};
  }));
  TOPK_TRY(blocks.write());
  TOPK_TRY(store.rows().clear());
  TOPK_TRY(store.config().put("format", storage::format_of_blocks));
  TOPK_TRY(store.config().put("old_log", std::int64_t{1}));
  store.set_log(storage::log_form::blocks);
  return state.log().measure(head);
}

}  // namespace topk::engine
