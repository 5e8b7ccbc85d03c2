// Blocks of the log: what is packed comes back, one event by one, and nothing else is taken.
#include "stream/event_block.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/sealed_blob.hpp"
#include "kit/random.hpp"

namespace {

using topk::item;
using topk::item_view;
using topk::micros;
using topk::second;
using topk::stream::block_reader;
using topk::stream::event_batch;
using topk::stream::event_fields;
using topk::stream::no_time;
using topk::stream::pack_events;
using topk::stream::packed_block;
using topk::test::random_source;

// An event that owns its bytes.
struct owned {
  std::int64_t seq;
  micros ts;
  std::int64_t weight;
  item what;
  std::optional<item> partition;
  friend bool operator==(owned const&, owned const&) = default;
};

owned copy_of(event_fields const& event) {
  owned out{event.seq, event.ts, event.weight, item(event.item), std::nullopt};
  if (event.has_partition) out.partition.emplace(event.partition);
  return out;
}

event_batch batch_of(std::vector<owned> const& events) {
  event_batch out;
  for (auto const& each : events) {
    event_fields fields{.seq = each.seq, .ts = each.ts, .weight = each.weight, .item = each.what};
    fields.has_partition = each.partition.has_value();
    if (each.partition) fields.partition = *each.partition;
    out.append(fields);
  }
  return out;
}

std::vector<packed_block> packed(std::vector<owned> const& events, micros after = no_time) {
  auto const batch = batch_of(events);
  std::vector<packed_block> out;
  for (std::size_t at = 0; at < batch.size();) {
    auto block = pack_events(batch, at, batch.size(), after, 7);
    if (block.extent.events > 0) out.push_back(std::move(block));
  }
  return out;
}

std::vector<owned> unpacked(packed_block const& block) {
  auto reader = block_reader::open(block.body, block.extent);
  REQUIRE(reader);
  std::vector<owned> out;
  for (event_fields event; reader->next(event);) {
    out.push_back(copy_of(event));
    CHECK(reader->items()[reader->item_number()] == event.item);
  }
  REQUIRE(reader->finish());
  return out;
}

item drawn_item(random_source& random) {
  switch (random.below(4)) {
    case 0: return item::integer(static_cast<std::int64_t>(random.below(40)) - 20);
    case 1: return item::real(static_cast<double>(random.below(9)) + 0.5);
    case 2: return item::blob(std::string(random.below(30), '\1'));
    default: return item::text("item " + std::to_string(random.below(200)));
  }
}

TEST_CASE("what is packed into blocks comes back, whatever the events have", "[block]") {
  random_source random(11);
  for (int round = 0; round < 200; ++round) {
    INFO("round " << round);
    bool const has_weights = random.percent(30);
    bool const has_partitions = random.percent(30);
    bool const has_gaps = random.percent(30);
    bool const has_fractions = random.percent(50);
    std::vector<owned> events;
    std::int64_t seq = 1 + static_cast<std::int64_t>(random.below(100));
    micros ts = random.percent(20) ? topk::earliest_time : 1'800'000'000 * second;
    for (std::size_t left = 1 + random.below(300); left > 0; --left) {
      owned one{seq, ts, 1, drawn_item(random), std::nullopt};
      if (has_weights) one.weight = random.between(-5, 4) * 2 + 1;
      if (has_partitions && random.percent(70)) one.partition = drawn_item(random);
      events.push_back(one);
      seq += has_gaps && random.percent(10) ? random.between(2, 1000) : 1;
      ts += random.between(0, 3) * (has_fractions ? 250'001 : second);
      if (random.percent(5)) ts = std::max(topk::earliest_time, ts - 100 * second);
    }
    auto const blocks = packed(events);
    REQUIRE(blocks.size() == 1);
    auto const& extent = blocks[0].extent;
    CHECK(extent.first_seq == events.front().seq);
    CHECK(extent.last_seq == events.back().seq);
    CHECK(unpacked(blocks[0]) == events);
  }
}

TEST_CASE("a block is full at 4096 events or 64 KiB of items, and one item may be longer",
          "[block]") {
  std::vector<owned> many;
  for (std::int64_t i = 1; i <= 5000; ++i) {
    many.push_back({i, i * second, 1, item::integer(i % 7), std::nullopt});
  }
  auto const by_count = packed(many);
  REQUIRE(by_count.size() == 2);
  CHECK(by_count[0].extent.events == 4096);
  CHECK(by_count[1].extent.first_seq == 4097);
  CHECK(by_count[0].body.size() < 2 * 4096 + 64);  // two bytes an event

  std::vector<owned> long_ones;
  for (std::int64_t i = 1; i <= 5; ++i) {
    std::string const bytes(i == 3 ? 200'000 : 30'000, static_cast<char>('a' + i));
    long_ones.push_back({i, second, 1, item::text(bytes), std::nullopt});
  }
  auto const by_bytes = packed(long_ones);
  REQUIRE(by_bytes.size() == 3);
  CHECK(by_bytes[0].extent.events == 2);
  CHECK(by_bytes[1].extent.events == 1);
  CHECK(unpacked(by_bytes[1])[0] == long_ones[2]);
}

// The bytes of FORMAT.md, "block v1"; the checksum behind them is that of the envelope.
TEST_CASE("a block has the bytes that the format states", "[block][golden]") {
  constexpr micros start = 1'800'000'000 * second;
  auto const block = packed({{1, start, 1, item::text("a"), std::nullopt},
                             {2, start + second, 1, item::text("b"), std::nullopt},
                             {3, start + second, 1, item::text("a"), std::nullopt},
                             {4, start + 3 * second, 1, item::integer(300), std::nullopt}})
                         .at(0);
  std::string hex;
  for (std::size_t at = 0; at + 4 < block.body.size(); ++at) {
    auto const byte = std::to_integer<unsigned>(block.body[at]);
    hex += "0123456789ABCDEF"[byte >> 4];
    hex += "0123456789ABCDEF"[byte & 15];
  }
  CHECK(hex == "D50301000401038080C489E5C5B206C08DB70101066105066200000900D804");
}

TEST_CASE("events that have expired are left out of a block", "[block]") {
  std::vector<owned> events;
  for (std::int64_t i = 1; i <= 10; ++i) {
    events.push_back({i, (i % 2 == 0 ? 100 : 5) * second, 1, item::text("x"), std::nullopt});
  }
  auto const blocks = packed(events, 50 * second);
  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].extent.events == 5);
  CHECK(blocks[0].extent.oldest == 100 * second);
  CHECK(unpacked(blocks[0])[1].seq == 4);
  CHECK(packed(events, 100 * second).empty());
}

// Whatever the bytes say under a matching checksum: an error, or events within what is stated.
TEST_CASE("a forged block is refused, or read within its extent", "[block][hostile]") {
  std::vector<owned> const events = {{3, 40 * second + 1, 2, item::text("one"), item::integer(9)},
                                     {5, 10 * second, -1, item::integer(-70), std::nullopt},
                                     {6, 90 * second, 1, item::text("one"), item::integer(9)},
                                     {9, 90 * second, 4, item::real(0.5), item::text("p")}};
  auto const block = packed(events).at(0);
  for (std::size_t at = 0; at + 4 < block.body.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      topk::byte_writer out;
      auto body = block.body;
      body[at] = static_cast<std::byte>(value);
      body.resize(body.size() - 4);
      out.put_bytes(body);
      auto const forged = topk::seal(out);
      auto reader = block_reader::open(forged, block.extent);
      if (!reader) continue;
      std::int64_t count = 0;
      for (event_fields event; reader->next(event); ++count) {
        REQUIRE(event.ts >= block.extent.oldest);
        REQUIRE(event.ts <= block.extent.newest);
        REQUIRE(event.seq >= block.extent.first_seq);
        REQUIRE(event.seq <= block.extent.last_seq);
        REQUIRE(event.weight != 0);
        REQUIRE(topk::is_canonical(event.item));
      }
      REQUIRE(count <= block.extent.events);
      if (reader->finish()) REQUIRE(count == block.extent.events);
    }
  }
  auto stated = block.extent;
  ++stated.newest;
  CHECK_FALSE(block_reader::open(block.body, stated));
}

}  // namespace
