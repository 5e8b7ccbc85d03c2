// topk_spans against the truth: which spans there are, what each holds, and what has changed.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>

#include "kit/random.hpp"
#include "story.hpp"

using namespace topk::test;

namespace {

struct timed_event {
  std::int64_t ms;  // since `start`
  std::string partition;
};

// A stream whose finest panes are of one second, with events in random order.
class spans_story {
 public:
  explicit spans_story(std::uint64_t seed) : random_(seed), db_(begin_story()) {
    auto const past = random_.pick<std::string>({"0", "3000", "2097152"});
    db_.exec("CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,10min', log=off, k=5, seed=" +
             std::to_string(seed) + ", past=" + past + ")");
  }

  void insert_events(std::int64_t count) {
    db_.exec("BEGIN");
    for (std::int64_t i = 0; i < count; ++i) {
      now_ += random_.percent(2) ? random_.between(0, 9000) : random_.between(0, 300);
      std::int64_t const ms = random_.percent(10) ? now_ - random_.between(0, 100'000) : now_;
      if (ms <= 0) continue;
      insert({ms, random_.pick<std::string>({"", "", "a"})});
      if (random_.percent(2)) db_.exec("COMMIT; BEGIN");
    }
    db_.exec("COMMIT");
    if (random_.percent(30)) db_.exec("INSERT INTO s(s) VALUES ('optimize')");
  }

  // One width: returns how many spans were listed.
  std::size_t check() {
    std::int64_t const width = random_.pick<std::int64_t>({1, 5, 10, 60});
    std::string const partition = random_.pick<std::string>({"", "", "a"});
    INFO("width " << width << ", partition " << partition);
    auto const rows = list(width, "NULL", partition);
    std::map<std::int64_t, std::int64_t> truth;  // events by end
    std::int64_t const closed =
        std::max(newest_, (now_ / 1000 + 1) * 1000) / (1000 * width) * width;
    for (timed_event const& one : events_) {
      std::int64_t const until = (one.ms + 1000 * width - 1) / (1000 * width) * width;
      if (until <= closed && (partition.empty() || one.partition == partition)) ++truth[until];
    }
    if (rows.empty()) return 0;
    std::int64_t const first = rows.front().at(1).as_integer() - start;
    truth.erase(truth.begin(), truth.lower_bound(first));
    REQUIRE(rows.size() == truth.size());
    auto expected = truth.begin();
    for (row const& each : rows) {
      REQUIRE(each.at(1).as_integer() - each.at(0).as_integer() == width);
      REQUIRE(each.at(1).as_integer() - start == expected->first);
      REQUIRE(each.at(2).as_integer() == expected->second);
      ++expected;
      if (!random_.percent(10)) continue;
      value const state = db_.scalar("SELECT topk_state(" + std::to_string(width) + ", 's', " +
                                     each.at(1).literal() + ", nullif('" + partition + "', ''))");
      REQUIRE(each.at(4) == state);
    }
    check_from(rows, width, partition);
    return rows.size();
  }

  // Late events change the spans they fall in, and no others; the version rises.
  void check_changes() {
    std::int64_t const width = 10;
    auto const before = list(width, "NULL", "");
    if (before.empty()) return;
    std::int64_t const first = before.front().at(0).as_integer() - start;
    std::map<std::int64_t, std::int64_t> changed;
    for (int i = 0; i < 3; ++i) {
      std::int64_t const ms = random_.between(std::max<std::int64_t>(first * 1000 + 1, 1), newest_);
      insert({ms, ""});
      ++changed[(ms + 9999) / 10'000 * 10];
    }
    std::map<std::int64_t, row> known;
    for (row const& each : before) known[each.at(1).as_integer() - start] = each;
    for (row const& each : list(width, std::to_string(start + first), "")) {
      std::int64_t const until = each.at(1).as_integer() - start;
      INFO("until " << until);
      auto const old = known.find(until);
      std::int64_t const had = old == known.end() ? 0 : old->second.at(2).as_integer();
      REQUIRE(each.at(2).as_integer() - had == changed[until]);
      REQUIRE(each.at(3).as_integer() > before.front().at(3).as_integer());
      if (changed[until] == 0) REQUIRE(each.at(4) == old->second.at(4));
      if (changed[until] != 0 && had != 0) REQUIRE(each.at(4) != old->second.at(4));
    }
  }

 private:
  void insert(timed_event one) {
    set_clock(start + now_ / 1000 + 1);
    db_.exec("INSERT INTO s(item, ts, partition) VALUES ('i" + std::to_string(random_.skewed(40)) +
             "', " + std::to_string(start) + " + " + std::to_string(one.ms) +
             " / 1000.0, nullif('" + one.partition + "', ''))");
    newest_ = std::max(newest_, one.ms);
    events_.push_back(std::move(one));
  }
  std::vector<row> list(std::int64_t width, std::string const& after,
                        std::string const& partition) {
    return db_.query("SELECT since, until, events, version, state FROM topk_spans(" +
                     std::to_string(width) + ", 's', " + after + ", nullif('" + partition +
                     "', ''))");
  }
  // From any end on: the rest of the list, or an error that names the first end of it.
  void check_from(std::vector<row> const& rows, std::int64_t width, std::string const& partition) {
    std::int64_t const after =
        random_.between(std::max<std::int64_t>(rows.front().at(0).as_integer() - start - 50, -600),
                        newest_ / 1000 + 20);
    outcome const got =
        db_.attempt("SELECT until FROM topk_spans(" + std::to_string(width) + ", 's', " +
                    std::to_string(start + after) + ", nullif('" + partition + "', ''))");
    if (!got.ok()) {
      REQUIRE(got.message.find("is too far back for width=") != std::string::npos);
      REQUIRE(after < rows.front().at(0).as_integer() - start);
      return;
    }
    std::size_t expected = 0;
    for (row const& each : rows) expected += each.at(1).as_integer() - start > after ? 1 : 0;
    REQUIRE(got.rows.size() == expected);
  }

  random_source random_;
  database db_;
  std::int64_t now_ = 1;
  std::int64_t newest_ = 0;
  std::vector<timed_event> events_;
};

}  // namespace

TEST_CASE("spans_tell_changes: each closed span with its events and state, and what has changed",
          "[story][states][property]") {
  std::size_t spans = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    spans_story story(seed);
    for (int round = 0; round < 4; ++round) {
      story.insert_events(seed % 2 == 0 ? 100 : 2000);
      for (int i = 0; i < 3; ++i) spans += story.check();
      story.check_changes();
    }
  }
  CHECK(spans > 3000);
}
