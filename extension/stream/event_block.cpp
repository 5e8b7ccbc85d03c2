// Block v1. FORMAT.md states it field by field; in short:
//
//   envelope   magic, family, version; at the end the checksum (base/sealed_blob.hpp)
//   flags      which of what follows there is
//   extent     number of events, first and last seq, oldest and newest ts
//   events     in order of seq; each:
//                varint   twice the zigzag of what ts has moved by, + 1 if the item is new
//                item     new: header and bytes; else its number, in order of first appearance
//                weight, partition, gap before the seq: each only where some event has one
//
//   'a' 'b' 'a' 'c' 'a'   one a second  ->  [1 a] [3 b] [2 #0] [3 c] [2 #0]
//
// Times are counted in seconds if all are whole, else in microseconds. An item that comes again
// costs two or three bytes. A reader trusts nothing: see block_reader::take_event.
#include "stream/event_block.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/hash.hpp"
#include "base/item_codec.hpp"
#include "base/limits.hpp"
#include "base/sealed_blob.hpp"

namespace topk::stream {
namespace {

constexpr blob_format block_format{"stored block", 0xD5, std::uint8_t{3}, 1};
enum block_flag : std::uint8_t {
  with_weights = 1,
  with_partitions = 2,
  with_gaps = 4,
  in_microseconds = 8,
  all_block_flags = 15
};
constexpr std::size_t least_event_bytes = 2;

// The numbers of items by their first appearance, while a block is packed. Borrows the items: an
// item_map, which copies them, takes 48 instructions an event more, a tenth of what a log costs.
class numbering {
 public:
  numbering(std::size_t most, std::uint64_t seed)
      : seed_(seed), slots_(std::bit_ceil(2 * most + 1), 0) {
    known_.reserve(most);
  }
  // The item's number; that of the next one where it is new.
  std::size_t number_of(item_view const& item) {
    std::uint64_t const hash = hash_item(item, seed_);
    std::size_t const mask = slots_.size() - 1;
    for (auto at = static_cast<std::size_t>(hash >> 32) & mask;; at = (at + 1) & mask) {
      if (slots_[at] == 0) {
        known_.push_back({hash, item});
        slots_[at] = static_cast<std::uint32_t>(known_.size());
        return known_.size() - 1;
      }
      auto const& one = known_[slots_[at] - 1];
      if (one.hash == hash && one.item == item) return slots_[at] - 1;
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

 private:
  struct known {
    std::uint64_t hash;
    item_view item;
  };
  std::uint64_t seed_;
  std::vector<known> known_;
  std::vector<std::uint32_t> slots_;  // number + 1; 0 is free
};

// What the events of a block have in common, found before the first is written.
struct survey {
  block_extent extent;
  std::uint8_t flags = 0;
  std::size_t end = 0;    // of the events looked at
  std::size_t bytes = 0;  // of items and partitions, before any comes again
};

survey look_at(event_batch const& events, std::size_t at, std::size_t end, micros after) {
  survey found;
  auto& extent = found.extent;
  for (; at < end; ++at) {
    auto const event = events[at];
    if (after != no_time && event.ts <= after) continue;
    std::size_t const bytes =
        event.item.bytes.size() + (event.has_partition ? event.partition.bytes.size() : 0);
    bool const is_full = extent.events == std::int64_t{most_block_events} ||
                         (extent.events > 0 && found.bytes + bytes > most_block_bytes);
    if (is_full) break;
    found.bytes += bytes;
    if (extent.events == 0) {
      extent = {event.seq, event.seq, event.ts, event.ts, 0};
    } else if (event.seq != extent.last_seq + 1) {
      found.flags |= with_gaps;
    }
    ++extent.events;
    extent.last_seq = event.seq;
    extent.oldest = std::min(extent.oldest, event.ts);
    extent.newest = std::max(extent.newest, event.ts);
    if (event.weight != 1) found.flags |= with_weights;
    if (event.has_partition) found.flags |= with_partitions;
    if (event.ts % second != 0) found.flags |= in_microseconds;
  }
  found.end = at;
  return found;
}

}  // namespace

packed_block pack_events(event_batch const& events, std::size_t& at, std::size_t end, micros after,
                         std::uint64_t seed) {
  auto const found = look_at(events, at, end, after);
  std::size_t const first = std::exchange(at, found.end);
  auto const& extent = found.extent;
  if (extent.events == 0) return {};

  byte_writer out;
  out.reserve(found.bytes / 2 + 4 * static_cast<std::size_t>(extent.events) + 64);
  begin_sealed(out, block_format);
  out.put(found.flags);
  out.put_varint(static_cast<std::uint64_t>(extent.events));
  out.put_varint(static_cast<std::uint64_t>(extent.first_seq));
  out.put_varint(static_cast<std::uint64_t>(extent.last_seq - extent.first_seq));
  out.put_signed(extent.oldest);
  out.put_varint(static_cast<std::uint64_t>(extent.newest - extent.oldest));

  micros const unit = (found.flags & in_microseconds) != 0 ? 1 : second;
  numbering items(static_cast<std::size_t>(extent.events), seed);
  std::optional<numbering> partitions;
  if ((found.flags & with_partitions) != 0) {
    partitions.emplace(static_cast<std::size_t>(extent.events), seed);
  }
  micros ts = extent.oldest;
  std::int64_t seq = extent.first_seq;
  for (std::size_t i = first; i < found.end; ++i) {
    auto const event = events[i];
    if (after != no_time && event.ts <= after) continue;
    std::size_t const known = items.size();
    std::size_t const number = items.number_of(event.item);
    bool const is_new = number == known;
    out.put_varint(zigzag((event.ts - ts) / unit) << 1 | (is_new ? 1 : 0));
    ts = event.ts;
    if (is_new) put_item(out, event.item);
    else out.put_varint(number);
    if ((found.flags & with_weights) != 0) out.put_signed(event.weight);
    if (partitions) {
      if (!event.has_partition) {
        out.put_varint(0);
      } else {
        std::size_t const met = partitions->size();
        std::size_t const which = partitions->number_of(event.partition);
        out.put_varint(which + 1);
        if (which == met) put_item(out, event.partition);
      }
    }
    if ((found.flags & with_gaps) != 0) {
      out.put_varint(static_cast<std::uint64_t>(event.seq - seq));
      seq = event.seq + 1;
    }
  }
  return {extent, seal(out)};
}

result<block_reader> block_reader::open(byte_view body, block_extent const& stated) {
  TOPK_ASSIGN(auto in, open_sealed(body, block_format));
  auto const flags = in.take<std::uint8_t>();
  if (!flags || (*flags & ~all_block_flags) != 0) return block_format.damaged("unknown flags");
  auto const events = in.take_varint();
  auto const first_seq = in.take_varint();
  auto const seqs = in.take_varint();
  auto const oldest = in.take_signed();
  auto const span = in.take_varint();
  auto const most = static_cast<std::uint64_t>(greatest_stored);
  bool const is_sound = span && *events >= 1 && *events <= most_block_events &&
                        in.can_hold(*events, least_event_bytes) && *first_seq >= 1 &&
                        *first_seq <= most && *seqs <= most - *first_seq &&
                        *oldest >= earliest_time && *oldest <= latest_time &&
                        *span <= static_cast<std::uint64_t>(latest_time - *oldest);
  if (!is_sound) return block_format.damaged("bad extent");
  block_extent const found{
      static_cast<std::int64_t>(*first_seq), static_cast<std::int64_t>(*first_seq + *seqs), *oldest,
      *oldest + static_cast<micros>(*span), static_cast<std::int64_t>(*events)};
  if (found != stated) return block_format.damaged("its row states another extent");
  return block_reader(in, found, *flags);
}

bool block_reader::next(event_fields& event) {
  if (read_ == stated_.events || is_damaged_) return false;
  is_damaged_ = !take_event(event);
  if (is_damaged_) return false;
  ++read_;
  return true;
}

status block_reader::finish() const {
  bool const is_whole = read_ == stated_.events && in_.remaining() == 0 && met_oldest_ &&
                        met_newest_ && seq_ == stated_.last_seq + 1;
  if (is_damaged_ || (read_ == stated_.events && !is_whole)) {
    return block_format.damaged("bad event");
  }
  return {};
}

// An item, or a partition, that the block did not have yet.
bool block_reader::take_new(std::vector<item_view>& into) {
  if (into.empty()) {
    into.reserve(std::min(static_cast<std::size_t>(stated_.events), in_.remaining() / 2 + 1));
  }
  char number[item_number_bytes];
  char* number_at = number;
  item_view item;
  if (!take_item(in_, number_at, item)) return false;
  if (item.type == item_type::integer) {
    if (numbers_.empty()) {
      std::size_t const kinds = (flags_ & with_partitions) != 0 ? 2 : 1;
      numbers_.reserve(kinds * item_number_bytes * static_cast<std::size_t>(stated_.events));
    }
    numbers_.insert(numbers_.end(), number, number + item_number_bytes);
    item.bytes = {numbers_.data() + numbers_.size() - item_number_bytes, item_number_bytes};
  }
  into.push_back(item);
  return true;
}

bool block_reader::take_partition(event_fields& event) {
  std::uint64_t which = 0;
  if (!in_.take_varint(which) || which > partitions_.size() + 1) return false;
  event.has_partition = which > 0;
  if (which == 0) return true;
  if (which == partitions_.size() + 1 && !take_new(partitions_)) return false;
  event.partition = partitions_[static_cast<std::size_t>(which) - 1];
  return true;
}

bool block_reader::take_event(event_fields& event) {
  std::uint64_t head = 0;
  if (!in_.take_varint(head)) return false;
  // What ts has moved by lies within the extent, so that no sum wraps.
  std::int64_t const moved = unzigzag(head >> 1);
  micros const unit = (flags_ & in_microseconds) != 0 ? 1 : second;
  micros const widest = stated_.newest - stated_.oldest;
  if (moved > widest / unit || moved < -(widest / unit)) return false;
  ts_ += moved * unit;
  if (ts_ < stated_.oldest || ts_ > stated_.newest) return false;
  met_oldest_ = met_oldest_ || ts_ == stated_.oldest;
  met_newest_ = met_newest_ || ts_ == stated_.newest;

  if ((head & 1) != 0) {
    item_number_ = items_.size();
    if (!take_new(items_)) return false;
  } else {
    std::uint64_t number = 0;
    if (!in_.take_varint(number) || number >= items_.size()) return false;
    item_number_ = static_cast<std::size_t>(number);
  }
  event = {.ts = ts_, .item = items_[item_number_]};
  if ((flags_ & with_weights) != 0) {
    std::uint64_t spelled = 0;
    if (!in_.take_varint(spelled)) return false;
    event.weight = unzigzag(spelled);
    bool const is_weight =
        event.weight != 0 && event.weight >= -greatest_weight && event.weight <= greatest_weight;
    if (!is_weight) return false;
  }
  if ((flags_ & with_partitions) != 0 && !take_partition(event)) return false;
  if ((flags_ & with_gaps) != 0) {
    std::uint64_t gap = 0;
    if (!in_.take_varint(gap) || gap > static_cast<std::uint64_t>(stated_.last_seq - seq_)) {
      return false;
    }
    seq_ += static_cast<std::int64_t>(gap);
  }
  if (seq_ > stated_.last_seq) return false;
  event.seq = seq_++;
  return true;
}

}  // namespace topk::stream
