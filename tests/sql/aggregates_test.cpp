// approx_top_k and its family, and Count-Min sketches as values.
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

// The exact top k of a frame's items by brute force: its JSON array grouped and sorted anew.
std::string brute_force(std::string const& frame, int k, std::string const& members) {
  return "(SELECT json_group_array(json_object(" + members +
         ")) FROM (SELECT value, count(*) AS c FROM "
         "json_each(" +
         frame + ") WHERE value IS NOT NULL GROUP BY value ORDER BY c DESC, value LIMIT " +
         std::to_string(k) + "))";
}

std::string const bounds_members =
    "'item', value, 'count', c, 'lower', c, 'upper', c, 'proven', json('true')";

std::string row_of(std::string const& item, int count, int lower, int upper, char const* proven) {
  return R"({"item":)" + item + R"(,"count":)" + std::to_string(count) + R"(,"lower":)" +
         std::to_string(lower) + R"(,"upper":)" + std::to_string(upper) + R"(,"proven":)" + proven +
         "}";
}

void make_skewed(database& db, int rows, int distinct) {
  db.exec("CREATE TABLE t(i INTEGER PRIMARY KEY, g INT, x)");
  db.exec("INSERT INTO t SELECT value, value / 3, 'item' || ((value * 7919 % " +
          std::to_string(distinct) + ") * (value * 104729 % " + std::to_string(distinct) + ") / " +
          std::to_string(distinct) + ") FROM " + series(1, rows));
}

}  // namespace

TEST_CASE("counts are exact while the items fit, in the order of topk", "[story][aggregates]") {
  database db = begin_story();
  std::string const values = "(VALUES ('b'), ('a'), (2), (2), (NULL), ('b'))";
  CHECK(text(db, "SELECT approx_top_k(column1) FROM " + values) ==
        "[" + row_of("2", 2, 2, 2, "true") + "," + row_of("\"b\"", 2, 2, 2, "true") + "," +
            row_of("\"a\"", 1, 1, 1, "true") + "]");
  CHECK(text(db, "SELECT approx_top_count(column1, 2) FROM " + values) ==
        R"([{"value":2,"count":2},{"value":"b","count":2}])");
  CHECK(text(db, "SELECT top_k(column1, 1) FROM " + values) == R"([{"item":2,"count":2}])");
  CHECK(
      text(db,
           "SELECT approx_top_sum(column1, column2, 2) FROM (VALUES ('a', 5), ('b', 3), ('b', 4), "
           "('c', NULL), ('d', 9), ('d', -9))") ==
      R"([{"value":"b","sum":7},{"value":"a","sum":5}])");
}

TEST_CASE("empty input is an empty array", "[story][aggregates]") {
  database db = begin_story();
  for (std::string const call :
       {"approx_top_k(1)", "approx_top_count(1, 3)", "approx_top_sum(1, 1, 3)", "top_k(1)",
        "approx_top_k_estimate(approx_top_k_accumulate(1))"}) {
    CHECK(text(db, "SELECT " + call + " WHERE 0") == "[]");
  }
  CHECK(number(db, "SELECT count(*) FROM topk_each((SELECT approx_top_k_accumulate(1) WHERE 0))") ==
        0);
  CHECK(number(db,
               "SELECT cms_merge(count_min) IS NULL FROM (SELECT count_min_sketch(1, 0.1, 0.9) AS "
               "count_min WHERE 0)") == 1);
}

TEST_CASE("items keep their type in JSON, or come in a form that can be turned back",
          "[story][aggregates]") {
  database db = begin_story();
  auto const item = [&](std::string const& literal) {
    return text(db, "SELECT approx_top_k(" + literal + ") -> '$[0].item'");
  };
  CHECK(item("42") == "42");
  CHECK(item("1.0") == "1");
  CHECK(item("0.1") == "0.1");
  CHECK(item("1/3.0") == "0.3333333333333333");
  CHECK(item("9e999") == "9e999");
  CHECK(item("'a\"b\\c' || char(10)") == R"("a\"b\\c\u000A")");
  CHECK(item("x'00ff'") == R"({"blob":"00FF"})");
  CHECK(item("CAST(x'61ff' AS TEXT)") == R"({"text":"61FF"})");
  CHECK(item("CAST(x'eda080' AS TEXT)") == R"({"text":"EDA080"})");
  CHECK(item("'a' || char(0) || 'b'") == R"({"text":"610062"})");
  CHECK(item("'\xC3\xA9'") == "\"\xC3\xA9\"");
  for (std::string const real :
       {"0.1", "1e300", "2.5e-308", "123456789.123456789", "1/3.0", "-9e999"}) {
    CHECK(number(db, "SELECT (approx_top_k(x) ->> '$[0].item') = x FROM (SELECT " + real +
                         " AS x)") == 1);
  }
}

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

TEST_CASE("a host's locale with a decimal comma changes no digit of the JSON",
          "[story][aggregates]") {
  database db = begin_story();
  comma_locale const german;
  CHECK(text(db, "SELECT approx_top_k(0.1) -> '$[0].item'") == "0.1");
  CHECK(text(db, "SELECT top_k(1 / 3.0)") == R"([{"item":0.3333333333333333,"count":1}])");
}

TEST_CASE("the result is JSON for the functions it is handed to", "[story][aggregates]") {
  database db = begin_story();
  CHECK(text(db, "SELECT json_array(top_k(7))") == R"([[{"item":7,"count":1}]])");
  CHECK(pairs(db,
              "SELECT e.value ->> 'item', e.value ->> 'proven' FROM (SELECT approx_top_k(column1) "
              "AS j FROM "
              "(VALUES ('a'), ('a'), ('b'))), json_each(j) e") == "a=1 b=1");
}

TEST_CASE("k and counters must be constant and in range", "[story][aggregates]") {
  database db = begin_story();
  std::string const from = " FROM " + series(1, 3);
  fails(db, "SELECT approx_top_k(value, value)" + from, SQLITE_ERROR, {"k", "constant", "1", "2"});
  fails(db, "SELECT approx_top_k(value, 1, 10 + value)" + from, SQLITE_ERROR,
        {"counters", "constant"});
  fails(db, "SELECT approx_top_k(value, 0)" + from, SQLITE_ERROR, {"k=0", "1 to 100000"});
  fails(db, "SELECT approx_top_k(value, 10, 9)" + from, SQLITE_ERROR, {"counters=9", "k=10"});
  fails(db, "SELECT approx_top_k(value, 10, 'x')" + from, SQLITE_ERROR, {"counters='x'"});
  fails(db, "SELECT approx_top_sum(value, 'x', 3)" + from, SQLITE_CONSTRAINT, {"weight='x'"});
  fails(db, "SELECT count_min_sketch(value, 0, 0.9)" + from, SQLITE_ERROR, {"eps=0"});
  fails(db, "SELECT count_min_sketch(value, 1.0 / (1 + value), 0.9)" + from, SQLITE_ERROR,
        {"constant"});
}

TEST_CASE("DISTINCT, FILTER and GROUP BY", "[story][aggregates]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE t(g, x); INSERT INTO t VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, 'c'), (2, "
      "'b')");
  CHECK(text(db, "SELECT top_k(DISTINCT x) FROM t") ==
        R"([{"item":"a","count":1},{"item":"b","count":1},{"item":"c","count":1}])");
  CHECK(pairs(db, "SELECT g, top_k(x, 1) FILTER (WHERE x <> 'a') FROM t GROUP BY g") ==
        R"(1=[{"item":"b","count":1}] 2=[{"item":"b","count":1}])");
}

TEST_CASE("beyond `counters` items the bounds hold the truth, and say what is proven",
          "[story][aggregates][property]") {
  database db = begin_story();
  make_skewed(db, 20'000, 900);
  int const counters = GENERATE(10, 40, 150);
  std::string const approx =
      "(SELECT approx_top_k(x, 10, " + std::to_string(counters) + ") AS j FROM t)";
  CHECK(number(db, "SELECT count(*) FROM " + approx + ", json_each(j)") == 10);
  CHECK(number(db, "SELECT count(*) FROM " + approx +
                       ", json_each(j) e, (SELECT x, count(*) AS n FROM t GROUP BY x) "
                       "WHERE x = e.value ->> 'item' AND n BETWEEN e.value ->> 'lower' AND e.value "
                       "->> 'upper'") == 10);
  CHECK(number(db, "SELECT count(*) FROM " + approx +
                       ", json_each(j) e WHERE e.value ->> 'proven' AND e.value ->> 'item' "
                       "NOT IN (SELECT x FROM t GROUP BY x ORDER BY count(*) DESC, x LIMIT 10)") ==
        0);
  CHECK(number(db, "SELECT count(*) FROM " + approx +
                       ", json_each(j) e WHERE e.value ->> 'lower' < e.value ->> 'upper'") > 0);
}

TEST_CASE("on any frame the result of each row is that of its frame counted anew",
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
    // anew.
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

TEST_CASE("a frame that overflows `counters` before its first result moves exactly",
          "[story][aggregates]") {
  database db = begin_story();
  make_skewed(db, 3000, 300);
  CHECK(number(db,
               "SELECT count(*) FROM (SELECT i, approx_top_k(x, 2, 5) OVER (ORDER BY i ROWS "
               "BETWEEN CURRENT ROW AND "
               "1500 FOLLOWING) AS a, top_k(x, 2) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND "
               "1500 FOLLOWING) AS e "
               "FROM t) WHERE a ->> '$[0].count' <> e ->> '$[0].count' OR a ->> '$[1].item' <> e "
               "->> '$[1].item' "
               "OR NOT a ->> '$[0].proven'") == 0);
}

TEST_CASE("every character comes back from JSON, wherever it stands", "[story][aggregates]") {
  database db = begin_story();
  CHECK(
      number(db,
             "WITH RECURSIVE code(c) AS (SELECT 1 UNION ALL SELECT c + 1 FROM code WHERE c < 700), "
             "place(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM place WHERE p < 17), "
             "text AS (SELECT substr('abcdefghijklmnopqrstuvwxyz', 1, p) || char(c) || "
             "substr('ABCDEFGH', 1, p % 9) AS x "
             "FROM code, place), answer AS (SELECT x, approx_top_k(x) AS top FROM text GROUP BY x) "
             "SELECT count(*) FROM answer WHERE NOT json_valid(top) OR top ->> '$[0].item' <> x") ==
      0);
}

TEST_CASE("states combine in any order, of any capacity, to true bounds",
          "[story][aggregates][property]") {
  database db = begin_story();
  make_skewed(db, 12'000, 700);
  db.exec(
      "CREATE TABLE s(part, state); "
      "INSERT INTO s SELECT i % 6, approx_top_k_accumulate(x, 60) FROM t GROUP BY i % 6 HAVING i % "
      "6 < 3; "
      "INSERT INTO s SELECT i % 6, approx_top_k_accumulate(x, 300) FROM t GROUP BY i % 6 HAVING i "
      "% 6 >= 3");
  std::string const ascending =
      "(SELECT approx_top_k_combine(state) AS c FROM (SELECT state FROM s ORDER BY part))";
  std::string const descending =
      "(SELECT approx_top_k_combine(state) AS c FROM (SELECT state FROM s ORDER BY part DESC))";
  CHECK(number(db, "SELECT a.c = d.c FROM " + ascending + " a, " + descending + " d") == 1);
  for (std::string const counters : {"", ", 20", ", 5"}) {
    std::string const each =
        "topk_each((SELECT approx_top_k_combine(state" + counters + ") FROM s), 5)";
    CHECK(number(db, "SELECT count(*) FROM " + each) == 5);
    CHECK(number(db, "SELECT count(*) FROM " + each +
                         " e JOIN (SELECT x, count(*) AS n FROM t GROUP BY x) ON x = item "
                         "WHERE n BETWEEN lower AND upper AND total_lower = 12000 AND total_upper "
                         "= 12000") == 5);
    CHECK(number(db, "SELECT count(*) FROM " + each +
                         " WHERE proven AND item NOT IN "
                         "(SELECT x FROM t GROUP BY x ORDER BY count(*) DESC, x LIMIT 5)") == 0);
  }
  // A frame over states is the combination of the states in it.
  CHECK(number(db,
               "SELECT count(*) FROM (SELECT part, approx_top_k_combine(state) OVER (ORDER BY part "
               "ROWS 1 PRECEDING) AS f "
               "FROM s) AS f WHERE f <> (SELECT approx_top_k_combine(state) FROM s WHERE s.part IN "
               "(f.part, f.part - 1))") == 0);
}

TEST_CASE("Count-Min sketches: estimate, merge, frames, errors", "[story][aggregates]") {
  database db = begin_story();
  make_skewed(db, 5000, 200);
  db.exec(
      "CREATE TABLE c AS SELECT i % 4 AS part, count_min_sketch(x, 0.01, 0.99) AS cm FROM t GROUP "
      "BY 1");
  CHECK(
      number(db, "SELECT (SELECT cms_merge(cm) FROM c) = count_min_sketch(x, 0.01, 0.99) FROM t") ==
      1);
  CHECK(number(db,
               "SELECT count(*) FROM (SELECT x, count(*) AS n FROM t GROUP BY x), (SELECT "
               "cms_merge(cm) AS m FROM c) "
               "WHERE cms_estimate(m, x) NOT BETWEEN n AND n + 50") == 0);
  CHECK(pairs(db, "SELECT cms_info(cm) ->> 'width', cms_info(cm) ->> 'depth' FROM c LIMIT 1") ==
        "272=5");
  CHECK(number(db,
               "SELECT count(*) FROM (SELECT part, cms_merge(cm) OVER (ORDER BY part ROWS 1 "
               "PRECEDING) AS f FROM c) AS f "
               "WHERE f <> (SELECT cms_merge(cm) FROM c WHERE c.part IN (f.part, f.part - 1))") ==
        0);
  CHECK(number(db,
               "SELECT count(*) FROM (SELECT i, count_min_sketch(x, 0.2, 0.5) OVER (ORDER BY i "
               "ROWS 9 PRECEDING) AS f FROM "
               "(SELECT * FROM t LIMIT 60)) AS f WHERE f <> (SELECT count_min_sketch(x, 0.2, 0.5) "
               "FROM t WHERE t.i BETWEEN "
               "f.i - 9 AND f.i)") == 0);
  CHECK(number(db, "SELECT cms_estimate(count_min_sketch(1.0, 0.1, 0.9), 1)") == 1);
  CHECK(number(db,
               "SELECT cms_estimate(NULL, 1) IS NULL AND cms_estimate(cm, NULL) IS NULL FROM c "
               "LIMIT 1") == 1);
  fails(db,
        "SELECT cms_merge(s) FROM (SELECT count_min_sketch(1, 0.1, 0.9) AS s UNION ALL SELECT "
        "count_min_sketch(1, 0.2, 0.9))",
        SQLITE_ERROR, {"cms_merge", "shape", "3 x 28", "3 x 14"});
  fails(db,
        "SELECT cms_merge(s) FROM (SELECT count_min_sketch(1, 0.1, 0.9) AS s UNION ALL SELECT "
        "count_min_sketch(1, 0.1, 0.9, 4))",
        SQLITE_ERROR, {"cms_merge", "seed"});
}

TEST_CASE("a damaged, cut or foreign blob is an error that says so", "[story][aggregates]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE b(state, cm); INSERT INTO b SELECT approx_top_k_accumulate(value % 5), "
      "count_min_sketch(value % 5, 0.3, 0.5) FROM " +
      series(1, 100));
  std::vector<std::pair<std::string, std::string>> const readers = {
      {"approx_top_k_estimate(?)", "state"},
      {"approx_top_k_combine(?)", "state"},
      {"(SELECT count(*) FROM topk_each(?))", "state"},
      {"cms_estimate(?, 1)", "cm"},
      {"cms_info(?)", "cm"},
      {"cms_merge(?)", "cm"}};
  for (auto const& [call, column] : readers) {
    auto const with = [&, text = call](std::string const& blob) {
      std::string sql = text;
      return "SELECT " + sql.replace(sql.find('?'), 1, blob) + " FROM b";
    };
    std::string const name =
        call.find("topk_each") != call.npos ? "topk_each" : call.substr(0, call.find('('));
    INFO(call);
    fails(db, with("'text'"), SQLITE_ERROR, {name, "'text'", "BLOB"});
    fails(db, with("x''"), SQLITE_ERROR, {name});
    fails(db, with(column == "cm" ? "state" : "cm"), SQLITE_ERROR, {name});
    auto const size = number(db, "SELECT length(" + column + ") FROM b");
    for (std::int64_t cut = 0; cut < size; ++cut) {
      REQUIRE(db.attempt(with("substr(" + column + ", 1, " + std::to_string(cut) + ")")).code ==
              SQLITE_ERROR);
    }
  }
}
