// Events packed into bytes read back as they were appended.
#include <deque>
#include <string>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "stream/event_batch.hpp"

using namespace topk;
using namespace topk::stream;

namespace {

// An event that owns its bytes.
struct owned_event {
  std::int64_t seq = 0;
  micros ts = 0;
  std::int64_t weight = 1;
  item what;
  std::string partition;
  bool has_partition = false;
  micros now = no_time;
  bool held = false;

  [[nodiscard]] event_fields fields() const {
    return {.seq = seq,
            .ts = ts,
            .weight = weight,
            .item = what,
            .partition = {item_type::text, partition},
            .has_partition = has_partition,
            .now = now,
            .held = held};
  }
};

void require_equal(event_batch const& batch, std::deque<owned_event> const& wanted) {
  REQUIRE(batch.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto const got = batch[i];
    auto const& want = wanted[i];
    bool const is_same = got.seq == want.seq && got.ts == want.ts && batch.ts_of(i) == want.ts &&
                         got.weight == want.weight && got.item == want.what.view() &&
                         got.now == want.now && got.held == want.held &&
                         got.has_partition == want.has_partition &&
                         (!got.has_partition || got.partition.bytes == want.partition);
    if (!is_same) FAIL("event " << i << " of " << wanted.size() << " differs");
  }
  for (std::size_t const count : {wanted.size(), wanted.size() / 2}) {
    if (count > 0) REQUIRE(batch.greatest_seq(count) == wanted[count - 1].seq);
  }
}

owned_event random_event(test::random_source& random, std::int64_t seq) {
  owned_event event;
  event.seq = seq;
  event.ts = static_cast<micros>(random.below(1'000'000'000));
  auto const kind = random.below(4);
  std::string const text(random.below(40), static_cast<char>('a' + random.below(26)));
  event.what = kind == 0   ? item::integer(static_cast<std::int64_t>(random.below(1000)) - 500)
               : kind == 1 ? item::real(0.5 + static_cast<double>(random.below(9)))
               : kind == 2 ? item::blob(text)
                           : item::text(text);
  if (random.below(5) == 0) event.weight = static_cast<std::int64_t>(random.below(100)) - 50;
  if (random.below(7) == 0) {
    event.has_partition = true;
    event.partition = std::string(random.below(30), 'p');
  }
  if (random.below(50) == 0) event.now = event.ts - 1;
  event.held = random.below(20) == 0;
  return event;
}

}  // namespace

TEST_CASE("a batch returns the events appended to it, however many are dropped at either end",
          "[stream][event_batch]") {
  auto const seed = GENERATE(1U, 2U, 3U);
  INFO("seed " << seed);
  test::random_source random(seed);
  event_batch batch;
  std::deque<owned_event> wanted;
  std::int64_t seq = 1;
  for (int round = 0; round < 60; ++round) {
    for (auto count = random.below(700); count > 0; --count) {
      wanted.push_back(random_event(random, seq));
      batch.append(wanted.back().fields());
      seq += random.below(300) == 0 ? 5 : 1;  // sequence numbers may leave gaps
    }
    auto const part = static_cast<std::size_t>(random.below(wanted.size() + 1));
    switch (random.below(4)) {
      case 0:
        batch.drop_front(part);
        wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(part));
        break;
      case 1: {
        std::size_t const kept = wanted.size() - part / 4;
        batch.truncate(kept);
        wanted.resize(kept);
        break;
      }
      case 2:
        if (part == wanted.size()) break;
        wanted[part].held = !wanted[part].held;
        batch.set_held(part, wanted[part].held);
        break;
      default: break;
    }
    require_equal(batch, wanted);
    REQUIRE(batch.used_bytes() <= batch.memory_bytes());
  }
  batch.clear();
  CHECK(batch.empty());
  CHECK(batch.used_bytes() == 0);
}

TEST_CASE("an event that has no more than time and item takes 17 bytes and the item",
          "[stream][event_batch]") {
  event_batch batch;
  for (std::int64_t seq = 1; seq <= 5000; ++seq) {
    batch.append({.seq = seq, .ts = seq, .item = {item_type::text, "fifteen letters"}});
  }
  CHECK(batch.used_bytes() >= 5000 * (17 + 15));
  CHECK(batch.used_bytes() < 5000 * (17 + 15) + 100);
  CHECK_FALSE(batch.has_partitions());
}

TEST_CASE("the first events of a batch of plain ones, as a whole", "[stream][event_batch]") {
  test::random_source random(5);
  event_batch batch;
  for (int round = 0; round < 20; ++round) {
    auto const most = static_cast<std::int64_t>(random.below(4000)) + 1;
    for (std::int64_t i = 0; i < most; ++i) {
      std::string const text(random.below(30), 't');
      batch.append({.seq = random.percent(1) ? most - i : i,
                    .ts = random.between(-5'000'000, 5'000'000),
                    .item = {item_type::text, text}});
    }
    batch.drop_front(random.below(batch.size()));
    auto const count = random.below(batch.size()) + 1;
    event_batch::plain_run wanted{.oldest = batch.ts_of(0), .newest = batch.ts_of(0)};
    std::int64_t greatest = batch[0].seq;
    for (std::size_t i = 0; i < count; ++i) {
      wanted.oldest = std::min(wanted.oldest, batch.ts_of(i));
      wanted.newest = std::max(wanted.newest, batch.ts_of(i));
      wanted.item_bytes += static_cast<std::int64_t>(batch[i].item.bytes.size());
      greatest = std::max(greatest, batch[i].seq);
    }
    auto const got = batch.plain_until(count);
    REQUIRE(got);
    CHECK(got->oldest == wanted.oldest);
    CHECK(got->newest == wanted.newest);
    CHECK(got->item_bytes == wanted.item_bytes);
    CHECK(batch.greatest_seq(count) == greatest);
  }
  auto const extra = random.below(3);
  batch.append({.weight = extra == 0 ? 2 : 1,
                .item = {item_type::text, "x"},
                .partition = {item_type::text, "p"},
                .has_partition = extra == 1,
                .now = extra == 2 ? micros{0} : no_time});
  CHECK_FALSE(batch.plain_until(1));
}
