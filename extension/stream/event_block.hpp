// Some thousand logged events in one blob.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/status.hpp"
#include "stream/event_batch.hpp"

namespace topk::stream {

// What a block holds, as its row states it beside the blob.
struct block_extent {
  std::int64_t first_seq = 0;
  std::int64_t last_seq = 0;
  micros oldest = no_time;  // least and greatest ts
  micros newest = no_time;
  std::int64_t events = 0;
  friend bool operator==(block_extent const&, block_extent const&) = default;
};

struct packed_block {
  block_extent extent;
  std::vector<std::byte> body;
};

// More events than this, or items of more bytes but for a single event, begin another block.
inline constexpr std::size_t most_block_events = 4096;
inline constexpr std::size_t most_block_bytes = 64 * 1024;

// Packs the events from `at` on that are younger than `after` (no_time: all), until the block is
// full or `end` is reached, and moves `at` behind the last one looked at. No events: there was
// none. `seed` is the stream's; the bytes do not depend on it.
[[nodiscard]] packed_block pack_events(event_batch const& events, std::size_t& at, std::size_t end,
                                       micros after, std::uint64_t seed);

// Reads a block event by event, in order of seq. Borrows the blob.
class block_reader {
 public:
  // errc::corrupt, errc::unsupported_version; also where the blob is not as `stated`.
  static result<block_reader> open(byte_view body, block_extent const& stated);

  // False: there are no more, or the rest is damaged: see finish(). The views in `event` are valid
  // as long as the blob and this object.
  bool next(event_fields& event);
  // Errors of what next() has read.
  [[nodiscard]] status finish() const;

  // The event's item, in items().
  [[nodiscard]] std::size_t item_number() const noexcept { return item_number_; }
  // The distinct items met so far, in order of their first event.
  [[nodiscard]] std::vector<item_view> const& items() const noexcept { return items_; }

 private:
  block_reader(byte_reader in, block_extent const& stated, std::uint8_t flags)
      : in_(in), stated_(stated), flags_(flags), seq_(stated.first_seq), ts_(stated.oldest) {}

  bool take_event(event_fields& event);
  bool take_new(std::vector<item_view>& into);
  bool take_partition(event_fields& event);

  byte_reader in_;
  block_extent stated_;
  std::uint8_t flags_;
  std::int64_t seq_;
  micros ts_;
  std::int64_t read_ = 0;
  bool is_damaged_ = false;
  bool met_oldest_ = false;
  bool met_newest_ = false;
  std::size_t item_number_ = 0;
  std::vector<item_view> items_;
  std::vector<item_view> partitions_;
  // The eight bytes of INTEGERs, which are not stored as such; room for all is made at once, so
  // that none moves.
  std::vector<char> numbers_;
};

}  // namespace topk::stream
