// How good fast answers are as of random times of all that is retained, and what is stored for
// that.
//
// A stream is made event by event from a seed, inserted as it would come (a transaction for each
// stretch of time) or at once, and then asked as of random seconds. The exact counts come from the
// events in memory:
//
//   precision@K    rows at least as frequent as the Kth, of K or of all items that there are
//   error@100      average relative error of the counts of the first 100 rows
//   proven@10      share of the first 10 rows that are proven
//   exact          share of the rows with lower = upper
//   bounds broken  rows whose true count lies outside their bounds
#include <array>
#include <cmath>
#include <functional>
#include <unordered_map>

#include "sections.hpp"

namespace topk::bench {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;

struct past_event {
  std::int64_t second;
  std::uint32_t item;
};

struct past_stream {
  std::vector<past_event> events;  // in order of time
  std::vector<std::string> names;  // of the items
};

// Half of the words are of all times; the others are of a topic, which gives way to the next within
// the hour.
past_stream drifting_words(std::int64_t count, std::int64_t seconds, std::int64_t words,
                           std::uint64_t seed) {
  past_stream made;
  made.events.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < words; ++i) made.names.push_back("w" + std::to_string(i));
  std::mt19937_64 random(seed);
  auto const uniform = [&] { return (static_cast<double>(random() >> 11) + 1) * 0x1p-53; };
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t const second = first_second + 1 + i * seconds / count;
    std::int64_t word = zipf_rank(uniform(), 1.0, words) - 1;
    if (uniform() < 0.5) {
      double const topic = static_cast<double>(second - first_second) / hour;
      auto const number = static_cast<std::int64_t>(topic + uniform());
      word = (word * 7919 + number * 104'729) % words;
    }
    made.events.push_back({second, static_cast<std::uint32_t>(word)});
  }
  return made;
}

// `count` events at random seconds, all of the past.
past_stream scattered(std::int64_t count, std::int64_t seconds, std::int64_t items,
                      std::uint64_t seed) {
  past_stream made;
  for (std::int64_t i = 0; i < items; ++i) made.names.push_back("i" + std::to_string(i));
  std::mt19937_64 random(seed);
  auto const uniform = [&] { return (static_cast<double>(random() >> 11) + 1) * 0x1p-53; };
  for (std::int64_t i = 0; i < count; ++i) {
    auto const second = static_cast<std::int64_t>(uniform() * static_cast<double>(seconds));
    made.events.push_back({first_second - seconds + second,
                           static_cast<std::uint32_t>(zipf_rank(uniform(), 0.8, items) - 1)});
  }
  std::sort(made.events.begin(), made.events.end(),
            [](past_event const& a, past_event const& b) { return a.second < b.second; });
  return made;
}

// Without events where the file is not here.
past_stream recorded(std::string const& name) {
  past_stream made;
  std::unordered_map<std::string, std::uint32_t> numbers;
  each_recorded(name, [&](std::int64_t second, std::string const& item) {
    auto const [at, is_new] =
        numbers.try_emplace(item, static_cast<std::uint32_t>(made.names.size()));
    if (is_new) made.names.push_back(item);
    made.events.push_back({second, at->second});
  });
  return made;
}

// A transaction for every `stretch` seconds; 0: one for all.
void fill(connection const& db, past_stream const& from, std::string const& options,
          std::int64_t stretch) {
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off" + options + "); BEGIN");
  auto put = db.prepare("INSERT INTO s(item, ts) VALUES(?1, ?2)");
  std::int64_t next = from.events.front().second + stretch;
  for (auto const& event : from.events) {
    if (stretch > 0 && event.second >= next) {
      db.exec("COMMIT; BEGIN");
      next = event.second + stretch;
    }
    auto const& name = from.names[event.item];
    put.bind(1, name.data(), name.size()).bind(2, event.second).run();
  }
  db.exec("COMMIT");
}

struct past_quality {
  double precision_10 = 0, precision_100 = 0, error_100 = 0, proven_10 = 0, exact = 0;
  std::int64_t broken = 0;
};

class past_questions {
 public:
  past_questions(connection const& db, past_stream const& from) : db_(db), from_(from) {
    for (std::size_t i = 0; i < from.names.size(); ++i) {
      numbers_.emplace(from.names[i], static_cast<std::uint32_t>(i));
    }
  }

  [[nodiscard]] past_quality ask(std::string const& window, std::int64_t width, int times,
                                 std::uint64_t seed) {
    past_quality sum;
    std::mt19937_64 random(seed);
    std::int64_t const first = from_.events.front().second + width;
    std::int64_t const last = from_.events.back().second;
    auto query = db_.prepare("SELECT item, count, lower, upper, proven FROM topk('" + window +
                             "', ?2, 's', 'fast', ?1)");
    int asked = 0;
    for (int i = 0; i < times; ++i) {
      std::int64_t const at =
          first + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(last - first));
      count_exactly(at - width, at);
      if (ranked_.empty()) continue;
      ++asked;
      for (std::int64_t const k : {10, 100}) judge(query, at, k, sum);
    }
    for (double* const each :
         {&sum.precision_10, &sum.precision_100, &sum.error_100, &sum.proven_10, &sum.exact}) {
      *each /= std::max(asked, 1);
    }
    return sum;
  }

 private:
  void count_exactly(std::int64_t since, std::int64_t until) {
    auto const after = [&](std::int64_t second) {
      return std::upper_bound(
          from_.events.begin(), from_.events.end(), second,
          [](std::int64_t value, past_event const& each) { return value < each.second; });
    };
    counts_.assign(from_.names.size(), 0);
    for (auto one = after(since), end = after(until); one != end; ++one) ++counts_[one->item];
    ranked_.clear();
    for (auto const count : counts_) {
      if (count > 0) ranked_.push_back(count);
    }
    std::sort(ranked_.begin(), ranked_.end(), std::greater<>());
  }

  void judge(query& asking, std::int64_t at, std::int64_t k, past_quality& sum) {
    auto const there = std::min(static_cast<std::size_t>(k), ranked_.size());
    std::int64_t const least = ranked_[there - 1];
    double right = 0, error = 0, proven = 0, exact = 0, rows = 0;
    asking.bind(1, at).bind(2, k);
    while (asking.step()) {
      std::int64_t const truth = counts_[numbers_.at(asking.text(0))];
      std::int64_t const count = asking.integer(1);
      right += truth >= least ? 1 : 0;
      error += std::abs(static_cast<double>(count - truth)) /
               static_cast<double>(std::max<std::int64_t>(truth, 1));
      proven += asking.integer(4) != 0 ? 1 : 0;
      exact += asking.integer(2) == asking.integer(3) ? 1 : 0;
      sum.broken += truth < asking.integer(2) || truth > asking.integer(3) ? 1 : 0;
      ++rows;
    }
    asking.reset();
    double const precision = right / static_cast<double>(there);
    if (k == 10) {
      sum.precision_10 += precision;
      sum.proven_10 += proven / static_cast<double>(there);
      return;
    }
    sum.precision_100 += precision;
    sum.error_100 += rows == 0 ? 1 : error / rows;
    sum.exact += rows == 0 ? 0 : exact / rows;
  }

  connection const& db_;
  past_stream const& from_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::int64_t> counts_;  // of each item, in the window last counted
  std::vector<std::int64_t> ranked_;  // those above 0, greatest first
};

// What is to be reached; 0: nothing is promised.
struct past_window {
  std::string name;
  std::int64_t width;
  double precision_10, precision_100, proven_10, exact;
};
struct past_case {
  std::string name;
  std::string options;
  std::int64_t stretch;
  std::function<past_stream(std::uint64_t seed)> make;
  bool is_one_of_a_kind;  // the seed chooses no other events
  std::vector<past_window> windows;
};

std::vector<past_case> past_cases() {
  std::string const years = ", windows='1day,30 days', retain='3650 days'";
  auto const words = [](std::uint64_t seed) { return drifting_words(62 * day, day, 30'000, seed); };
  auto const month = [](std::uint64_t seed) {
    return drifting_words(30 * day, 30 * day, 30'000, seed);
  };
  auto const few = [](std::uint64_t seed) { return scattered(10'000, 3649 * day, 500, seed); };
  auto const short_items = [](std::uint64_t seed) { return scattered(100'000, day, 5'000, seed); };
  std::vector<past_window> const exact = {{"1day", day, 1, 1, 0, 1},
                                          {"30 days", 30 * day, 1, 1, 0, 1}};
  std::vector<past_window> const exact_day = {
      {"1min", minute, 1, 1, 0, 1}, {"5min", 5 * minute, 1, 1, 0, 1}, {"1hour", hour, 1, 1, 0, 1}};
  return {
      {"drifting words, 62 a second, 1 day",
       "",
       minute,
       words,
       false,
       {{"1min", minute, 0.97, 0, 0, 0},
        {"5min", 5 * minute, 0.99, 0, 0.5, 0},
        {"1hour", hour, 0, 0.99, 0.9, 0}}},
      {"drifting words, 62 a second, 1 day, at once",
       "",
       0,
       words,
       false,
       {{"1min", minute, 0, 0, 0, 0},
        {"5min", 5 * minute, 0, 0, 0, 0},
        {"1hour", hour, 0, 0, 0, 0}}},
      {"drifting words, 1 a second, 30 days",
       ", retain='30 days'",
       hour,
       month,
       false,
       {{"1min", minute, 0, 0, 0, 0},
        {"5min", 5 * minute, 0, 0, 0, 0},
        {"1hour", hour, 0.97, 0, 0, 0},
        {"1day", day, 0, 0.98, 0, 0}}},
      {"flights, 16,400 a day, 90 days",
       ", retain='91 days'",
       day,
       [](std::uint64_t) { return recorded("flights_origin_q1"); },
       true,
       {{"1min", minute, 0, 0, 0, 0},
        {"5min", 5 * minute, 0, 0, 0, 0},
        {"1hour", hour, 0, 0, 0, 0},
        {"1day", day, 0, 0, 0, 0}}},
      {"10,000 events in 10 years, as they come", years, day, few, false, exact},
      {"10,000 events in 10 years, at once", years, 0, few, false, exact},
      {"100,000 short items in a day, as they come", "", minute, short_items, false, exact_day},
      {"100,000 short items in a day, at once", "", 0, short_items, false, exact_day},
  };
}

double middle(std::vector<past_quality> const& of, double past_quality::*which) {
  std::vector<double> values;
  for (auto const& one : of) values.push_back(one.*which);
  return median(std::move(values));
}

}  // namespace

void measure_past(settings const& how, report& into) {
  into.heading("Answers as of any time");
  int const seeds = how.is_quick ? 1 : 5;
  int const times = how.is_quick ? 50 : 200;
  into.text("Fast answers as of " + std::to_string(times) +
            " random seconds of all that is retained, beside exact counts; `log=off`, default "
            "options unless said otherwise; medians of " +
            std::to_string(seeds) + " seeds.");
  std::vector<std::vector<std::string>> all;
  for (auto const& one : past_cases()) {
    say(one.name);
    std::vector<std::vector<past_quality>> found(one.windows.size());
    std::vector<double> bytes, seconds;
    for (int seed = 1; seed <= (one.is_one_of_a_kind ? 1 : seeds); ++seed) {
      auto const events = one.make(static_cast<std::uint64_t>(1000 + seed));
      if (events.events.empty()) break;
      work_folder const folder;
      connection const db(folder.file("past.db"), how.with);
      double const before = cpu_seconds();
      fill(db, events, one.options, one.stretch);
      seconds.push_back((cpu_seconds() - before) / static_cast<double>(events.events.size()));
      bytes.push_back(stream_bytes(db, "s"));
      past_questions questions(db, events);
      for (std::size_t i = 0; i < one.windows.size(); ++i) {
        auto const& window = one.windows[i];
        found[i].push_back(
            questions.ask(window.name, window.width, times, static_cast<std::uint64_t>(seed)));
      }
    }
    if (bytes.empty()) {
      into.text("Skipped: the data of '" + one.name +
                "' is not here (TOPK_SHARED_DATA names the folder).");
      continue;
    }
    for (std::size_t i = 0; i < one.windows.size(); ++i) {
      auto const& window = one.windows[i];
      auto const value = [&](double past_quality::*which) { return middle(found[i], which); };
      double broken = 0;
      for (auto const& each : found[i]) broken += static_cast<double>(each.broken);
      auto const row = [&](char const* what, double measured, double aim) {
        if (aim == 0) return;
        into.row({one.name + ", " + window.name + ": " + what, "exact", as_number(measured, 3), "",
                  measured, "", target{aim, false, as_number(aim, 2)}});
      };
      row("precision@10", value(&past_quality::precision_10), window.precision_10);
      row("precision@100", value(&past_quality::precision_100), window.precision_100);
      row("proven@10", value(&past_quality::proven_10), window.proven_10);
      row("rows with lower = upper", value(&past_quality::exact), window.exact);
      into.row({one.name + ", " + window.name + ": bounds broken", "exact", as_number(broken, 0),
                "", broken, "", target{0, true, "0"}});
      all.push_back(
          {one.name + ", " + window.name, as_number(value(&past_quality::precision_10), 3),
           as_number(value(&past_quality::precision_100), 3),
           as_number(value(&past_quality::error_100), 4),
           as_number(value(&past_quality::proven_10), 2), as_number(value(&past_quality::exact), 2),
           as_number(broken, 0), as_bytes(median(bytes)), as_time(median(seconds))});
    }
  }
  into.table({"stream, window", "precision@10", "precision@100", "error@100", "proven@10",
              "lower = upper", "bounds broken", "sketches", "an event in"},
             all);
}

}  // namespace topk::bench
