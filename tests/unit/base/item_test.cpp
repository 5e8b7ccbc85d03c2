// Which values are one item, in what order items come, and who owns their bytes.
#include "base/item.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kit/printers.hpp"

using topk::compare_items;
using topk::is_canonical;
using topk::item;
using topk::item_type;
using topk::item_view;

namespace {

constexpr auto int64_min = std::numeric_limits<std::int64_t>::min();
constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

// A REAL item as it is, without the canonical form that item::real would give it.
item raw_real(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(bits >> (8 * i)));
  return item({item_type::real, bytes});
}

}  // namespace

TEST_CASE("an integer is eight little-endian bytes", "[base][item]") {
  auto const one = item::integer(0x0102030405060708);
  CHECK(one.view().type == item_type::integer);
  CHECK(one.view().bytes == "\x08\x07\x06\x05\x04\x03\x02\x01");
  for (auto const value : {std::int64_t{0}, std::int64_t{-1}, int64_min, int64_max}) {
    CHECK(topk::integer_of(item::integer(value)) == value);
  }
}

TEST_CASE("a real is eight little-endian bytes", "[base][item]") {
  auto const half = item::real(0.5);
  CHECK(half.view().type == item_type::real);
  CHECK(half.view().bytes == std::string_view("\0\0\0\0\0\0\xE0\x3F", 8));
  for (double const value : {0.5, -0.1, 1e300, infinity, -infinity, 5e-324}) {
    CHECK(topk::real_of(item::real(value)) == value);
  }
}

TEST_CASE("a real that equals an integer is that integer", "[base][item]") {
  CHECK(item::real(1.0) == item::integer(1));
  CHECK(item::real(-0.0) == item::integer(0));
  CHECK(item::real(0.0) == item::integer(0));
  CHECK(item::real(-9223372036854775808.0) == item::integer(int64_min));
  CHECK(item::real(9007199254740992.0) == item::integer(9007199254740992));
  // The greatest double below 2^63.
  CHECK(item::real(9223372036854774784.0) == item::integer(9223372036854774784));
}

TEST_CASE("a real that equals no integer stays a real", "[base][item]") {
  for (double const value :
       {0.5, -1.5, 9223372036854775808.0, -9223372036854777856.0, 1e300, infinity, -infinity}) {
    INFO(value);
    CHECK(item::real(value).view().type == item_type::real);
  }
}

TEST_CASE("1, '1' and x'31' are three items", "[base][item]") {
  CHECK_FALSE(item::integer(1) == item::text("1"));
  CHECK_FALSE(item::text("1") == item::blob("1"));
  CHECK_FALSE(item::integer(1) == item::blob("1"));
  // The same eight bytes under each type.
  std::string const bytes(item::integer(1).view().bytes);
  CHECK_FALSE(item::integer(1) == item::text(bytes));
  CHECK_FALSE(item::text(bytes) == item::blob(bytes));
}

TEST_CASE("text may be empty or hold NUL", "[base][item]") {
  CHECK(item::text("").view().bytes.empty());
  CHECK(item() == item::text(""));
  CHECK_FALSE(item::text("") == item::blob(""));
  std::string_view const with_nul("a\0b", 3);
  CHECK(item::text(with_nul).view().bytes == with_nul);
  CHECK_FALSE(item::text(with_nul) == item::text("a"));
}

TEST_CASE("an item owns its bytes, inline or on the heap, through copies and moves",
          "[base][item]") {
  auto const size = GENERATE(as<std::size_t>{}, 0, 1, 7, 8, 16, 19, 20, 21, 22, 1024, 1 << 20);
  std::string text(size, 'x');
  item first = item::text(text);
  bool const is_long = size > item::inline_capacity;
  CHECK(first.heap_bytes() >= (is_long ? size + 8 : 0));
  CHECK(first.heap_bytes() <= (is_long ? size + 24 : 0));

  item copy(first);
  item assigned = item::text("something longer than the inline capacity");
  assigned = first;
  std::string const expected = text;
  text.assign(size, 'y');  // the source of the view goes away
  CHECK(first.view().bytes == expected);
  CHECK(copy == first);
  CHECK(assigned == first);

  item moved(std::move(copy));
  CHECK(moved == first);
  copy = item::integer(7);  // a moved-from item can be assigned
  CHECK(copy == item::integer(7));
  assigned = std::move(moved);
  CHECK(assigned == first);

  item const& alias = assigned;
  assigned = alias;
  CHECK(assigned == first);
}

TEST_CASE("items of any size differ in any one byte, and copies do not", "[base][item]") {
  for (std::size_t size = 0; size <= 70; ++size) {
    std::string bytes(size, 'x');
    for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>('a' + at % 26);
    auto const whole = item::text(bytes);
    REQUIRE(whole.view().bytes == bytes);
    CHECK(whole == item::text(bytes));
    CHECK_FALSE(whole == item::blob(bytes));
    CHECK_FALSE(whole == item::text(bytes + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      auto other = bytes;
      other[at] = static_cast<char>(other[at] ^ 1);
      CHECK_FALSE(whole == item::text(other));
    }
  }
}

TEST_CASE("an item is 24 bytes", "[base][item]") { CHECK(sizeof(item) == 24); }

TEST_CASE("the partition of events without one is an item, too", "[base][item]") {
  item const none(topk::no_partition);
  CHECK(none.view() == topk::no_partition);
  CHECK(item(none) == none);
  CHECK_FALSE(none == item::text(""));
  CHECK_FALSE(none == item::integer(0));
}

TEST_CASE("numbers come before text, text before blobs", "[base][item]") {
  std::vector<item> const ordered{
      item::real(-infinity),
      item::real(-9223372036854777856.0),
      item::integer(int64_min),
      item::integer(-9007199254740993),
      item::integer(-9007199254740992),
      item::integer(-2),
      item::real(-1.5),
      item::integer(-1),
      item::real(-5e-324),
      item::integer(0),
      item::real(5e-324),
      item::real(0.1),
      item::integer(1),
      item::real(1.5),
      item::integer(2),
      item::real(4503599627370495.5),
      item::integer(4503599627370496),
      item::integer(9007199254740992),
      item::integer(9007199254740993),
      item::real(9223372036854774784.0),
      item::integer(9223372036854774785),
      item::integer(int64_max),
      item::real(9223372036854775808.0),
      item::real(infinity),
      item::text(""),
      item::text(std::string_view("\0", 1)),
      item::text("1"),
      item::text("a"),
      item::text(std::string_view("a\0b", 3)),
      item::text("ab"),
      item::text("b"),
      item::text("\xC3\xA9"),
      item::blob(""),
      item::blob("1"),
      item::blob("\x7F"),
      item::blob("\x80"),
      item::blob("\xFF"),
  };
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      INFO("positions " << i << " and " << j);
      CHECK(sign(compare_items(ordered[i], ordered[j])) == (i < j ? -1 : i > j ? 1 : 0));
      CHECK(topk::item_before(ordered[i], ordered[j]) == (i < j));
      CHECK((ordered[i] == ordered[j]) == (i == j));
    }
  }
}

TEST_CASE("integers and reals compare without rounding", "[base][item]") {
  // 2^53 + 1 is not a double: rounding it would make it equal to 2^53.
  CHECK(sign(compare_items(item::integer(9007199254740993), raw_real(9007199254740992.0))) == 1);
  CHECK(sign(compare_items(item::integer(int64_max), raw_real(9223372036854775808.0))) == -1);
  CHECK(sign(compare_items(raw_real(9223372036854775808.0), item::integer(int64_max))) == 1);
  CHECK(sign(compare_items(item::integer(int64_min), raw_real(-9223372036854775808.0))) == 0);
  CHECK(sign(compare_items(item::integer(1), raw_real(1.0))) == 0);
  CHECK(sign(compare_items(raw_real(-0.0), item::integer(0))) == 0);
}

TEST_CASE("only canonical items are canonical", "[base][item]") {
  CHECK(is_canonical(item::integer(0)));
  CHECK(is_canonical(item::real(0.5)));
  CHECK(is_canonical(item::real(infinity)));
  CHECK(is_canonical(item::text("")));
  CHECK(is_canonical(item::blob(std::string(1000, 'x'))));

  CHECK_FALSE(is_canonical({item_type::integer, "1234567"}));
  CHECK_FALSE(is_canonical({item_type::integer, "123456789"}));
  CHECK_FALSE(is_canonical({item_type::integer, ""}));
  CHECK_FALSE(is_canonical({item_type::real, "1234567"}));
  CHECK_FALSE(is_canonical(raw_real(1.0)));
  CHECK_FALSE(is_canonical(raw_real(-0.0)));
  CHECK_FALSE(is_canonical(raw_real(-9223372036854775808.0)));
  CHECK_FALSE(is_canonical(raw_real(std::nan(""))));
  CHECK_FALSE(is_canonical({static_cast<item_type>(0), "x"}));
  CHECK_FALSE(is_canonical({static_cast<item_type>(5), "x"}));
}
