// A row of stream_block has the events of one fold, or of a part of it, in order of seq:
//
//   last   first   oldest  newest  events   body
//    4096      1    12:00   12:01    4096   ...      rows do not overlap: what follows in seq is in
//    8192   4097    11:58   12:02    4096   ...      a later row, or in the tail
//
// Its time is a range only: an event that came late widens it. So a window reads each row whose
// range meets it, and looks at every event there. The two UNIQUE constraints are indexes that keep
// up with the table's name; they find where a window begins, and what has expired.
#include "storage/block_table.hpp"

#include <utility>

#include "shadow_sql.hpp"

namespace topk::storage {

status block_table::put(stream::packed_block const& block) {
  auto const& extent = block.extent;
  auto use = tables_.begin(sql::put_block);
  use.bind(1, extent.last_seq).bind(2, extent.first_seq).bind(3, extent.oldest);
  use.bind(4, extent.newest).bind(5, extent.events).bind(6, byte_view(block.body));
  return use.run();
}

result<stream::block_extent> block_table::extent_of(sqlite::statement::execution const& use) const {
  stream::block_extent extent;
  TOPK_ASSIGN(extent.last_seq, tables_.integer(use, 0, "block"));
  TOPK_ASSIGN(extent.first_seq, tables_.integer(use, 1, "block"));
  TOPK_ASSIGN(extent.oldest, tables_.integer(use, 2, "block"));
  TOPK_ASSIGN(extent.newest, tables_.integer(use, 3, "block"));
  TOPK_ASSIGN(extent.events, tables_.integer(use, 4, "block"));
  return extent;
}

result<bool> block_table::after(std::int64_t seq, micros since, micros until,
                                stream::packed_block& into) {
  auto use = tables_.begin(sql::block_after);
  use.bind(1, seq).bind(2, since).bind(3, until);
  TOPK_ASSIGN(bool const has_row, use.step());
  if (!has_row) return false;
  TOPK_ASSIGN(into.extent, extent_of(use));
  auto const body = use.blob(5);
  into.body.assign(body.begin(), body.end());
  return true;
}

// Some thousand instructions in one run, as a handler is called after so many of one statement; a
// hundredth of the time that it takes to read the events.
status block_table::let_sqlite_count(std::int64_t events) {
  constexpr std::int64_t events_a_run = 64 * 1024;
  uncounted_ += events;
  if (uncounted_ < events_a_run) return {};
  auto use = tables_.begin(sql::count_up);
  return use.bind(1, std::exchange(uncounted_, 0) / 256).run();
}

result<std::int64_t> block_table::before(micros since) {
  if (since == stream::no_time) return std::int64_t{0};
  auto use = tables_.begin(sql::block_since);
  TOPK_TRY(use.bind(1, since).step());
  return tables_.integer(use, 0, "block");
}

status block_table::each_outline(sql id, micros time, std::int64_t limit, visitor const& visit) {
  std::vector<outline> found;  // rows are dropped while they are visited
  {
    auto use = tables_.begin(id);
    use.bind(1, time).bind(2, limit);
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      TOPK_ASSIGN(auto const extent, extent_of(use));
      found.push_back({extent, use.integer(5)});
      return {};
    }));
  }
  for (auto const& one : found) TOPK_TRY(visit(one));
  return {};
}

status block_table::each_until(micros time, std::int64_t limit, visitor const& visit) {
  return each_outline(sql::blocks_until, time, limit, visit);
}

status block_table::each_reaching(micros time, std::int64_t limit, visitor const& visit) {
  return each_outline(sql::blocks_reaching, time, limit, visit);
}

status block_table::each(std::function<status(stream::block_extent const&)> const& visit) {
  auto query = tables_.once(sql::each_block);
  auto use = query.begin();
  return sqlite::for_each_row(use, [&]() -> status {
    TOPK_ASSIGN(auto const extent, extent_of(use));
    return visit(extent);
  });
}

status block_table::drop(std::int64_t last_seq) {
  return tables_.begin(sql::drop_block).bind(1, last_seq).run();
}

status block_table::clear() { return tables_.run(sql::clear_blocks); }

status block_table::measure(std::int64_t& events, std::int64_t& bytes) {
  auto query = tables_.once(sql::block_figures);
  auto use = query.begin();
  TOPK_TRY(use.step());
  TOPK_ASSIGN(events, tables_.integer(use, 0, "block"));
  TOPK_ASSIGN(bytes, tables_.integer(use, 1, "block"));
  return {};
}

}  // namespace topk::storage
