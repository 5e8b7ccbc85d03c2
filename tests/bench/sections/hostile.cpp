// The cost of items that collide without the seed, compared with random ones: in a summary, and by
// SQL. Then the same with the seed known to the attacker.
#include <memory>
#include <optional>

#include "base/hash.hpp"
#include "kit/crafted_items.hpp"
#include "kit/random.hpp"
#include "sections.hpp"
#include "sketch/summary.hpp"

namespace topk::bench {
namespace {

constexpr int bits = 12;  // more groups than the index of a live pane has

using items = std::vector<std::string>;

items random_items(std::size_t count) {
  test::random_source random(7);
  items made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back("item" + std::to_string(random.below(80'000'000)));
  return made;
}

void fill_summary(items const& from, std::vector<std::size_t> const& order, std::uint64_t seed) {
  sketch::summary pane({2048, 1 << 20}, seed);
  for (auto const at : order) {
    item_view const item{item_type::text, from[at]};
    pane.add(item, hash_item(item, seed), 1, 1);
  }
}

void fill_stream(connection const& db, items const& from, std::vector<std::size_t> const& order) {
  db.exec("BEGIN");
  {
    auto put = db.prepare("INSERT INTO s(item, ts) VALUES (?1, 1700000000)");
    for (auto const at : order) put.bind(1, from[at].data(), from[at].size()).run();
  }
  db.exec("COMMIT");
}

void rows_for(report& into, std::string const& what, outcome const& cost) {
  into.row(ratio_figure(what + ", items made to collide, seed unknown", "random items", cost, 1, 0,
                        1.5));
  into.row(plain_figure(what + ", seed known to the attacker", "random items", cost, 2, 0));
}

}  // namespace

void measure_hostile(settings const& how, report& into) {
  into.heading("Hostile items");
  std::size_t const count = how.is_quick ? 2'000 : 20'000;
  say("looking for items that collide");
  auto const usual = random_items(count);
  auto const crafted = test::colliding_items(count, 0, bits);
  std::vector<std::size_t> order(20 * count);
  test::random_source random(11);
  for (auto& at : order) at = random.skewed(count);
  auto const events = static_cast<double>(order.size());

  constexpr std::uint64_t unknown = 0x5EED;
  rows_for(
      into, "update of a summary",
      duel({{"random items", {}, [&] { fill_summary(usual, order, unknown); }, events},
            {"made to collide, seed unknown",
             {},
             [&] { fill_summary(crafted, order, unknown); },
             events},
            {"made to collide, seed known", {}, [&] { fill_summary(crafted, order, 0); }, events}},
           how.is_quick ? how.rounds : 2 * how.rounds + 1));

  std::optional<connection> db;
  auto const inserting = [&](std::string const& name, items const& from,
                             std::string const& options) {
    return contestant{
        name,
        [&, options] {
          db.emplace(":memory:", how.with);
          db->exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off" + options + ")");
        },
        [&] { fill_stream(*db, from, order); }, events};
  };
  rows_for(into, "prepared INSERT, log=off",
           duel({inserting("random items", usual, ""),
                 inserting("made to collide, seed unknown", crafted, ""),
                 inserting("made to collide, seed known", crafted, ", seed=0")},
                how.is_quick ? how.rounds : 2 * how.rounds + 1));
}

}  // namespace topk::bench
