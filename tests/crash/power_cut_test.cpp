// Power fails at any call of the disk, and what was not synced is lost or torn: the file holds the
// acknowledged transactions, whole, and at most the one that was under way.
//
// TOPK_CRASH_STRIDE: every so many calls; 1 takes all. TOPK_CRASH_SEED: other transactions and cuts.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "../support/database.hpp"
#include "../support/random.hpp"
#include "judge.hpp"
#include "power_disk.hpp"
#include "settings.hpp"
#include "workload.hpp"

using namespace topk::test;

namespace {

struct setting {
  char const* name;
  char const* pragmas;
  std::int64_t may_lose;  // acknowledged transactions, from the end
};

constexpr std::int64_t any_number = 1'000'000;
constexpr std::int64_t transactions = 20;

struct image {
  power_disk disk;
  long call;
};

class cutting {
 public:
  cutting(setting const& of, std::uint64_t seed, long stride)
      : of_(of), work_(seed), random_(seed), stride_(stride) {}

  // Runs the workload, and after each transaction judges what was left by cuts in it.
  void run() {
    mounted("work") = power_disk();
    mounted("work").on_call = [this](power_disk::call what) { take(what); };
    database db = open("work");
    for (std::int64_t n = 0; n <= transactions; ++n) {
      topk::test::run(db, work_.transaction(n));
      judge_all(n);
    }
    db.close();
    judge_all(transactions + 1);
    mounted("work").on_call = nullptr;
  }

  [[nodiscard]] long cuts() const noexcept { return cuts_; }
  [[nodiscard]] long cuts_in_recovery() const noexcept { return cuts_in_recovery_; }
  [[nodiscard]] long undone() const noexcept { return undone_; }
  [[nodiscard]] long done() const noexcept { return done_; }
  [[nodiscard]] long lost() const noexcept { return lost_; }
  [[nodiscard]] std::vector<std::string> const& complaints() const noexcept { return complaints_; }

 private:
  [[nodiscard]] database open(std::string const& disk) const {
    database db("/" + disk + "/a.db", power_vfs_name);
    db.load_topk();
    db.exec(of_.pragmas);
    return db;
  }

  // Writes are many; each of the other calls may be where a transaction ends.
  void take(power_disk::call what) {
    ++calls_;
    if (what == power_disk::call::write && ++writes_ % stride_ != 0) return;
    using mood = disk_file::mood;
    constexpr std::array moods = {mood::chance, mood::all, mood::chance, mood::nothing};
    left_.push_back({mounted("work").after_cut(moods[++taken_ % moods.size()], random_), calls_});
  }

  void judge_all(std::int64_t under_way) {
    std::int64_t const least = std::max<std::int64_t>(under_way - 1 - of_.may_lose, -1);
    std::int64_t const most = std::min(under_way, transactions);
    for (image& each : left_) {
      ++cuts_;
      std::int64_t const last = judge_one(each, least, most);
      ++(last < under_way - 1 ? lost_ : last == under_way ? done_ : undone_);
    }
    left_.clear();
  }

  std::int64_t judge_one(image& from, std::int64_t least, std::int64_t most) {
    mounted("cut") = std::move(from.disk);
    bool has_second = false;
    std::uint64_t countdown = 1 + random_.below(12);
    if (cuts_ % 3 == 0) {
      mounted("cut").on_call = [&](power_disk::call) {
        if (--countdown != 0) return;
        mounted("again") = mounted("cut").after_cut(disk_file::mood::chance, random_);
        has_second = true;
      };
    }
    sentence first;
    try {
      database db = open("cut");
      first = judge(db, work_, least, most);
      mounted("cut").on_call = nullptr;
      if (!has_second && cuts_ % 5 == 0) go_on(db, first, from.call);
    } catch (sql_error const& error) {
      first.complaint = error.what();
    }
    blame(first, from.call, "");
    if (has_second) {
      ++cuts_in_recovery_;
      sentence second;
      try {
        database db = open("again");
        second = judge(db, work_, first.last, first.last);
      } catch (sql_error const& error) {
        second.complaint = error.what();
      }
      blame(second, from.call, " and in the recovery");
    }
    return first.last;
  }

  // The next transaction on what was found.
  void go_on(database& db, sentence const& found, long call) {
    if (!found.complaint.empty()) return;
    topk::test::run(db, work_.transaction(found.last + 1));
    blame(judge(db, work_, found.last + 1, found.last + 1), call, ", going on");
  }

  void blame(sentence const& found, long call, std::string const& when) {
    if (found.complaint.empty()) return;
    complaints_.push_back(std::string(of_.name) + ", seed " + std::to_string(work_.seed()) +
                          ", at call " + std::to_string(call) + when + ": " + found.complaint);
  }

  setting of_;
  workload work_;
  random_source random_;
  long stride_;
  long calls_ = 0;
  long writes_ = 0;
  std::size_t taken_ = 0;
  std::vector<image> left_;
  long cuts_ = 0;
  long cuts_in_recovery_ = 0;
  long undone_ = 0;
  long done_ = 0;
  long lost_ = 0;
  std::vector<std::string> complaints_;
};

cutting cut_power(setting const& of) {
  install_power_vfs();
  auto const seed = static_cast<std::uint64_t>(crash_settings::number("TOPK_CRASH_SEED", 1, 1));
  cutting all(of, seed, crash_settings::number("TOPK_CRASH_STRIDE", 9, 67));
  all.run();
  return all;
}

void survive(setting const& of) {
  cutting const all = cut_power(of);
  for (std::size_t i = 0; i < std::min<std::size_t>(all.complaints().size(), 5); ++i) {
    FAIL_CHECK(all.complaints()[i]);
  }
  CHECK(all.complaints().empty());
  CHECK(all.cuts() > 0);
  CHECK(all.done() > 0);
  CHECK(all.undone() > 0);
  std::cout << "power cuts survived: " << all.cuts() << " (" << of.name
            << "), and in the recovery: " << all.cuts_in_recovery()
            << "; under way and kept: " << all.done() << ", undone: " << all.undone()
            << ", acknowledged and lost: " << all.lost() << std::endl;
}

}  // namespace

TEST_CASE("power may fail: a journal that is deleted", "[crash][power]") {
  // Without EXTRA the directory is not synced: the journal of the last commit may come back.
  survive({"DELETE, FULL", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL", 1});
  survive({"DELETE, EXTRA", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA", 0});
}

TEST_CASE("power may fail: a journal that is cut to nothing", "[crash][power]") {
  survive({"TRUNCATE, FULL", "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL", 0});
}

TEST_CASE("power may fail: a journal that stays", "[crash][power]") {
  survive({"PERSIST, FULL",
           "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=FULL; PRAGMA cache_size=10", 0});
}

TEST_CASE("power may fail: a write-ahead log", "[crash][power]") {
  survive({"WAL, FULL",
           "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20", 0});
}

TEST_CASE("power may fail: a write-ahead log that is synced at checkpoints", "[crash][power]") {
  survive({"WAL, NORMAL",
           "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=20",
           any_number});
}

TEST_CASE("a file that is never synced does not survive these cuts", "[crash][power]") {
  cutting const all =
      cut_power({"TRUNCATE, OFF", "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF", 0});
  CHECK_FALSE(all.complaints().empty());
}
