// Pane v2: closed panes, by item.
#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "kit/printers.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::sketch;

namespace {

using pane_bytes = std::vector<std::byte>;
constexpr std::int64_t last_number = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t first_number = std::numeric_limits<std::int64_t>::min();

pane_bytes sealed_pane(byte_writer& out) {
  auto bytes = out.release();
  auto sum = static_cast<std::uint32_t>(checksum(bytes));
  for (int i = 0; i < 4; ++i, sum >>= 8) bytes.push_back(static_cast<std::byte>(sum & 0xFF));
  return bytes;
}

// A pane v2 without events by hand, with [z, u] = [-1, 5] where flag 1 is set.
template <class Fill>
errc closed_code(std::uint8_t flags, Fill&& fill) {
  byte_writer out;
  for (std::uint8_t const byte : {std::uint8_t{0xD5}, std::uint8_t{1}, std::uint8_t{2}, flags}) {
    out.put(byte);
  }
  for (int i = 0; i < 5; ++i) out.put_varint(0);
  if ((flags & 1) != 0) {
    out.put_varint(5);
    out.put_varint(1);
  }
  fill(out);
  auto const parsed = stored_summary::parse(sealed_pane(out));
  return parsed ? errc::ok : parsed.error().code;
}

// Texts by hand: how much each shares, and what it adds; every sum is 1.
struct part {
  std::size_t shared;
  std::string added;
};
errc texts(std::vector<part> const& parts, std::size_t spelled) {
  return closed_code(0, [&](byte_writer& out) {
    for (std::uint64_t const count : {std::size_t{0}, std::size_t{0}, parts.size(), std::size_t{0}})
      out.put_varint(count);
    out.put_varint(spelled);
    for (auto const& [shared, added] : parts) {
      out.put(static_cast<std::uint8_t>(std::min<std::size_t>(shared, 15) << 4 |
                                        std::min<std::size_t>(added.size(), 15)));
      if (shared >= 15) out.put_varint(shared - 15);
      if (added.size() >= 15) out.put_varint(added.size() - 15);
      out.put_bytes(as_bytes(added));
      out.put_varint(2);
    }
  });
}

// One INTEGER item, with these counts.
errc counts(std::uint8_t flags, std::vector<std::uint64_t> const& varints) {
  return closed_code(flags, [&](byte_writer& out) {
    for (std::uint64_t const count : {1U, 0U, 0U, 0U}) out.put_varint(count);
    out.put_signed(7);
    for (auto const varint : varints) out.put_varint(varint);
  });
}

item random_item(std::mt19937_64& random) {
  static std::string const stems[] = {"",
                                      "a",
                                      "https://example.org/",
                                      std::string(126, 'p'),
                                      std::string(127, 'p'),
                                      std::string(300, 'p')};
  std::string text = stems[random() % std::size(stems)];
  for (auto n = random() % 20; n > 0; --n) text += static_cast<char>(random() % 3 * 127);
  switch (random() % 5) {
    case 0: return item::integer(static_cast<std::int64_t>(random()) >> random() % 64);
    case 1: {
      auto const few = static_cast<std::int64_t>(random() % 4);
      return item::integer(random() % 2 == 0 ? first_number + few : last_number);
    }
    case 2: return item::real(static_cast<double>(random() % 1000) / 16 - 20);
    case 3: return item::blob(text);
    default: return item::text(text);
  }
}

}  // namespace

TEST_CASE("a closed pane reads back in the order of its items", "[sketch][codec]") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 2000; ++round) {
    bounds const absent{-static_cast<std::int64_t>(random() % 3), random() % 2 == 0 ? 0 : 9};
    auto const before = [](item const& a, item const& b) { return item_before(a, b); };
    std::map<item, bounds, decltype(before)> wanted(before);
    for (auto n = random() % 60; n > 0; --n) {
      auto const lower = static_cast<std::int64_t>(random() >> (3 + random() % 61)) -
                         static_cast<std::int64_t>(random() % 2 * 40);
      auto const width = static_cast<std::int64_t>(random()) & (absent.upper - absent.lower);
      auto const upper = std::min(lower + width, greatest_stored);
      wanted[random_item(random)] = {std::min(lower, upper), upper};
    }
    std::vector<entry_view> entries;
    for (auto const& [what, of] : wanted) entries.push_back({what, of.upper, of.lower});
    std::shuffle(entries.begin(), entries.end(), random);
    pane_totals const totals{9, 8, -7, 6, 5, 4, 3 + 1};
    auto const bytes = encode_closed(entries, absent, totals, entries.size());
    auto const read = stored_summary::parse(bytes);
    REQUIRE(read);
    REQUIRE(read->entries().size() == wanted.size());
    REQUIRE(read->totals() == totals);
    REQUIRE(read->absent() == absent);
    REQUIRE_FALSE(read->has_filter());
    item_type type = item_type::null;
    for (auto const& entry : read->entries()) {
      REQUIRE(entry.item.type >= type);
      type = entry.item.type;
      auto const at = wanted.find(item(entry.item));
      REQUIRE(at != wanted.end());
      REQUIRE(at->second == bounds{entry.lo, entry.hi});
    }
    REQUIRE(encode_closed(read->entries(), absent, totals, entries.size()) == bytes);
    // The same pane in the older form.
    auto const ranked = encode_closed(entries, absent, totals, entries.size(), closed_form::ranked);
    REQUIRE(ranked[2] == std::byte{1});
    auto const older = stored_summary::parse(ranked);
    REQUIRE(older);
    REQUIRE(encode_closed(older->entries(), absent, totals, entries.size()) == bytes);
  }
}

TEST_CASE("items that begin alike take a quarter of the bytes", "[sketch][codec]") {
  std::vector<item> items;
  for (int i = 0; i < 1040; ++i)
    items.push_back(item::text("item-" + std::to_string(1000000 + i * 7)));
  std::vector<entry_view> entries;
  for (auto const& one : items) entries.push_back({one, 900, 900});
  auto const size = [&](closed_form form) {
    return encode_closed(entries, {0, 800}, {}, entries.size(), form).size();
  };
  CHECK(size(closed_form::by_item) * 10 < size(closed_form::ranked) * 4);
  CHECK(size(closed_form::by_item) < 1040 * 6);
}

TEST_CASE("texts have one form, and come in order", "[sketch][codec]") {
  std::string const p(200, 'p');
  CHECK(texts({}, 0) == errc::corrupt);  // of no text, no size is said
  CHECK(texts({{0, ""}}, 0) == errc::ok);
  CHECK(texts({{0, "ab"}, {1, "c"}, {2, "d"}}, 7) == errc::ok);
  CHECK(texts({{0, "ab"}, {1, "c"}, {2, "d"}}, 8) == errc::corrupt);
  CHECK(texts({{0, "ab"}, {1, "c"}, {2, "d"}}, 6) == errc::corrupt);
  CHECK(texts({{1, "b"}}, 2) == errc::corrupt);              // of nothing
  CHECK(texts({{0, "ab"}, {3, "c"}}, 6) == errc::corrupt);   // more than there is
  CHECK(texts({{0, "ab"}, {0, "ac"}}, 4) == errc::corrupt);  // could share more
  CHECK(texts({{0, "ab"}, {1, "b"}}, 4) == errc::corrupt);   // twice
  CHECK(texts({{0, "ab"}, {2, ""}}, 4) == errc::corrupt);    // twice
  CHECK(texts({{0, "ab"}, {1, "a"}}, 4) == errc::corrupt);   // before the last
  CHECK(texts({{0, "ab"}, {1, ""}}, 3) == errc::corrupt);    // before the last
  CHECK(texts({{0, p}, {127, p.substr(127) + "q"}}, 401) == errc::ok);
  CHECK(texts({{0, p}, {127, p.substr(127)}}, 400) == errc::corrupt);  // twice
  CHECK(texts({{0, p}, {127, "a"}}, 328) == errc::corrupt);            // before the last
  CHECK(texts({{0, p}, {128, p.substr(128) + "q"}}, 401) == errc::corrupt);
  CHECK(texts({{0, p}, {126, p.substr(126) + "q"}}, 401) == errc::corrupt);
}

TEST_CASE("the counts of a closed pane have one form, and a range", "[sketch][codec]") {
  std::uint64_t const top = std::uint64_t{1} << 62;
  CHECK(counts(0, {6}) == errc::ok);
  CHECK(counts(0, {6 | 1, 1}) == errc::corrupt);  // an absent item has exactly 0
  CHECK(counts(1, {6 | 1, 6}) == errc::ok);
  CHECK(counts(1, {6 | 1, 7}) == errc::corrupt);  // wider than of an absent item
  CHECK(counts(1, {6 | 1, 0}) == errc::corrupt);
  CHECK(counts(2, {6 << 1}) == errc::corrupt);  // signed without need
  CHECK(counts(2, {3 << 1}) == errc::ok);       // -2
  CHECK(counts(0, {(top - 1) << 1}) == errc::ok);
  CHECK(counts(0, {top << 1}) == errc::corrupt);
  CHECK(counts(1, {(top - 1) << 1}) == errc::corrupt);  // too far from z
  CHECK(counts(3, {(2 * top - 1) << 1}) == errc::corrupt);
  CHECK(counts(4, {6}) == errc::corrupt);
}

TEST_CASE("few bytes of a closed pane do not make much of memory", "[sketch][codec]") {
  auto const numbers = [](std::vector<std::uint64_t> const& varints) {
    return closed_code(0, [&](byte_writer& out) {
      for (auto const varint : varints) out.put_varint(varint);
    });
  };
  CHECK(numbers({0, 0, 0, 0}) == errc::ok);
  for (std::uint64_t const many :
       {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    CHECK(numbers({many, 0, 0, 0}) == errc::corrupt);
    CHECK(numbers({0, many, 0, 0}) == errc::corrupt);
    CHECK(numbers({0, 0, many, 0, 1}) == errc::corrupt);
    CHECK(numbers({0, 0, 1, 0, many, 1, 2}) == errc::corrupt);
  }
  // An INTEGER past the greatest; one that does not rise.
  CHECK(numbers({2, 0, 0, 0, zigzag(last_number), 2, 1, 2}) == errc::corrupt);
  CHECK(numbers({2, 0, 0, 0, zigzag(first_number), 2, ~std::uint64_t{0}, 2}) == errc::ok);
  CHECK(numbers({2, 0, 0, 0, zigzag(0), 2, 0, 2}) == errc::corrupt);
}
