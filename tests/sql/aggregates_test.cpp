// Aggregates on random frames against a count of each frame, blobs that are cut anywhere,
// and a host with a decimal comma.
#include <sqlite3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <clocale>
#include <cstdlib>
#include <filesystem>

#include "kit/random.hpp"
#include "story.hpp"

using namespace topk::test;

namespace {

// The exact top k of a frame's items by brute force: its JSON array grouped and sorted.
std::string brute_force(std::string const& frame, int k, std::string const& members) {
  return "(SELECT json_group_array(json_object(" + members +
         ")) FROM (SELECT value, count(*) AS c FROM "
         "json_each(" +
         frame + ") WHERE value IS NOT NULL GROUP BY value ORDER BY c DESC, value LIMIT " +
         std::to_string(k) + "))";
}

std::string const bounds_members =
    "'item', value, 'count', c, 'lower', c, 'upper', c, 'proven', json('true')";

// Sets a locale with a decimal comma while it lives; makes one where the machine has none.
class comma_locale {
 public:
  comma_locale() : before_(std::setlocale(LC_NUMERIC, nullptr)) {
    if (is_set()) return;
    auto const folder =
        std::filesystem::temp_directory_path() / ("topk_locale_" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    std::string const make =
        "localedef --no-archive -i de_DE -f UTF-8 " + (folder / "de_DE.UTF-8").string();
    if (std::system((make + " 2> /dev/null").c_str()) == 0) {
      ::setenv("LOCPATH", folder.c_str(), 1);
      made_ = is_set();
      ::unsetenv("LOCPATH");
    }
    std::filesystem::remove_all(folder);
    if (!made_) WARN("this machine has no locale with a decimal comma and can't make one");
  }
  ~comma_locale() { std::setlocale(LC_NUMERIC, before_.c_str()); }
  comma_locale(comma_locale const&) = delete;
  comma_locale& operator=(comma_locale const&) = delete;

 private:
  static bool is_set() {
    for (auto const* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"}) {
      if (std::setlocale(LC_NUMERIC, name) != nullptr)
        return *std::localeconv()->decimal_point == ',';
    }
    return false;
  }

  std::string before_;
  bool made_ = false;
};

}  // namespace

TEST_CASE("on any frame the result of each row is that of its frame counted again",
          "[story][aggregates][property]") {
  auto const seed = GENERATE(range(1U, 25U));
  INFO("seed " << seed);
  database db = begin_story();
  random_source random(seed);
  db.exec("CREATE TABLE t(i INTEGER PRIMARY KEY, g INT, x)");
  int const rows = 120;
  for (int i = 0; i < rows; ++i) {
    auto const pick = random.next() % 12;
    std::string const item = pick == 0  ? "NULL"
                             : pick < 6 ? std::to_string(pick % 4)
                                        : "'t" + std::to_string(random.next() % 30) + "'";
    auto const group = static_cast<unsigned>(i) / (1 + seed % 4);
    db.exec("INSERT INTO t VALUES (" + std::to_string(i) + ", " + std::to_string(group) + ", " +
            item + ")");
  }
  for (std::string const unit : {"ROWS", "RANGE", "GROUPS"}) {
    auto const bound = [&](bool is_start) -> std::pair<int, std::string> {
      auto const far = static_cast<int>(random.next() % 25);
      switch (random.next() % 5) {
        case 0:
          return is_start ? std::pair{-1000, std::string("UNBOUNDED PRECEDING")}
                          : std::pair{1000, std::string("UNBOUNDED FOLLOWING")};
        case 1: return {0, "CURRENT ROW"};
        case 2: return {far, std::to_string(far) + " FOLLOWING"};
        default: return {-far, std::to_string(far) + " PRECEDING"};
      }
    };
    auto [from, start_of_frame] = bound(true);
    auto [to, end_of_frame] = bound(false);
    if (from > to) {
      start_of_frame = "5 PRECEDING";
      end_of_frame = "3 FOLLOWING";
    }
    char const* const excludes[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"};
    std::string const frame = "(ORDER BY g " + unit + " BETWEEN " + start_of_frame + " AND " +
                              end_of_frame +
                              excludes[random.next() % 8 < 5 ? 0 : 1 + random.next() % 3] + ")";
    INFO(frame);
    // The smallest counters: a moving frame is exact whatever they say. EXCLUDE steps each frame
    // from scratch.
    bool const is_anew =
        frame.find("EXCLUDE") != frame.npos || frame.find("UNBOUNDED PRECEDING") != frame.npos;
    std::string const call = is_anew ? "approx_top_k(x, 3)" : "approx_top_k(x, 3, 3)";
    std::string const wrong = "SELECT count(*) FROM (SELECT " + call +
                              " OVER w AS approx, top_k(x, 3) OVER w AS exact, "
                              "approx_top_k_accumulate(x) OVER w AS state, json_group_array(x) "
                              "OVER w AS frame FROM t WINDOW w AS " +
                              frame + ") WHERE approx <> " +
                              brute_force("frame", 3, bounds_members) + " OR exact <> " +
                              brute_force("frame", 3, "'item', value, 'count', c") +
                              " OR approx_top_k_estimate(state, 3) <> approx";
    CHECK(number(db, wrong) == 0);
  }
}

TEST_CASE("a blob that is cut anywhere is an error", "[story][aggregates]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE b(state, cm); INSERT INTO b SELECT approx_top_k_accumulate(value % 5), "
      "count_min_sketch(value % 5, 0.3, 0.5) FROM " +
      series(1, 100));
  for (std::string const call :
       {"approx_top_k_estimate(substr(state, 1, ?))", "approx_top_k_combine(substr(state, 1, ?))",
        "(SELECT count(*) FROM topk_each(substr(state, 1, ?)))",
        "cms_estimate(substr(cm, 1, ?), 1)", "cms_info(substr(cm, 1, ?))",
        "cms_merge(substr(cm, 1, ?))"}) {
    INFO(call);
    std::string const column = call.find("state") != call.npos ? "state" : "cm";
    auto const size = number(db, "SELECT length(" + column + ") FROM b");
    for (std::int64_t cut = 0; cut < size; ++cut) {
      REQUIRE(db.attempt("SELECT " + call + " FROM b", {value::integer(cut)}).code == SQLITE_ERROR);
    }
    CHECK(db.attempt("SELECT " + call + " FROM b", {value::integer(size)}).ok());
  }
}

TEST_CASE("a host's locale with a decimal comma changes no digit of the JSON",
          "[story][aggregates]") {
  database db = begin_story();
  comma_locale const german;
  CHECK(text(db, "SELECT approx_top_k(0.1) -> '$[0].item'") == "0.1");
  CHECK(text(db, "SELECT top_k(1 / 3.0)") == R"([{"item":0.3333333333333333,"count":1}])");
}
