// Power fails at any call of the disk, and what was not synced is lost or torn: the file holds the
// acknowledged transactions, whole, and at most the one that was under way.
//
// TOPK_CRASH_STRIDE: every so many calls; 1 takes all. TOPK_CRASH_SEED: other transactions and
// cuts.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "examine.hpp"
#include "kit/database.hpp"
#include "kit/random.hpp"
#include "kit/settings.hpp"
#include "power_disk.hpp"

using namespace topk::test;

namespace {

struct journal {
  char const* name;
  char const* pragmas;
  std::int64_t may_lose;  // acknowledged transactions, from the end
};

constexpr std::int64_t any_number = 1'000'000;
constexpr std::int64_t transactions = is_sanitized ? 14 : 30;

struct image {
  power_disk disk;
  long call;
};

// What became of cuts: of the transaction under way, and of those before it.
struct figures {
  long cuts = 0;
  long cuts_in_recovery = 0;
  long undone = 0;
  long kept = 0;
  long lost = 0;
  std::vector<std::string> complaints;
};

class cutting {
 public:
  cutting(journal const& of, std::uint64_t seed, long stride, figures& sum)
      : of_(of), work_(crash_workload(seed)), random_(seed), stride_(stride), sum_(sum) {}

  // Runs the workload, and after each transaction examines what was left by cuts in it.
  void run() {
    mounted("work") = power_disk();
    mounted("work").on_call = [this](power_disk::call what) { take(what); };
    database db = open("work");
    for (std::int64_t n = 0; n <= transactions; ++n) {
      topk::test::run(db, work_, n);
      examine_all(n);
    }
    db.close();
    examine_all(transactions + 1);
    mounted("work").on_call = nullptr;
  }

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
    bool const is_write = what == power_disk::call::write;
    if (is_write ? ++writes_ % stride_ != 0 : ++others_ % std::max(1L, stride_ / 30) != 0) return;
    using cut = disk_file::cut;
    constexpr std::array cuts = {cut::chance, cut::all, cut::chance, cut::nothing};
    left_.push_back({mounted("work").after_cut(cuts[++taken_ % cuts.size()], random_), calls_});
  }

  void examine_all(std::int64_t under_way) {
    std::int64_t const least = std::max<std::int64_t>(under_way - 1 - of_.may_lose, -1);
    std::int64_t const most = std::min(under_way, transactions);
    for (image& each : left_) {
      ++sum_.cuts;
      std::int64_t const last = examine_one(each, least, most);
      ++(last < under_way - 1 ? sum_.lost : last == under_way ? sum_.kept : sum_.undone);
    }
    left_.clear();
  }

  // Opens what was left, in turns: only that; with another cut on the way; and then going on.
  std::int64_t examine_one(image& from, std::int64_t least, std::int64_t most) {
    mounted("cut") = std::move(from.disk);
    bool has_second = false;
    // At the first call until one recovery was cut, so that a small share of the cuts has one, too.
    std::uint64_t const calls = sum_.cuts_in_recovery == 0 ? 1 : 12;
    std::uint64_t countdown = sum_.cuts % 3 == 0 ? 1 + random_.below(calls) : 0;
    mounted("cut").on_call = [&](power_disk::call) {
      if (countdown == 0 || --countdown != 0) return;
      mounted("again") = mounted("cut").after_cut(disk_file::cut::chance, random_);
      has_second = true;
    };
    bool const goes_on = sum_.cuts % 3 == 1;
    verdict const first = examine_disk("cut", least, most, goes_on);
    mounted("cut").on_call = nullptr;
    note(first, from.call, "");
    if (has_second) {
      ++sum_.cuts_in_recovery;
      note(examine_disk("again", first.last, first.last, false), from.call, " and in the recovery");
    }
    return first.last;
  }

  verdict examine_disk(std::string const& disk, std::int64_t least, std::int64_t most,
                       bool goes_on) {
    verdict found;
    try {
      database db = open(disk);
      found = examine(db, work_, least, most);
      if (goes_on && found.complaint.empty()) {
        topk::test::run(db, work_, found.last + 1);
        found.complaint = examine(db, work_, found.last + 1, found.last + 1).complaint;
      }
    } catch (sql_error const& error) {
      found.complaint = error.what();
    }
    return found;
  }

  void note(verdict const& found, long call, std::string const& when) {
    if (found.complaint.empty()) return;
    sum_.complaints.push_back(std::string(of_.name) + ", seed " + std::to_string(work_.seed()) +
                              ", at call " + std::to_string(call) + when + ": " + found.complaint);
  }

  journal of_;
  workload work_;
  random_source random_;
  long stride_;
  figures& sum_;
  long calls_ = 0;
  long writes_ = 0;
  long others_ = 0;
  std::size_t taken_ = 0;
  std::vector<image> left_;
};

// Two workloads: with a default stream from the start, and with one that is made on first use.
figures cut_power(journal const& of) {
  install_power_vfs();
  auto const seed = static_cast<std::uint64_t>(setting("TOPK_CRASH_SEED", 1));
  long const stride = setting("TOPK_CRASH_STRIDE", 13, 95);
  figures sum;
  cutting(of, 2 * seed, stride, sum).run();
  cutting(of, 2 * seed + 1, stride, sum).run();
  return sum;
}

void survive(journal const& of) {
  figures const sum = cut_power(of);
  for (std::size_t i = 0; i < std::min<std::size_t>(sum.complaints.size(), 5); ++i) {
    FAIL_CHECK(sum.complaints[i]);
  }
  CHECK(sum.complaints.empty());
  CHECK(sum.cuts > 0);
  CHECK(sum.cuts_in_recovery > 0);
  CHECK(sum.kept > 0);
  CHECK(sum.undone > 0);
  std::cout << "power cuts survived: " << sum.cuts + sum.cuts_in_recovery << " (" << of.name
            << "), of them in the recovery from another: " << sum.cuts_in_recovery
            << "; transaction under way undone: " << sum.undone << ", kept: " << sum.kept
            << "; acknowledged and lost: " << sum.lost << std::endl;
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
  figures const sum =
      cut_power({"TRUNCATE, OFF", "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF", 0});
  CHECK_FALSE(sum.complaints.empty());
}
