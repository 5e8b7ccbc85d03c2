// Panes: a written one reads back; bytes that no encoder wrote are refused, or do no harm.
#include <catch2/catch.hpp>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "kit/printers.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::sketch;

namespace {

constexpr std::uint64_t codec_seed = 42;
constexpr std::int64_t end_of_range = std::int64_t{1} << 62;
using blob = std::vector<std::byte>;

void add(summary& to, item_view what, std::int64_t weight, std::int64_t time = 1) {
  to.add(what, hash_item(what, codec_seed), weight, time);
}

// All item types, both filters, a base.
summary live_pane() {
  summary child({2, 1000}, codec_seed);
  for (std::int64_t i = 0; i < 6; ++i) add(child, item::integer(i), i + 1);
  summary s({4, 1000}, codec_seed);
  s.absorb(child);
  add(s, item::integer(-5), 7, 1'700'000'000'000'000);
  add(s, item::real(2.5), 3);
  add(s, item::text("text"), 300);
  add(s, item::blob(std::string("\0blob", 5)), 9);
  for (std::int64_t i = 100; i < 110; ++i) add(s, item::integer(i), 2);
  add(s, item::text("owing"), -4);
  return s;
}

void fix_checksum(blob& bytes) {
  auto const body = byte_view(bytes).first(bytes.size() - 4);
  auto sum = static_cast<std::uint32_t>(checksum(body));
  for (std::size_t i = bytes.size() - 4; i < bytes.size(); ++i, sum >>= 8) {
    bytes[i] = static_cast<std::byte>(sum & 0xFF);
  }
}

// A pane by hand: the parts after the preamble, then the checksum.
template <class Fill>
blob pane(std::uint8_t flags, Fill&& fill) {
  byte_writer out;
  for (std::uint8_t const byte : {std::uint8_t{0xD5}, std::uint8_t{1}, std::uint8_t{1}, flags}) {
    out.put(byte);
  }
  fill(out);
  out.put(std::uint32_t{0});
  auto bytes = out.release();
  fix_checksum(bytes);
  return bytes;
}
void put_empty_totals(byte_writer& out) {
  for (int i = 0; i < 5; ++i) out.put_varint(0);
}

errc code_of(blob const& bytes) {
  auto const parsed = stored_summary::parse(bytes);
  auto const decoded = summary::decode(bytes, {4, 1000}, codec_seed);
  if (!decoded) return decoded.error().code;
  return parsed ? errc::ok : parsed.error().code;
}

// What is written of a pane that was read.
blob again(blob const& bytes) {
  auto const stored = stored_summary::parse(bytes);
  REQUIRE(stored);
  if (bytes[2] == std::byte{1}) {
    return summary::decode(bytes, {4, 1000}, codec_seed)->encode();
  }
  auto const& entries = stored->entries();
  return encode_closed(entries, stored->absent(), stored->totals(), entries.size());
}

// Accepted bytes are exactly what encode would write, and using them has no undefined behaviour.
void require_harmless(blob const& bytes) {
  auto decoded = summary::decode(bytes, {4, 1000}, codec_seed);
  if (!decoded) {
    REQUIRE((decoded.error().code == errc::corrupt ||
             decoded.error().code == errc::unsupported_version));
    return;
  }
  REQUIRE(decoded->is_consistent());
  REQUIRE(again(bytes) == bytes);
  auto const stored = stored_summary::parse(bytes);
  REQUIRE(stored);
  summary parent({3, 1000}, codec_seed);
  for (int i = 0; i < 5; ++i) {
    parent.absorb(*stored);
    parent.absorb(*decoded);
    add(parent, item::integer(i), i % 2 == 0 ? 3 : -3);
  }
  parent.truncate(1);
  (void)parent.encode();
  for (std::int64_t i = 0; i < 5; ++i) {
    add(*decoded, item::integer(i), (std::int64_t{1} << 40) - i);
    add(*decoded, item::text("text"), -(std::int64_t{1} << 40));
  }
  decoded->forget(item::text("text"), hash_item(item::text("text"), codec_seed));
  decoded->truncate(2);
  (void)decoded->encode();
}

// A closed pane of texts and blobs that begin alike, of numbers, and of sums of either sign.
blob similar_names() {
  summary s({64, 100'000}, codec_seed);
  for (std::string const& stem : {std::string("song/"), std::string(140, 'x')}) {
    for (auto const* rest : {"", "1", "10", "2", "twenty and more letters"}) {
      add(s, item::text(stem + rest), static_cast<std::int64_t>(s.size()) * 40 - 10);
      add(s, item::blob(rest + stem), 1);
    }
  }
  for (std::int64_t const number : {-7, 0, 1, 300}) add(s, item::integer(number), 2);
  for (double const number : {-1.5, 0.25, 1e300}) add(s, item::real(number), -1);
  return s.encode_cut(20);
}

}  // namespace

TEST_CASE("a pane reads back as it was written", "[sketch][codec]") {
  auto const s = live_pane();
  REQUIRE(s.has_filter());
  auto const bytes = s.encode();
  auto const back = summary::decode(bytes, {4, 1000}, codec_seed);
  REQUIRE(back);
  REQUIRE(back->encode() == bytes);
  REQUIRE(back->is_consistent());
  REQUIRE(back->totals() == s.totals());
  REQUIRE(back->absent() == s.absent());
  REQUIRE(back->has_filter());

  auto const stored = stored_summary::parse(bytes);
  REQUIRE(stored);
  REQUIRE(stored->has_filter());
  REQUIRE(stored->totals() == s.totals());
  REQUIRE(stored->absent() == s.absent());
  REQUIRE(stored->entries().size() == s.size());
  for (std::size_t slot = 0; slot < s.size(); ++slot) {
    auto const& read = stored->entries()[slot];
    REQUIRE(read.item == s.entry(slot).item);
    REQUIRE(read.hi == s.entry(slot).hi);
    REQUIRE(read.lo == s.entry(slot).lo);
  }
}

TEST_CASE("integers of every size come back, and outlive the parsed pane they were copied from",
          "[sketch][codec]") {
  summary s({200, 100'000}, codec_seed);
  std::vector<item> items;
  for (int shift = 0; shift < 63; ++shift) {
    items.push_back(item::integer(std::int64_t{1} << shift));
    items.push_back(item::integer(-(std::int64_t{1} << shift)));
  }
  items.push_back(item::integer(std::numeric_limits<std::int64_t>::min()));
  items.push_back(item::integer(std::numeric_limits<std::int64_t>::max()));
  for (auto const& one : items) add(s, one, 1);
  auto const bytes = s.encode();
  auto copy = [&] {
    auto const parsed = stored_summary::parse(bytes);
    REQUIRE(parsed);
    return *parsed;
  }();
  REQUIRE(copy.entries().size() == items.size());
  for (std::size_t i = 0; i < items.size(); ++i) REQUIRE(copy.entries()[i].item == items[i].view());
}

TEST_CASE("small panes are small", "[sketch][codec]") {
  summary empty({1200, 100'000}, codec_seed);
  REQUIRE(empty.encode().size() == 14);
  summary one({1200, 100'000}, codec_seed);
  add(one, item::integer(123'456), 1, 1'764'000'000'000'000);
  REQUIRE(one.encode().size() == 29);
  // A filter with little in it costs little.
  summary live({1200, 1'000'000}, codec_seed);
  for (std::int64_t i = 0; i < 1210; ++i) add(live, item::integer(i), 1);
  REQUIRE(live.has_filter());
  REQUIRE(live.encode().size() < 1210 * 5 + 150);
}

TEST_CASE("a closed pane holds no filters and its bounds for the absent", "[sketch][codec]") {
  auto s = live_pane();
  auto const absent = s.absent();
  s.close();
  auto const bytes = s.encode();
  auto const back = summary::decode(bytes, {8, 1000}, codec_seed);
  REQUIRE(back);
  REQUIRE_FALSE(back->has_filter());
  REQUIRE(back->absent() == absent);
  auto const unseen = item::text("unseen");
  REQUIRE(back->estimate(unseen, hash_item(unseen, codec_seed)) == absent);
  REQUIRE_FALSE(stored_summary::parse(bytes)->has_filter());
}

TEST_CASE("filters keep their width under other limits", "[sketch][codec]") {
  auto const bytes = live_pane().encode();
  for (std::uint32_t const slots : {1U, 3U, 1000U}) {
    auto const back = summary::decode(bytes, {slots, 1000}, codec_seed);
    REQUIRE(back);
    REQUIRE(back->encode() == bytes);
  }
}

TEST_CASE("a pane cut at any byte is corrupt", "[sketch][codec]") {
  auto const bytes = GENERATE(live_pane().encode(), similar_names());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    blob cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    REQUIRE(code_of(cut) == errc::corrupt);
    if (length < 8) continue;
    fix_checksum(cut);
    REQUIRE(code_of(cut) == errc::corrupt);
  }
  auto longer = bytes;
  longer.push_back(std::byte{0});
  REQUIRE(code_of(longer) == errc::corrupt);
  fix_checksum(longer);
  REQUIRE(code_of(longer) == errc::corrupt);
}

TEST_CASE("a flipped bit is noticed, or harmless under a matching checksum", "[sketch][codec]") {
  auto closed = live_pane();
  closed.close();
  summary exact({4, 1000}, codec_seed);
  add(exact, item::text("one"), -3);
  for (auto const& bytes : {live_pane().encode(), closed.encode(), exact.encode(),
                            live_pane().encode_cut(9), exact.encode_cut(1), similar_names()}) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      auto flipped = bytes;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      REQUIRE(code_of(flipped) != errc::ok);
      fix_checksum(flipped);
      require_harmless(flipped);
    }
  }
}

TEST_CASE("random damage under a matching checksum is harmless", "[sketch][codec]") {
  std::mt19937_64 random(9);
  for (auto const& bytes : {live_pane().encode(), similar_names()}) {
    for (int i = 0; i < 20'000; ++i) {
      auto damaged = bytes;
      for (auto n = 1 + random() % 3; n > 0; --n) {
        damaged[4 + random() % (bytes.size() - 8)] = static_cast<std::byte>(random() & 0xFF);
      }
      fix_checksum(damaged);
      require_harmless(damaged);
    }
  }
}

TEST_CASE("a newer version is refused with both numbers", "[sketch][codec]") {
  auto bytes = live_pane().encode();
  bytes[2] = std::byte{9};
  auto const parsed = stored_summary::parse(bytes);  // whatever its checksum is
  REQUIRE_FALSE(parsed);
  REQUIRE(parsed.error().code == errc::unsupported_version);
  REQUIRE(parsed.error().message.find("version 9") != std::string::npos);
  REQUIRE(parsed.error().message.find("version 2,") != std::string::npos);
  bytes[2] = std::byte{0};
  REQUIRE(code_of(bytes) == errc::corrupt);
}

TEST_CASE("counts are checked against the bytes that remain", "[sketch][codec]") {
  for (std::uint64_t const count :
       {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    REQUIRE(code_of(pane(0, [&](byte_writer& out) {
              put_empty_totals(out);
              out.put_varint(count);
            })) == errc::corrupt);
    REQUIRE(code_of(pane(0, [&](byte_writer& out) {  // a text of that many bytes
              put_empty_totals(out);
              out.put_varint(1);
              out.put_varint(count << 2 | 2);
              out.put_varint(0);
              out.put_varint(0);
            })) == errc::corrupt);
    REQUIRE(code_of(pane(2, [&](byte_writer& out) {  // a filter of that width
              put_empty_totals(out);
              out.put_varint(5);  // u
              out.put_varint(0);
              out.put_varint(count);
              out.put_varint(10);
            })) == errc::corrupt);
  }
}

TEST_CASE("one value has one form", "[sketch][codec]") {
  auto const filtered = [](std::vector<std::uint64_t> const& cells) {
    return code_of(pane(2, [&](byte_writer& out) {
      put_empty_totals(out);
      out.put_varint(5);     // u
      out.put_varint(0);     // no entries
      out.put_varint(3000);  // width: 6000 cells
      for (auto const cell : cells) out.put_varint(cell);
    }));
  };
  auto const run = [](std::uint64_t zeros) { return zeros << 1 | 1; };
  REQUIRE(filtered({10, run(4096), run(1903)}) == errc::ok);
  REQUIRE(filtered({run(4096), run(1903), 10}) == errc::ok);
  REQUIRE(filtered({10, run(1903), run(4096)}) == errc::corrupt);  // a short run goes on
  REQUIRE(filtered({10, run(5999)}) == errc::corrupt);             // too long for a run
  REQUIRE(filtered({10, run(4096), run(1904)}) == errc::corrupt);  // past the end
  REQUIRE(filtered({run(4096), run(1904)}) == errc::corrupt);      // a filter of nothing
  REQUIRE(filtered({12, run(4096), run(1903)}) == errc::corrupt);  // a cell above u
  REQUIRE(filtered({0, run(4096), run(1903)}) == errc::corrupt);

  REQUIRE(code_of(pane(0, [](byte_writer& out) {
            put_empty_totals(out);
            out.put_varint(0);
          })) == errc::ok);
  REQUIRE(code_of(pane(1, [](byte_writer& out) {  // a base of nothing
            put_empty_totals(out);
            for (int i = 0; i < 3; ++i) out.put_varint(0);
          })) == errc::corrupt);
  REQUIRE(code_of(pane(8, [](byte_writer& out) {
            put_empty_totals(out);
            out.put_varint(0);
          })) == errc::corrupt);
}

TEST_CASE("numbers and entries out of range are corrupt", "[sketch][codec]") {
  struct entry {
    std::int64_t over;
    std::uint64_t width;
  };
  // A pane with u = 2, z = -1 by its base, and entries of one name.
  auto const with = [](std::vector<entry> const& entries) {
    return code_of(pane(1, [&](byte_writer& out) {
      put_empty_totals(out);
      out.put_varint(2);
      out.put_varint(1);
      out.put_varint(entries.size());
      for (auto const& [over, width] : entries) {
        out.put_varint(1 << 2 | 2);
        out.put(std::uint8_t{'x'});
        out.put_signed(over);
        out.put_varint(width);
      }
    }));
  };
  REQUIRE(with({{5, 3}}) == errc::ok);
  REQUIRE(with({{5, 4}}) == errc::corrupt);          // wider than what an absent item may have
  REQUIRE(with({{5, 3}, {4, 0}}) == errc::corrupt);  // an item twice
  REQUIRE(with({{end_of_range - 3, 3}}) == errc::ok);
  REQUIRE(with({{end_of_range - 2, 3}}) == errc::corrupt);
  REQUIRE(with({{-end_of_range, 0}}) == errc::corrupt);
  REQUIRE(with({{std::numeric_limits<std::int64_t>::min(), 0}}) == errc::corrupt);

  auto const totals = [](std::uint64_t in, std::uint64_t up, std::uint64_t events) {
    return code_of(pane(0, [&](byte_writer& out) {
      out.put_varint(in);
      out.put_varint(0);
      out.put_signed(0);
      out.put_varint(up);
      out.put_varint(events);
      if (events != 0) {
        out.put_signed(-3);
        out.put_varint(7);
      }
      out.put_varint(0);
    }));
  };
  constexpr auto end = static_cast<std::uint64_t>(end_of_range);
  REQUIRE(totals(end - 1, end - 1, end - 1) == errc::ok);
  REQUIRE(totals(end, 0, 1) == errc::corrupt);
  REQUIRE(totals(0, end, 1) == errc::corrupt);
  REQUIRE(totals(0, ~std::uint64_t{0}, 1) == errc::corrupt);
  REQUIRE(totals(0, 0, end) == errc::corrupt);
}

TEST_CASE("an item that is not canonical is corrupt", "[sketch][codec]") {
  auto const with_item = [](std::uint64_t header, std::uint64_t bytes) {
    return code_of(pane(0, [&](byte_writer& out) {
      put_empty_totals(out);
      out.put_varint(1);
      out.put_varint(header);
      out.put(bytes);
      out.put_signed(1);
      out.put_varint(0);
    }));
  };
  REQUIRE(with_item(1, 0x4004000000000000) == errc::ok);       // 2.5
  REQUIRE(with_item(1, 0x4000000000000000) == errc::corrupt);  // 2.0 is the INTEGER 2
  REQUIRE(with_item(1, 0x7FF8000000000000) == errc::corrupt);  // not a number
  REQUIRE(with_item(8 << 2 | 1, 0x4004000000000000) == errc::corrupt);
  REQUIRE(with_item(8 << 2 | 3, 0x4004000000000000) == errc::ok);  // a blob of eight bytes
}
