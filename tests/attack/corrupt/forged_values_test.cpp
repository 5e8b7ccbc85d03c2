// Heads and panes that are well formed but wrong: every field at its limits, every count too large.
#include <catch2/catch.hpp>
#include <limits>

#include "base/bytes.hpp"
#include "forgery.hpp"
#include "hostile_file.hpp"
#include "stream/stream_head.hpp"

using namespace topk;
using namespace topk::test;
using stream::stream_head;

namespace {

constexpr std::int64_t end_of_range = std::int64_t{1} << 62;
constexpr std::int64_t extremes[] = {std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::min() + 1,
                                     -end_of_range,
                                     earliest_time - 400 * 366 * day,
                                     earliest_time,
                                     -1,
                                     0,
                                     1,
                                     std::int64_t{1'799'999'999} * topk::second + 1,
                                     latest_time,
                                     latest_time + 366 * day,
                                     end_of_range - 1,
                                     end_of_range,
                                     std::numeric_limits<std::int64_t>::max()};

constexpr std::int64_t stream_head::*fields[] = {
    &stream_head::last_seq, &stream_head::reference, &stream_head::newest,
    &stream_head::oldest,   &stream_head::events,    &stream_head::weight,
    &stream_head::gross,    &stream_head::late,      &stream_head::rejected,
    &stream_head::log_rows, &stream_head::log_bytes, &stream_head::evictions,
    &stream_head::key_epoch};

std::string text_of(std::vector<std::byte> const& bytes) { return std::string(as_text(bytes)); }

// A pane's totals and bounds by hand, then whatever `fill` appends, sealed.
template <class Fill>
std::string pane(std::uint8_t flags, Fill&& fill) {
  byte_writer out;
  for (unsigned const byte : {0xD5U, 1U, 1U, unsigned{flags}})
    out.put(static_cast<std::uint8_t>(byte));
  for (int i = 0; i < 5; ++i) out.put_varint(0);
  fill(out);
  out.put(std::uint32_t{0});
  return resealed(text_of(out.release()));
}

}  // namespace

TEST_CASE("a head with a field at its limits does no harm", "[corrupt][forged]") {
  hostile_file file;
  std::string const sound = file.sound("SELECT value FROM s_config WHERE key = 'head'").bytes();
  auto const head = stream_head::decode(as_bytes(sound), 2);
  REQUIRE(head);
  REQUIRE(text_of(head->encode()) == sound);
  std::size_t count = 0;
  auto const take = [&](std::string const& what, stream_head const& forged) {
    if (count++ % stride() != 0) return;
    file.try_damage(what, "UPDATE s_config SET value = ?1 WHERE key = 'head'",
                    {value::blob(text_of(forged.encode()))}, promise::any_rows);
  };
  for (std::int64_t const limit : extremes) {
    for (std::size_t at = 0; at < std::size(fields); ++at) {
      auto forged = *head;
      forged.*fields[at] = limit;
      take("field " + std::to_string(at) + " = " + std::to_string(limit), forged);
    }
    for (std::size_t level = 0; level < head->levels.size(); ++level) {
      auto forged = *head;
      std::string const name = "level " + std::to_string(level) + " = " + std::to_string(limit);
      forged.levels[level].horizon = limit;
      take("horizon of " + name, forged);
      forged.levels[level].formed = limit;
      take("horizon and formed of " + name, forged);
      forged.levels[level].horizon = head->levels[level].horizon;
      take("formed of " + name, forged);
      forged.levels[level].formed = head->levels[level].formed;
      forged.levels[level].past = limit;
      take("past of " + name, forged);
      forged.levels[level].horizon = limit;
      take("horizon and past of " + name, forged);
      forged.levels[level] = head->levels[level];
      forged.levels[level].past_bytes = limit;
      take("bytes of the past of " + name, forged);
    }
    auto forged = *head;
    forged.past_budget = limit;
    take("past_budget = " + std::to_string(limit), forged);
    forged = *head;
    forged.generation = static_cast<std::uint64_t>(limit);
    forged.reference = earliest_time;
    forged.newest = limit;
    take("a life of thousands of years, newest = " + std::to_string(limit), forged);
    forged = *head;
    forged.levels.resize(static_cast<std::size_t>(limit) % 40);
    take("other levels", forged);
  }
}

TEST_CASE("a pane with hostile counts takes no more memory than its bytes justify",
          "[corrupt][forged]") {
  hostile_file file;
  auto const take = [&](std::string const& what, std::string const& bytes) {
    for (char const* table : {"s_pane", "s_part"}) {
      file.try_damage(what + " in " + table,
                      "UPDATE " + std::string(table) + " SET body = ?1 WHERE pane % 3 = 0",
                      {value::blob(bytes)}, promise::any_rows);
    }
  };
  for (std::uint64_t const count : {std::uint64_t{1} << 20, (std::uint64_t{1} << 20) + 1,
                                    std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    std::string const number = std::to_string(count);
    take(number + " entries", pane(0, [&](byte_writer& out) { out.put_varint(count); }));
    take("an item of " + number + " bytes", pane(0, [&](byte_writer& out) {
           out.put_varint(1);
           out.put_varint(count << 2 | 2);
         }));
    take("a filter of width " + number, pane(2, [&](byte_writer& out) {
           out.put_varint(5);
           out.put_varint(0);
           out.put_varint(count);
           out.put_varint(10);
         }));
  }
  // The widest filter that its format allows, of runs of zeros: the most memory for its bytes.
  std::uint64_t const widest = 6 * (std::uint64_t{1} << 20);
  take("the widest filters", pane(6, [&](byte_writer& out) {
         out.put_varint(5);
         out.put_varint(5);
         out.put_varint(0);
         out.put_varint(widest);
         for (int row = 0; row < 2; ++row) {
           out.put_varint(10);
           std::uint64_t left = 2 * widest - 1;
           for (; left > 4096; left -= 4096) out.put_varint(4096 << 1 | 1);
           out.put_varint(left << 1 | 1);
         }
       }));
}
