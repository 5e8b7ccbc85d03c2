// The events between two folds: what is stored, what is pending, and what each step undoes.
#include "live/live_tail.hpp"

#include <catch2/catch.hpp>

#include "base/item.hpp"

namespace {

using topk::item;
using topk::second;
using topk::live::live_tail;

void append(live_tail& tail, std::int64_t ts) {
  tail.append({.seq = tail.next_seq(), .ts = ts * second, .item = item::integer(ts)});
}

// Two rows of the tail table, sequence numbers 8 and 9, after panes that end with 7.
live_tail two_stored() {
  live_tail tail(true, topk::day, 0);
  topk::stream::stream_head head;
  head.last_seq = 7;
  head.events = 70;
  tail.set_stored(head);
  tail.drop_after(9);
  REQUIRE(tail.known_seq() == 7);
  tail.append_stored({.seq = 8, .ts = 8 * second, .item = item::integer(8)});
  tail.append_stored({.seq = 9, .ts = 9 * second, .item = item::integer(9)});
  tail.loaded(9, false);
  return tail;
}

TEST_CASE("the live head is the stored one with every event counted in", "[engine][live_tail]") {
  live_tail tail = two_stored();
  CHECK(tail.stored().events == 70);
  CHECK(tail.live().events == 72);
  CHECK_FALSE(tail.has_pending());
  append(tail, 10);
  CHECK(tail.live().events == 73);
  CHECK(tail.has_pending());
  CHECK(tail.flushed() == 2);
  CHECK(tail.next_seq() == 11);
}

TEST_CASE("pending events are dropped alone, and their numbers are free again",
          "[engine][live_tail]") {
  live_tail tail = two_stored();
  append(tail, 10);
  append(tail, 11);
  auto const epoch = tail.epoch();
  tail.drop_pending();
  CHECK(tail.events().size() == 2);
  CHECK(tail.next_seq() == 10);
  CHECK(tail.live().events == 72);
  CHECK(tail.epoch() != epoch);
}

TEST_CASE("rows that the table has no more are dropped when it is read", "[engine][live_tail]") {
  live_tail tail = two_stored();
  auto const epoch = tail.epoch();
  tail.drop_after(8);
  CHECK(tail.known_seq() == 8);
  CHECK(tail.epoch() != epoch);
  tail.loaded(8, false);
  CHECK(tail.live().events == 71);
  CHECK(tail.next_seq() == 9);
}

TEST_CASE("a fold takes the first events and leaves the counts as they are",
          "[engine][live_tail]") {
  live_tail tail = two_stored();
  append(tail, 10);
  auto head = tail.counted_head();
  head.last_seq = 9;
  head.events = 72;
  head.generation = 5;
  tail.folded(2, head, head);
  CHECK(tail.events().size() == 1);
  CHECK(tail.events()[0].seq == 10);
  CHECK(tail.flushed() == 0);
  CHECK(tail.stored().events == 72);
  CHECK(tail.live().events == 73);
  CHECK(tail.live().generation == 5);
}

TEST_CASE("deferred events wait for the log until all are logged", "[engine][live_tail]") {
  live_tail tail = two_stored();
  append(tail, 10);
  tail.defer(3);
  CHECK(tail.has_deferred());
  CHECK_FALSE(tail.events()[1].held);
  CHECK(tail.events()[2].held);
  tail.all_logged();
  CHECK_FALSE(tail.has_deferred());
  CHECK_FALSE(tail.events()[2].held);
}

TEST_CASE("late and rejected rows are in the counted head", "[engine][live_tail]") {
  live_tail tail = two_stored();
  CHECK_FALSE(tail.has_new_counts());
  tail.count_late(1);
  tail.count_rejected();
  CHECK(tail.has_new_counts());
  CHECK(tail.counted_head().late == 1);
  CHECK(tail.counted_head().rejected == 1);
  CHECK(tail.stored().late == 0);
}

}  // namespace
