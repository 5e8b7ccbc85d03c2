// The watermark: what it follows at once, what waits, and how that is stored.
#include "stream/stream_head.hpp"

#include <catch2/catch.hpp>

#include "kit/random.hpp"

namespace {

using topk::day;
using topk::hour;
using topk::micros;
using topk::minute;
using topk::second;
using topk::stream::no_time;
using topk::stream::stream_head;

constexpr micros start = 1'800'000'000 * second;

// An event that comes at `now`; it states the clock where the head needs it.
void take(stream_head& head, micros ts, micros now) {
  bool const tells = ts > now || !head.reaches(std::min(ts, now), day);
  head.count({.ts = ts, .now = tells ? now : no_time}, true, day);
}

stream_head with_event(micros at = start) {
  stream_head head;
  head.levels.resize(1);
  take(head, at, at);
  return head;
}

TEST_CASE("the watermark follows what is at most retain ahead, and never the future",
          "[stream][head]") {
  stream_head head = with_event();
  take(head, start + day, start + day);
  CHECK(head.reference == start + day);
  take(head, start + 2 * day, start + day + second);
  CHECK(head.reference == start + day + second);
  take(head, start + hour, start + day + second);
  CHECK(head.reference == start + day + second);
  CHECK_FALSE(head.has_jump());
}

TEST_CASE("plain events are counted together as one by one, or not at all", "[stream][head]") {
  topk::test::random_source random(3);
  int counted = 0;
  for (int round = 0; round < 2000; ++round) {
    stream_head head = with_event();
    if (random.percent(10)) head = {};
    if (random.percent(10)) take(head, start + 9 * day, start + 9 * day);
    topk::stream::event_batch batch;
    stream_head wanted = head;
    micros const spread = random.percent(50) ? hour : random.between(1, 3) * day;
    for (auto left = random.between(1, 20); left > 0; --left) {
      micros const ts = start + random.between(-spread, spread);
      batch.append({.ts = ts, .item = {topk::item_type::text, "item"}});
      wanted.count(batch[batch.size() - 1], true, day);
    }
    stream_head const before = head;
    auto const plain = batch.plain_until(batch.size());
    REQUIRE(plain);
    bool const is_counted =
        head.count_all(*plain, static_cast<std::int64_t>(batch.size()), true, day);
    counted += is_counted ? 1 : 0;
    REQUIRE(head == (is_counted ? wanted : before));
  }
  CHECK(counted > 500);
  CHECK(counted < 1500);
}

TEST_CASE("a jump waits for a commit a minute later, and becomes the lesser of both",
          "[stream][head]") {
  stream_head head = with_event();
  micros const later = start + 9 * day;
  take(head, later, later);
  CHECK(head.reference == start);
  CHECK(head.jump == later);
  take(head, later + minute - 1, later + minute - 1);
  CHECK(head.reference == start);
  CHECK(head.jump == later + minute - 1);
  SECTION("what is within retain of that becomes the watermark") {
    take(head, later + minute, later + minute);
    CHECK(head.reference == later + minute);
    CHECK_FALSE(head.has_jump());
  }
  SECTION("what is further ahead waits in turn") {
    take(head, later + 30 * day, later + 30 * day);
    CHECK(head.reference == later + minute - 1);
    CHECK(head.jump == later + 30 * day);
    CHECK(head.jump_seen == later + 30 * day);
  }
  SECTION("a lesser time agrees to no more than itself") {
    take(head, start + 3 * day, later + hour);
    CHECK(head.reference == start + 3 * day);
    CHECK(head.jump == later + minute - 1);
  }
  SECTION("events at the old time do not end the wait") {
    take(head, start + hour, start + hour);
    CHECK(head.reference == start + hour);
    CHECK(head.has_jump());
  }
}

TEST_CASE("a clock that is put back restarts the wait", "[stream][head]") {
  stream_head head = with_event();
  take(head, start + 3650 * day, start + 3650 * day);
  take(head, start + 2 * day, start + 2 * day);
  CHECK(head.reference == start);
  CHECK(head.jump == start + 2 * day);
  take(head, start + 2 * day + minute, start + 2 * day + minute);
  CHECK(head.reference == start + 2 * day + minute);
  CHECK_FALSE(head.has_jump());
}

TEST_CASE("a watermark that gets near the jump ends the wait", "[stream][head]") {
  stream_head head = with_event();
  take(head, start + 36 * hour, start + 36 * hour);
  REQUIRE(head.has_jump());
  take(head, start + 12 * hour, start + 12 * hour);
  CHECK_FALSE(head.has_jump());
  CHECK(head.reference == start + 12 * hour);
}

TEST_CASE("panes are rolled up by a jump between times long past only", "[stream][head]") {
  stream_head head = with_event(start - 900 * day);
  take(head, start - 800 * day, start);
  CHECK(head.roll_reference(day) == start - 800 * day);
  stream_head live = with_event();
  take(live, start + 9 * day, start + 9 * day);
  CHECK(live.roll_reference(day) == start);
}

TEST_CASE("before the first fold, an event behind takes the watermark with it", "[stream][head]") {
  stream_head head = with_event(start + 3650 * day);
  take(head, start, start);
  CHECK(head.reference == start);
  CHECK(head.jump == start + 3650 * day);
  stream_head folded = with_event(start + 3650 * day);
  folded.levels[0].horizon = start + 3649 * day;
  take(folded, start, start);
  CHECK(folded.reference == start + 3650 * day);
}

TEST_CASE("a head with a jump reads as it was written, in one form", "[stream][head]") {
  stream_head head = with_event();
  head.closed = topk::sketch::closed_form::ranked;  // a stream of the first release
  auto const settled = head.encode();
  take(head, start + 9 * day, start + 9 * day);
  auto const bytes = head.encode();
  auto const read = stream_head::decode(bytes, 1);
  REQUIRE(read);
  CHECK(*read == head);
  CHECK(read->encode() == bytes);
  CHECK(static_cast<int>(settled[1]) == 1);
  CHECK(static_cast<int>(bytes[1]) == 2);
  auto const refused = [](stream_head forged) { return !stream_head::decode(forged.encode(), 1); };
  stream_head forged = head;
  forged.jump = head.reference;
  CHECK(refused(forged));
  forged.jump = topk::latest_time + 400 * day;
  CHECK(refused(forged));
  forged = head;
  forged.jump_seen = no_time;
  CHECK(refused(forged));
}

TEST_CASE("a head with a budget for the past reads as it was written, and no part of it is trusted",
          "[stream][head]") {
  stream_head head = with_event();
  head.levels.resize(3);
  head.past_budget = 1 << 20;
  head.levels[0] = {.horizon = start - hour, .formed = start, .past = start, .past_bytes = 77};
  head.levels[1].horizon = head.levels[1].past = start - day;
  auto const bytes = head.encode();
  CHECK(static_cast<int>(bytes[1]) == 3);
  auto const read = stream_head::decode(bytes, 3);
  REQUIRE(read);
  CHECK(*read == head);
  CHECK(read->past_bytes() == 77);
  auto const refused = [](stream_head forged) { return !stream_head::decode(forged.encode(), 3); };
  stream_head forged = head;
  forged.levels[0].past = start - 2 * hour;
  CHECK(refused(forged));
  forged = head;
  forged.levels[1].past = topk::latest_time + 400 * day;
  CHECK(refused(forged));
  forged = head;
  forged.levels[1].past_bytes = std::int64_t{1} << 56;
  CHECK(refused(forged));
  forged = head;
  forged.past_budget = std::int64_t{1} << 56;
  CHECK(refused(forged));
}

}  // namespace
