// Panes: whatever the bytes, parse and decode agree, and what they accept can be used.
#include <algorithm>

#include "base/hash.hpp"
#include "fuzz.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::fuzz;
using namespace topk::sketch;

namespace {

constexpr std::uint64_t seed = 42;
constexpr std::int64_t greatest_weight = std::int64_t{1} << 40;

void use(summary& pane, stored_summary const& stored, bool is_reachable, source in) {
  summary parent({3, 1000}, seed);
  // At most sixteen steps, chosen by the bytes themselves.
  for (int step = 0; step < 16 && !in.is_empty(); ++step) {
    auto const what = in.byte();
    auto const one = item::integer(what & 7);
    auto const text = item::text(std::string(1, static_cast<char>(what)));
    switch (what % 7) {
      case 0: pane.add(one, hash_item(one, seed), greatest_weight - what, step); break;
      case 1: pane.add(text, hash_item(text, seed), -greatest_weight + what, step); break;
      case 2: parent.absorb(stored); break;
      case 3: parent.absorb(pane); break;
      case 4: pane.truncate(std::min<std::size_t>(what >> 3, pane.size())); break;
      case 5: pane.forget(one, hash_item(one, seed)); break;
      default: parent.add(text, hash_item(text, seed), 1, step); break;
    }
    (void)pane.estimate(one, hash_item(one, seed));
  }
  // Numbers that no stream can reach saturate, and bounds may then contradict each other: reading
  // refuses what is written of them.
  require(pane.is_consistent() || !is_reachable, "a used pane is consistent");
  require(parent.is_consistent() || !is_reachable, "a parent is consistent");
  for (auto const* written : {&pane, &parent}) {
    auto const bytes = written->encode();
    auto const back = summary::decode(bytes, {4, 1000}, seed);
    require(back || !is_reachable, "what is encoded can be decoded");
    require(!back || back->encode() == bytes, "and is the same then");
  }
}

// Whether every number is far from where sums saturate.
bool has_reachable_numbers(stored_summary const& stored) {
  constexpr std::int64_t far = std::int64_t{1} << 55;
  auto const is_near = [](std::int64_t number) { return number > -far && number < far; };
  auto const& totals = stored.totals();
  return is_near(stored.absent().lower) && is_near(stored.absent().upper) &&
         is_near(totals.gross_in) && is_near(totals.gross_out) && is_near(totals.total_lower) &&
         is_near(totals.total_upper) && is_near(totals.events) && is_near(totals.first) &&
         is_near(totals.last) &&
         std::all_of(stored.entries().begin(), stored.entries().end(),
                     [&](auto const& entry) { return is_near(entry.hi) && is_near(entry.lo); });
}

void take(byte_view bytes, source const& steps) {
  auto const stored = stored_summary::parse(bytes);
  auto decoded = summary::decode(bytes, {4, 1000}, seed);
  if (!stored) {
    require(!decoded.has_value() && !stored.error().message.empty(),
            "refused by both, with a word");
    return;
  }
  if (!decoded) return;  // an item that appears twice
  require(decoded->is_consistent(), "a decoded pane is consistent");
  bool const is_live = bytes[2] == std::byte{1};
  auto const& entries = stored->entries();
  auto const again =
      is_live ? decoded->encode()
              : encode_closed(entries, stored->absent(), stored->totals(), entries.size());
  require(again == std::vector(bytes.begin(), bytes.end()), "one value has one form");
  use(*decoded, *stored, has_reachable_numbers(*stored), steps);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  take(as_bytes(bytes), source(data, size));
  take(sealed(bytes), source(data, size));
  return 0;
}
