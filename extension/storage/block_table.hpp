// The shadow table stream_block: the log of a stream of format 2, some thousand events a row.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "storage/shadow_tables.hpp"
#include "stream/event_block.hpp"

namespace topk::storage {

class block_table {
 public:
  explicit block_table(shadow_tables& of) noexcept : tables_(of) {}

  status put(stream::packed_block const& block);
  // The first block with events after this seq that may lie in the span. False: there is none.
  result<bool> after(std::int64_t seq, micros since, micros until, stream::packed_block& into);
  // Gives SQLite something to do for so many events: progress handlers and interrupts come between
  // its instructions, and reading a block takes few of them.
  status let_sqlite_count(std::int64_t events);
  // A seq before all blocks that may have events younger than this: where to begin with after().
  result<std::int64_t> before(micros since);

  // A block without its events.
  struct outline {
    stream::block_extent extent;
    std::int64_t bytes = 0;  // of its blob
  };
  using visitor = std::function<status(outline const&)>;
  // Blocks whose events are all at or before this time, oldest first, at most `limit`. The visitor
  // may drop the block.
  status each_until(micros time, std::int64_t limit, visitor const& visit);
  // Blocks with an event at or before this time, likewise.
  status each_reaching(micros time, std::int64_t limit, visitor const& visit);
  // All of them, in order of seq.
  status each(std::function<status(stream::block_extent const&)> const& visit);
  status drop(std::int64_t last_seq);
  status clear();
  // How many events the blocks have, and how many bytes.
  status measure(std::int64_t& events, std::int64_t& bytes);

 private:
  result<stream::block_extent> extent_of(sqlite::statement::execution const& use) const;
  status each_outline(sql id, micros time, std::int64_t limit, visitor const& visit);

  shadow_tables& tables_;
  std::int64_t uncounted_ = 0;
};

}  // namespace topk::storage
