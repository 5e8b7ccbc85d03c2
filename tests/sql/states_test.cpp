// topk_state against the truth: of one stream, and added up over several.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

#include "kit/random.hpp"
#include "kit/settings.hpp"
#include "story.hpp"

using namespace topk::test;

namespace {

struct event {
  std::size_t stream;
  std::string item;
  std::int64_t ms;  // since `start`
  std::int64_t weight;
  std::string partition;  // empty: none
};

// What a state says: of the items it has, and of all others.
struct state_bounds {
  struct range {
    std::int64_t lower = 0;
    std::int64_t upper = 0;
  };
  std::map<std::string, range> held;
  range absent;
};

// A state, as SQL shows it.
state_bounds read_state(database& db, value const& state) {
  state_bounds out;
  for (row const& each : db.query("SELECT item, signed_lower, signed_upper FROM topk_each(?1, "
                                  "1048576)",
                                  {state})) {
    state_bounds::range const of{each.at(1).as_integer(), each.at(2).as_integer()};
    if (each.at(0).is_null()) {
      out.absent = of;
    } else {
      out.held[each.at(0).bytes()] = of;
    }
  }
  return out;
}

std::string seconds(std::int64_t ms) {
  return std::to_string(start) + " + " + std::to_string(ms) + " / 1000.0";
}

// Several streams of one clock, whose events come in random order.
class sources {
 public:
  explicit sources(std::uint64_t seed) : random_(seed), db_(begin_story()) {
    auto const count = static_cast<std::size_t>(random_.between(1, 4));
    is_by_item_ = random_.percent(50);
    distinct_ = random_.pick<std::int64_t>({5, 50, 2000});
    for (std::size_t s = 0; s < count; ++s) {
      auto const memory = random_.pick<std::string>({"16384", "65536", "1048576"});
      auto const past = random_.pick<std::string>({"0", "2000", "2097152"});
      db_.exec("CREATE VIRTUAL TABLE s" + std::to_string(s) +
               " USING topk_stream(windows='1min,10min', log=off, seed=" +
               std::to_string(random_.below(100)) + ", memory=" + memory + ", past=" + past +
               ", k=" + random_.pick<std::string>({"1", "5", "100"}) + ")");
      newest_.push_back(-1);
    }
  }

  void insert_events() {
    auto const count = random_.pick<std::int64_t>({50, 2000, 6000});
    std::int64_t now = 1;
    db_.exec("BEGIN");
    for (std::int64_t i = 0; i < count; ++i) {
      now += i % 500 == 0 ? 5000 : random_.between(0, 200);
      std::int64_t ms = random_.percent(5) ? now - random_.between(0, 100'000) : now;
      if (ms <= 0) continue;
      auto const rank = random_.skewed(static_cast<std::size_t>(distinct_));
      auto const stream = is_by_item_ ? rank % newest_.size() : random_.below(newest_.size());
      event one{static_cast<std::size_t>(stream), "i" + std::to_string(rank), ms,
                random_.percent(50) ? random_.pick<std::int64_t>({1, 1, 3, -1, -2}) : 1,
                random_.pick<std::string>({"", "a", "b"})};
      set_clock(start + now / 1000 + 1);
      db_.exec("INSERT INTO s" + std::to_string(one.stream) +
               "(item, ts, weight, partition) VALUES ('" + one.item + "', " + seconds(ms) + ", " +
               std::to_string(one.weight) + ", nullif('" + one.partition + "', ''))");
      newest_[one.stream] = std::max(newest_[one.stream], ms);
      events_.push_back(std::move(one));
      if (random_.percent(2)) db_.exec("COMMIT; BEGIN");
    }
    if (random_.percent(80)) {
      db_.exec("COMMIT");  // else the last ones are our own, uncommitted
    }
  }

  // One window of every stream; returns how many states it gave.
  int check_window() {
    auto const width = random_.pick<std::int64_t>({1, 5, 10, 60, 300});
    std::int64_t const until = width * random_.between(1, std::max<std::int64_t>(600 / width, 1));
    std::string const partition = random_.pick<std::string>({"", "", "a"});
    std::string const entries = random_.pick<std::string>({"NULL", "3", "40", "2000"});
    std::string const least = random_.pick<std::string>({"NULL", "NULL", "1", "4"});
    INFO("width " << width << ", until " << until << ", partition " << partition << ", entries "
                  << entries << ", least " << least);
    std::map<std::string, std::int64_t> all;
    std::vector<value> states;
    bool is_complete = true;
    for (std::size_t s = 0; s < newest_.size(); ++s) {
      auto const got =
          db_.attempt("SELECT topk_state(" + std::to_string(width) + ", 's" + std::to_string(s) +
                      "', " + std::to_string(start + until) + ", nullif('" + partition +
                      "', ''), " + entries + ", " + least + ")");
      std::int64_t const retained = newest_[s] - 600'000;
      bool const has_begun = newest_[s] >= 0 && (until - width) * 1000 < retained;
      if (has_begun && until * 1000 <= retained) {
        REQUIRE(got.ok());
        REQUIRE(got.rows.at(0).at(0).is_null());
      }
      if (has_begun && until * 1000 > retained) {  // never what is left of it
        REQUIRE(got.code == SQLITE_ERROR);
        REQUIRE(got.message.find("begins before what is retained") != std::string::npos);
      }
      if (!got.ok() && !has_begun) {
        REQUIRE(got.message.find("cuts a pane of") != std::string::npos);
      }
      if (has_begun || !got.ok()) {
        is_complete = false;
        continue;
      }
      std::map<std::string, std::int64_t> truth;
      for (event const& one : events_) {
        bool const is_inside = one.stream == s && one.ms > (until - width) * 1000 &&
                               one.ms <= until * 1000 &&
                               (partition.empty() || one.partition == partition);
        if (is_inside) truth[one.item] += one.weight;
      }
      for (auto const& [item, sum] : truth) all[item] += sum;
      value const& state = got.rows.at(0).at(0);
      check(read_state(db_, state), truth);
      if (least != "NULL") check_hidden(state, truth, std::stoll(least));
      states.push_back(state);
    }
    if (!is_complete) return static_cast<int>(states.size());
    db_.exec("DROP TABLE IF EXISTS temp.shipped; CREATE TEMP TABLE shipped(state)");
    for (value const& state : states) {
      static_cast<void>(db_.query("INSERT INTO shipped VALUES (?1)", {state}));
    }
    std::string const counters = random_.pick<std::string>({"5000", "40", "3"});
    auto const combined = [&](std::string const& rule) {
      return read_state(db_, db_.scalar("SELECT approx_top_k_combine(state, " + counters + ", " +
                                        rule + ") FROM shipped"));
    };
    check(combined("'sum'"), all);
    if (is_by_item_) {
      check(combined("'disjoint'"), all);
      ++disjoint_;
    }
    return static_cast<int>(states.size());
  }

  [[nodiscard]] int disjoint() const noexcept { return disjoint_; }

 private:
  static void check(state_bounds const& says, std::map<std::string, std::int64_t> truth) {
    for (auto const& [item, range] : says.held) truth.try_emplace(item, 0);
    for (auto const& [item, sum] : truth) {
      auto const at = says.held.find(item);
      auto const& range = at == says.held.end() ? says.absent : at->second;
      INFO(item << " has " << sum << ", said to be in [" << range.lower << ", " << range.upper
                << "]" << (at == says.held.end() ? ", absent" : ""));
      REQUIRE(range.lower <= sum);
      REQUIRE(sum <= range.upper);
    }
  }

  // No name of an item that has less is in any byte.
  static void check_hidden(value const& state, std::map<std::string, std::int64_t> const& truth,
                           std::int64_t least) {
    database shows(":memory:");
    shows.load_topk();
    for (auto const& [item, range] : read_state(shows, state).held) {
      auto const at = truth.find(item);
      INFO(item);
      REQUIRE(at != truth.end());
      REQUIRE(at->second >= least);
      REQUIRE(range.lower >= least);
    }
  }

  random_source random_;
  database db_;
  std::int64_t distinct_ = 0;
  bool is_by_item_ = false;  // each item's events go to one stream
  int disjoint_ = 0;         // how many windows were added up by that
  std::vector<std::int64_t> newest_;
  std::vector<event> events_;
};

}  // namespace

TEST_CASE("state_bounds and states_add_up: every item of every state lies within its bounds",
          "[story][states][property]") {
  int states = 0;
  int disjoint = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed);
    sources streams(seed);
    streams.insert_events();
    for (int i = 0; i < 20; ++i) states += streams.check_window();
    disjoint += streams.disjoint();
  }
  CHECK(disjoint > 30);
  CHECK(states > 300);
}

TEST_CASE("partly_expired_is_refused: no state is made of a span that has begun to expire",
          "[story][states]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(windows='1min', log=off, seed=1)");
  int states = 0;
  int refused = 0;
  int gone = 0;
  std::int64_t reference = 0;
  for (std::int64_t now = 1; now < 400; now += 3) {
    set_clock(start + now);
    if (now < 200 || now > 300) {
      db.exec("INSERT INTO s(item) VALUES ('x'), ('y')");
      reference = now;
    }
    if (now % 7 == 0) {
      db.exec("INSERT INTO s(s) VALUES('prune')");
      reference = now;
    }
    for (std::int64_t until = 5; until <= now; until += 5) {
      std::int64_t const since = until - 5;
      auto const got =
          db.attempt("SELECT topk_state('5s', 's', " + std::to_string(start + until) + ")");
      std::int64_t const retained = reference - 60;
      INFO("now " << now << ", until " << until << ", retained " << retained);
      if (until <= retained) {
        REQUIRE(got.rows.at(0).at(0).is_null());
        ++gone;
      } else if (since < retained) {
        REQUIRE(got.code == SQLITE_ERROR);
        ++refused;
      } else {
        REQUIRE(got.ok());
        ++states;
      }
    }
  }
  CHECK(states > 500);
  CHECK(refused > 50);
  CHECK(gone > 1000);
}
