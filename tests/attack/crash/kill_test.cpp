// Writers that die by SIGKILL: what they acknowledged is in the file, once, and nothing by half.
//
// TOPK_CRASH_KILLS: how many kills. TOPK_CRASH_SEED: other transactions and other moments.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <iostream>
#include <string>

#include "examine.hpp"
#include "kit/clock_vfs.hpp"
#include "kit/database.hpp"
#include "kit/failing_vfs.hpp"
#include "kit/random.hpp"
#include "kit/settings.hpp"
#include "observer.hpp"
#include "writer.hpp"

using namespace topk::test;

namespace {

constexpr long rounds_of_a_file = 10;  // of kills
constexpr std::array<char const*, 5> journals = {
    "PRAGMA journal_mode=WAL", "PRAGMA journal_mode=DELETE",
    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=5", "PRAGMA journal_mode=TRUNCATE",
    "PRAGMA journal_mode=PERSIST; PRAGMA cache_size=4"};

class killing {
 public:
  // Kills until the file is old or `most` kills are done; returns how many were.
  long one_file(std::uint64_t seed, std::string const& pragmas, long most) {
    scratch_directory folder;
    std::string const path = folder.file("a.db");
    workload work = crash_workload(seed);
    random_source random(seed);
    observer other(path, pragmas, seed);
    std::int64_t last = -1;
    long done = 0;
    while (done < std::min(most, rounds_of_a_file)) {
      ++done;
      INFO("seed " << seed << ", kill " << done << " of the file, after transaction " << last);
      auto const died = write_and_be_killed(path, pragmas, work, last + 1, moment(random));
      REQUIRE_FALSE(died.has_left);
      ++in_[static_cast<std::size_t>(died.was_in)];
      if (done < most && random.percent(30)) {
        ++done;
        ++readers_;
        REQUIRE_FALSE(read_and_be_killed(path, pragmas, moment(random) / 4).has_left);
      }
      std::int64_t const acknowledged = std::max(last, died.acknowledged);
      acknowledged_ += acknowledged - last;
      // In turns who comes first and rolls back; the other must see the same.
      bool const is_other_first = random.percent(50);
      verdict before;
      if (is_other_first) before = other.examines(acknowledged, acknowledged + 1);
      REQUIRE(before.complaint == "");
      auto const found = examine_again(path, work, acknowledged);
      REQUIRE(found.complaint == "");
      if (!is_other_first) before = other.examines(found.last, found.last);
      REQUIRE(before.complaint == "");
      REQUIRE(before.last == found.last);
      if (found.last > acknowledged) ++unheard_;
      last = found.last;
    }
    return done;
  }

  [[nodiscard]] long in(phase which) const { return in_[static_cast<std::size_t>(which)]; }

  [[nodiscard]] bool met_all() const {
    return in(phase::statement) > 0 && in(phase::flush) > 0 && in(phase::commit) > 0;
  }

  void print(long kills) const {
    std::cout << "kills survived: " << kills << ", of them in commit: " << in(phase::commit)
              << ", in a flush: " << in(phase::flush)
              << ", in another statement: " << in(phase::statement)
              << ", while opening: " << in(phase::opening) + readers_
              << "; transactions acknowledged: " << acknowledged_
              << ", committed but not acknowledged: " << unheard_ << std::endl;
  }

 private:
  static verdict examine_again(std::string const& path, workload& work, std::int64_t acknowledged) {
    database db(path, clock_vfs_name);
    db.load_topk();
    return examine(db, work, acknowledged, acknowledged + 1);
  }

  // Mostly within the writing, sometimes before it begins.
  static std::int64_t moment(random_source& random) {
    std::int64_t const scale = is_sanitized ? 6 : 1;
    return random.between(500, 50'000) * scale;
  }

  std::array<long, phase_count> in_{};
  long readers_ = 0;
  std::int64_t acknowledged_ = 0;
  long unheard_ = 0;
};

}  // namespace

TEST_CASE("a writer may be killed at any moment", "[crash][kill]") {
  install_clock_vfs();
  install_failing_vfs();
  long const kills = setting("TOPK_CRASH_KILLS", 100, 20);
  auto const seed = static_cast<std::uint64_t>(setting("TOPK_CRASH_SEED", 1));
  killing all;
  long done = 0;
  // A small number may need some more until every kind has been met.
  for (std::uint64_t file = 0; done < kills || (!all.met_all() && done < kills + 300); ++file) {
    char const* const pragmas = journals[file % journals.size()];
    INFO(pragmas);
    done += all.one_file(mix_seeds(seed, file), pragmas, done < kills ? kills - done : 1);
  }
  all.print(done);
  CHECK(all.in(phase::commit) > 0);
  CHECK(all.in(phase::flush) > 0);
  CHECK(all.in(phase::statement) > 0);
}
