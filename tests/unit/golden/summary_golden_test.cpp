// Pinned bytes: a stored pane is read by every later release, on every CPU.
#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "kit/printers.hpp"
#include "sketch/count_filter.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::sketch;

namespace {

constexpr std::uint64_t pinned_seed = 0x1234;

std::string hex(std::vector<std::byte> const& bytes) {
  std::string out;
  for (auto const byte : bytes) {
    constexpr char const* digits = "0123456789abcdef";
    out += digits[std::to_integer<unsigned>(byte) >> 4];
    out += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return out;
}

std::vector<std::byte> bytes_of(std::string const& hex_digits) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < hex_digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(hex_digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}

void add_at(summary& to, item_view what, std::int64_t weight, std::int64_t time) {
  to.add(what, hash_item(what, pinned_seed), weight, time);
}

void require_pinned(summary const& s, std::string const& pinned) {
  REQUIRE(hex(s.encode()) == pinned);
  auto const back = summary::decode(bytes_of(pinned), {2, 1000}, pinned_seed);
  REQUIRE(back);
  REQUIRE(hex(back->encode()) == pinned);
}

summary filtered() {
  summary s({2, 1000}, pinned_seed);
  add_at(s, item::text("apple"), 300, 1'000'000);
  add_at(s, item::text("pear"), 20, 2'000'000);
  add_at(s, item::real(0.5), 4, 3'000'000);
  add_at(s, item::text("plum"), -6, 4'000'000);
  add_at(s, item::blob("\x01\x02"), 40, 5'000'000);
  return s;
}

}  // namespace

TEST_CASE("pinned: an empty pane", "[golden][sketch]") {
  require_pinned(summary({2, 1000}, pinned_seed), "d501010000000000000095853100");
}

TEST_CASE("pinned: a pane of one integer", "[golden][sketch]") {
  summary s({2, 1000}, pinned_seed);
  add_at(s, item::integer(-2), 5, 1'764'000'000'000'000);
  require_pinned(s, "d501010005000a000180809296a896a206000100030a00494b996a");
}

TEST_CASE("pinned: a pane with both filters", "[golden][sketch]") {
  require_pinned(filtered(),
                 "d5010106ec0206cc05000580897a8092f401140602166170706c65d804000b010250000c"
                 "03080b280d2808110d0c0b0c17312bd19a");
}

TEST_CASE("pinned: a closed pane", "[golden][sketch]") {
  auto s = filtered();
  s.close();
  require_pinned(s,
                 "d5010101ec0206cc05000580897a8092f401140602166170706c65b004000b010228001d"
                 "35bba9");
}

TEST_CASE("pinned: a closed pane by item", "[golden][sketch]") {
  summary s({8, 10'000}, pinned_seed);
  for (auto const* name : {"song/2", "song/1", "song/10", "a long name, of 32 letters in all"}) {
    add_at(s, item::text(name), 70, 1'000'000);
  }
  add_at(s, item::integer(300), 3, 2'000'000);
  add_at(s, item::integer(-2), 2, 2'000'000);
  add_at(s, item::real(0.5), 4, 3'000'000);
  add_at(s, item::blob("\x01\x02"), -40, 5'000'000);
  add_at(s, item::text("gone"), 1, 5'000'000);
  auto const bytes = s.encode_cut(8);
  REQUIRE(hex(bytes) ==
          "d5010201a20228f403000980897a8092f401002802010500380304ae0206000000000000e03f080f1261206c"
          "6f6e67206e616d652c206f66203332206c65747465727320696e20616c6c8c0104676f6e650206736f6e672f"
          "318c0161308c0151328c016afdb707");
  REQUIRE(stored_summary::parse(bytes));
}

TEST_CASE("pinned: a live pane upon a base", "[golden][sketch]") {
  summary parent({2, 1000}, pinned_seed);
  add_at(parent, item::integer(1), 2, -1);
  parent.absorb(filtered());
  add_at(parent, item::text("fig"), 90, 7);
  require_pinned(parent,
                 "d5010103c803068407000701c196b102140614020e666967b4011a166170706c65b00400"
                 "0c04152811280739cf593f");
}

TEST_CASE("pinned: filter cells", "[golden][sketch]") {
  using cells = std::array<std::size_t, 2>;
  constexpr std::uint64_t all = ~std::uint64_t{0};
  REQUIRE(count_filter::positions(0, 7200) == cells{0, 7200});
  REQUIRE(count_filter::positions(1, 7200) == cells{4449, 12675});
  REQUIRE(count_filter::positions(0x0123456789ABCDEF, 7200) == cells{353, 13398});
  REQUIRE(count_filter::positions(0xFEDCBA9876543210, 7200) == cells{2396, 9925});
  REQUIRE(count_filter::positions(all, 7200) == cells{2750, 8924});
  REQUIRE(count_filter::positions(0x0123456789ABCDEF, 6) == cells{0, 11});
  REQUIRE(count_filter::positions(0x0123456789ABCDEF, 6U << 20) == cells{309086, 11707983});
}
