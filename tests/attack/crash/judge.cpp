#include "judge.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "kit/clock_vfs.hpp"

namespace topk::test {
namespace {

std::string shown(std::int64_t number) { return std::to_string(number); }

std::string shown(std::string const& stream, std::string const& what, std::int64_t got,
                  std::int64_t wanted) {
  return stream + ": " + what + " is " + shown(got) + ", not " + shown(wanted);
}

bool is_there(database& db, std::string const& stream) {
  return !db.query("SELECT 1 FROM sqlite_schema WHERE name = '" + stream + "'").empty();
}

// The whole of one stream as its log, its content or, without either, its exact panes tell.
class counted_stream {
 public:
  counted_stream(database& db, std::size_t at) : name_(streams[at]) {
    if (!is_there(db, name_)) return;
    std::string const mode = at == by_stream ? "fast" : "exact";
    for (row const& each : answer(db, mode)) {
      if (each[2].as_integer() != each[3].as_integer()) doubtful_ = each[0].literal();
      count(each);
    }
    for (row const& each : answer(db, "fast")) {
      fast_[each[0].literal()] = {each[2].as_integer(), each[3].as_integer()};
      least_total_ = each[4].as_integer();
      most_total_ = each[5].as_integer();
    }
    row const counters =
        db.query("SELECT events, late FROM topk_stats WHERE stream = '" + name_ + "'").at(0);
    events_ = counters[0].as_integer();
    late_ = counters[1].as_integer();
  }

  // -1: no transaction is in it.
  [[nodiscard]] std::int64_t last() const { return own_.empty() ? -1 : own_.rbegin()->first; }

  // The first thing that differs from transactions 1 .. last.
  [[nodiscard]] std::string difference(workload& work, std::size_t at, std::int64_t last) const {
    if (!doubtful_.empty()) return name_ + ": the count of " + doubtful_ + " is not exact";
    share sum;
    for (std::int64_t n = 1; n <= last; ++n) {
      share of = work.leaves(n)[at];
      sum.events += of.events;
      sum.late += of.late;
      bool const is_gone = at == and_gone && n <= this->last() - kept_by_brief;
      if (is_gone) of = {};
      auto const found = own_.find(n);
      std::int64_t const got = found == own_.end() ? 0 : found->second;
      if (got != of.own) return shown(name_, "transaction " + shown(n), got, of.own);
      if (auto wrong = misjudged(shown(n), of.own); !wrong.empty()) return wrong;
      sum.own += of.own;
      sum.shared += of.shared;
      sum.filler += of.filler;
    }
    if (shared_ != sum.shared) return shown(name_, "the count of 'all'", shared_, sum.shared);
    if (auto wrong = misjudged("'all'", sum.shared); !wrong.empty()) return wrong;
    if (filler_ != sum.filler) return shown(name_, "the sum of fillers", filler_, sum.filler);
    if (events_ != sum.events) return shown(name_, "the number of events", events_, sum.events);
    if (late_ != sum.late) return shown(name_, "the number of late events", late_, sum.late);
    std::int64_t const total = sum.own + sum.shared + sum.filler;
    if (total < least_total_) return shown(name_, "the least total", least_total_, total);
    if (total > most_total_) return shown(name_, "the greatest total", most_total_, total);
    return {};
  }

 private:
  std::vector<row> answer(database& db, std::string const& mode) const {
    return db.query(
        "SELECT item, count, lower, upper, total_lower, total_upper FROM topk('all', "
        "100000, '" +
        name_ + "', '" + mode + "')");
  }

  void count(row const& each) {
    std::int64_t const counted = each[1].as_integer();
    if (each[0].type() == value_type::integer) {
      own_[each[0].as_integer()] += counted;
    } else {
      (each[0].bytes() == "all" ? shared_ : filler_) += counted;
    }
  }

  [[nodiscard]] std::string misjudged(std::string const& item, std::int64_t exact) const {
    auto const bounds = fast_.find(item);
    if (bounds == fast_.end()) return {};  // outside the candidates; integrity-check sees to it
    auto const& [lower, upper] = bounds->second;
    if (exact >= lower && exact <= upper) return {};
    return name_ + ": the bounds of " + item + " are " + shown(lower) + ".." + shown(upper) +
           ", without " + shown(exact);
  }

  std::string name_;
  std::string doubtful_;
  std::map<std::int64_t, std::int64_t> own_;
  std::int64_t shared_ = 0;
  std::int64_t filler_ = 0;
  std::int64_t events_ = 0;
  std::int64_t late_ = 0;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> fast_;
  std::int64_t least_total_ = 0;
  std::int64_t most_total_ = 0;
};

// What SQLite's integrity check and ours say.
std::string damage(database& db) {
  std::string const theirs = to_text(db.query("PRAGMA integrity_check"));
  if (theirs.find("'ok'") != 0) return "SQLite: " + theirs;
  for (std::string const stream : streams) {
    if (is_there(db, stream)) {
      db.exec("INSERT INTO " + stream + "(" + stream + ") VALUES('integrity-check')");
    } else if (!db.query("SELECT 1 FROM sqlite_schema WHERE name GLOB '" + stream + "_*'")
                    .empty()) {
      return stream + ": it is made by half";
    }
  }
  return {};
}

std::string examine(database& db, workload& work, std::int64_t least, std::int64_t most,
                    std::int64_t& last) {
  set_clock_ms(work.transaction(most + 1).now * 1000);
  if (auto found = damage(db); !found.empty()) return found;
  if (is_there(db, streams[by_stream])) last = 0;
  std::vector<counted_stream> counted;
  for (std::size_t at = 0; at < streams.size(); ++at) {
    last = std::max(last, counted.emplace_back(db, at).last());
  }
  if (last < least) return "lost: the last transaction is " + shown(last) + " of " + shown(least);
  if (last > most) return "never run: transaction " + shown(last) + " after " + shown(most);
  for (std::size_t at = 0; at < streams.size(); ++at) {
    if (auto wrong = counted[at].difference(work, at, last); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

sentence judge(database& db, workload& work, std::int64_t least, std::int64_t most) {
  sentence found;
  try {
    found.complaint = examine(db, work, least, most, found.last);
  } catch (sql_error const& error) {
    found.complaint = error.what();
  }
  return found;
}

void run(database& db, numbered_transaction const& what) {
  set_clock_ms(what.now * 1000);
  for (std::string const& sql : what.statements) db.exec(sql);
}

}  // namespace topk::test
