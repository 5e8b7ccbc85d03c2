// Events of a stream in order of seq, and who has them:
//
//   seq   1 ........... 4096 | 4097 ....... 8192 | 8193 ... 9000 | 9001 ... 9017
//         block              | block             | tail          | pending
//                                        fold:   |---> a block
//
// A fold moves the boundary between blocks and tail to the right, and may do so while a statement
// reads. So a cursor keeps no place in either, only the seq that it has reached: it asks for the
// block behind that, and where there is none, copies some events of the tail.
//
// What has expired is passed over by whoever reads. On disk, blocks go whole when their newest
// event has expired. A block that reaches far back, as late events make it, is written again
// without what has expired once its oldest has been gone for a sixteenth of `retain`.
#include "live/event_log.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/saturate.hpp"

namespace topk::live {
namespace {

using stream::event_batch;
using stream::event_fields;
using stream::no_time;
using stream::packed_block;
using stream::stream_head;

// Of the tail, copied at once.
constexpr std::size_t taken_at_once = 256;
// Of most blocks; what bounds how many are looked at for a number of rows.
constexpr std::int64_t fewest_events = 16;
constexpr std::int64_t all_rows = std::numeric_limits<std::int64_t>::max();

// The same error, and which row it came of.
status named(storage::shadow_store const& store, packed_block const& block, status failed) {
  if (failed) return failed;
  failed.message = store.shadow("block") + " last=" + std::to_string(block.extent.last_seq) + ": " +
                   failed.message;
  return failed;
}

result<stream::block_reader> open(storage::shadow_store const& store, packed_block const& block) {
  auto reader = stream::block_reader::open(block.body, block.extent);
  if (!reader) return named(store, block, std::move(reader).error());
  return reader;
}

void lower(std::int64_t& sum, std::int64_t by) noexcept {
  sum = std::max<std::int64_t>(sum - by, 0);
}

}  // namespace

// ---- writing

result<event_log::amount> event_log::append(event_batch const& events, std::size_t count,
                                            micros expired) {
  amount logged;
  for (std::size_t at = 0; at < count;) {
    auto const block = stream::pack_events(events, at, count, expired, definition_.seed());
    if (block.extent.events == 0) break;
    TOPK_TRY(store_.blocks().put(block));
    logged.rows += block.extent.events;
    logged.bytes += static_cast<std::int64_t>(block.body.size());
  }
  return logged;
}

status event_log::expire(stream_head& head, std::int64_t most_rows) {
  if (!is_in_blocks()) return expire_rows(head, most_rows);
  micros const retain = definition_.options().retain;
  return expire_blocks(head, most_rows, head.retained_after(retain + retain / 16));
}

status event_log::expire_fully(stream_head& head) {
  if (!is_in_blocks()) return expire_rows(head, all_rows);
  return expire_blocks(head, all_rows, head.retained_after(definition_.options().retain));
}

status event_log::expire_rows(stream_head& head, std::int64_t most_rows) {
  if (head.reference == no_time || store_.log() == storage::log_form::none) return {};
  TOPK_ASSIGN(auto const erased,
              store_.rows().expire(head.retained_after(definition_.options().retain), most_rows));
  head.unlog(erased);
  return {};
}

// `worn`: blocks with an event at or before this time are written again.
status event_log::expire_blocks(stream_head& head, std::int64_t most_rows, micros worn) {
  if (head.reference == no_time) return {};
  std::int64_t const most_blocks = most_rows / fewest_events + 1;
  std::int64_t reached = 0;
  auto const counts = [&](storage::block_table::outline const& block) {
    if (reached >= most_rows) return false;
    reached = add_saturated(reached, block.extent.events);
    return true;
  };
  micros const expired = head.retained_after(definition_.options().retain);
  TOPK_TRY(store_.blocks().each_until(expired, most_blocks, [&](auto const& block) {
    return counts(block) ? drop(block, head) : status{};
  }));
  return store_.blocks().each_reaching(worn, most_blocks, [&](auto const& outline) -> status {
    if (!counts(outline)) return {};
    packed_block block;
    TOPK_ASSIGN(bool const is_there,
                store_.blocks().after(outline.extent.last_seq - 1, no_time, latest_time, block));
    if (!is_there || block.extent != outline.extent) return {};
    return rewrite(
        block, [&](event_fields const& event) { return event.ts > expired; }, head);
  });
}

status event_log::drop(storage::block_table::outline const& block, stream_head& head) {
  lower(head.log_rows, block.extent.events);
  lower(head.log_bytes, block.bytes);
  return store_.blocks().drop(block.extent.last_seq);
}

// Writes a block again with the events that `keeps` accepts.
status event_log::rewrite(packed_block const& block, choice const& keeps, stream_head& head) {
  TOPK_ASSIGN(auto reader, open(store_, block));
  event_batch kept;
  for (event_fields event; reader.next(event);) {
    if (keeps(event)) kept.append(event);
  }
  TOPK_TRY(named(store_, block, reader.finish()));
  if (kept.size() == static_cast<std::size_t>(block.extent.events)) return {};
  TOPK_TRY(drop({block.extent, static_cast<std::int64_t>(block.body.size())}, head));
  for (std::size_t at = 0; at < kept.size();) {
    auto const packed = stream::pack_events(kept, at, kept.size(), no_time, definition_.seed());
    TOPK_TRY(store_.blocks().put(packed));
    head.log_rows += packed.extent.events;
    head.log_bytes += static_cast<std::int64_t>(packed.body.size());
  }
  return {};
}

status event_log::forget(item_view const& item, stream_head& head) {
  if (store_.log() == storage::log_form::none) return {};
  if (!is_in_blocks()) {
    TOPK_ASSIGN(auto const erased, store_.rows().forget(item));
    head.unlog(erased);
    return {};
  }
  packed_block block;
  for (std::int64_t at = 0;;) {
    TOPK_ASSIGN(bool const is_there, store_.blocks().after(at, no_time, latest_time, block));
    if (!is_there) return {};
    at = block.extent.last_seq;
    TOPK_TRY(rewrite(
        block, [&](event_fields const& event) { return !(event.item == item); }, head));
  }
}

status event_log::measure(stream_head& head) {
  if (!is_in_blocks()) return {};
  return store_.blocks().measure(head.log_rows, head.log_bytes);
}

// ---- reading

event_cursor::event_cursor(storage::shadow_store& store, event_batch const& waiting,
                           stream::time_span span, std::int64_t last_seq)
    : store_(store), waiting_(waiting), span_(span), last_seq_(last_seq) {}

result<bool> event_cursor::open_block() {
  if (at_ < 0) {
    TOPK_ASSIGN(at_, store_.blocks().before(span_.since));
    at_ = std::max<std::int64_t>(at_, 0);
  }
  if (at_ >= last_seq_) return false;
  TOPK_ASSIGN(bool const is_there, store_.blocks().after(at_, span_.since, span_.until, block_));
  if (!is_there) return false;
  TOPK_ASSIGN(reader_, open(store_, block_));
  TOPK_TRY(store_.blocks().let_sqlite_count(block_.extent.events));
  return true;
}

// Copies what follows of the events that wait.
bool event_cursor::take_waiting() {
  taken_.clear();
  next_taken_ = 0;
  for (std::size_t i = waiting_.position_from(at_ + 1);
       i < waiting_.size() && taken_.size() < taken_at_once; ++i) {
    auto const event = waiting_[i];
    if (event.seq > last_seq_) break;
    if (is_wanted(event)) taken_.append(event);
    at_ = event.seq;
  }
  return !taken_.empty();
}

result<bool> event_cursor::next(event_fields& event) {
  for (;;) {
    if (reader_) {
      while (reader_->next(event)) {
        if (event.seq <= at_ || !is_wanted(event)) continue;
        at_ = event.seq;
        return true;
      }
      TOPK_TRY(named(store_, block_, reader_->finish()));
      at_ = std::max(at_, block_.extent.last_seq);
      reader_.reset();
    }
    if (next_taken_ < taken_.size()) {
      event = taken_[next_taken_++];
      return true;
    }
    TOPK_ASSIGN(bool const has_block, open_block());
    if (!has_block && !take_waiting()) return false;
  }
}

result<stream::block_reader*> event_cursor::next_block() {
  if (reader_) {
    TOPK_TRY(named(store_, block_, reader_->finish()));
    at_ = block_.extent.last_seq;
  }
  reader_.reset();
  TOPK_ASSIGN(bool const has_block, open_block());
  return has_block ? &*reader_ : nullptr;
}

}  // namespace topk::live
