// The log of one stream, in either form, and what the head states of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "live/definition.hpp"
#include "storage/shadow_store.hpp"
#include "stream/event_block.hpp"
#include "stream/stream_head.hpp"
#include "stream/window_cover.hpp"

namespace topk::live {

class event_log {
 public:
  // Borrows both.
  event_log(definition const& what, storage::shadow_store& store) noexcept
      : definition_(what), store_(store) {}

  // Whether events get there by a fold; else there is no log, or they are rows of it by then.
  [[nodiscard]] bool is_in_blocks() const noexcept {
    return store_.log() == storage::log_form::blocks;
  }
  struct amount {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
  };
  // Blocks only: logs the first `count` events but for those at or before `expired`.
  result<amount> append(stream::event_batch const& events, std::size_t count, micros expired);
  // Erases what the head no longer retains: `most_rows` rows, or blocks until that many are
  // reached. Blocks are lazy: see event_log.cpp.
  status expire(stream::stream_head& head, std::int64_t most_rows);
  // Erases all of it.
  status expire_fully(stream::stream_head& head);
  // Erases the item's events.
  status forget(item_view const& item, stream::stream_head& head);
  // Sets what the head states to what is there. Blocks only; of rows it keeps an estimate.
  status measure(stream::stream_head& head);

 private:
  status expire_rows(stream::stream_head& head, std::int64_t most_rows);
  status expire_blocks(stream::stream_head& head, std::int64_t most_rows, micros worn);
  using choice = std::function<bool(stream::event_fields const&)>;
  status rewrite(stream::packed_block const& block, choice const& keeps, stream::stream_head& head);
  status drop(storage::block_table::outline const& block, stream::stream_head& head);

  definition const& definition_;
  storage::shadow_store& store_;
};

// Reads the events of a stream whose log is in blocks: those of the log, then those that no fold
// has taken yet, pending ones included; in order of seq. Events that come in later are not read,
// and those that a fold moves meanwhile are read once.
class event_cursor {
 public:
  // `waiting` are the events that no fold has taken, as they will be at each call of next().
  event_cursor(storage::shadow_store& store, stream::event_batch const& waiting,
               stream::time_span span, std::int64_t last_seq);

  // False: there are no more. The views in `event` are valid until the next call.
  result<bool> next(stream::event_fields& event);

  // By whole blocks, for what counts faster so. Null: no block is left; next() has the rest. The
  // caller reads all of it, and leaves out what is not in the span; damage that it has met is the
  // next call's error.
  result<stream::block_reader*> next_block();

 private:
  result<bool> open_block();
  bool take_waiting();
  [[nodiscard]] bool is_wanted(stream::event_fields const& event) const noexcept {
    return event.ts > span_.since && event.ts <= span_.until && event.seq <= last_seq_;
  }

  storage::shadow_store& store_;
  stream::event_batch const& waiting_;
  stream::time_span span_;
  std::int64_t last_seq_;
  std::int64_t at_ = -1;  // seq up to which all has been read; -1: not begun
  stream::packed_block block_;
  std::optional<stream::block_reader> reader_;  // of block_
  stream::event_batch taken_;                   // some waiting events
  std::size_t next_taken_ = 0;
};

}  // namespace topk::live
