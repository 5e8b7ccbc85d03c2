// sql/recipes/accuracy.sql: observed accuracy and coverage against figures worked out here.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "recipe.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

std::string const zipf = "'item ' || CAST(pow(4000, (value * 48271 % 65521) / 65521.0) AS INTEGER)";

void sample(database& db, std::string const& stream, std::string const& window, std::int64_t k,
            std::string const& at = "'latest'") {
  db.exec("INSERT INTO topk_accuracy_sample VALUES (" + value::text(stream).literal() + ", " +
          window + ", " + std::to_string(k) + ", " + at + ")");
}

TEST_CASE("accuracy is 1 and errors are 0 where fast counts exactly", "[monitor][accuracy]") {
  database db = begin_story();
  paste_recipe(db, "accuracy.sql");
  db.exec("CREATE VIRTUAL TABLE \"o.dd\" USING topk_stream()");
  sample(db, "\"o.dd\"", "NULL", 10);
  auto const columns = std::string(
      "SELECT compared, precision, mean_relative_error, worst_relative_error, bounds_broken, "
      "proofs_broken FROM topk_accuracy");
  CHECK(to_text(db.query(columns)) == to_text(db.query("VALUES (0, NULL, NULL, NULL, 0, 0)")));
  db.exec("INSERT INTO \"o.dd\"(item) VALUES (1), ('1'), (x'31'), (1.5), ('a'), ('a')");
  CHECK(to_text(db.query(columns)) == to_text(db.query("VALUES (5, 1.0, 0.0, 0.0, 0, 0)")));
  CHECK(to_text(db.query(
            "SELECT stream, seconds, items, confidence, weight_share FROM topk_coverage")) ==
        to_text(db.query("VALUES ('\"o.dd\"', 86400, 5, 1.0, 1.0)")));
}

TEST_CASE("precision and errors are those worked out from the rows of both modes",
          "[monitor][accuracy]") {
  database db = begin_story();
  paste_recipe(db, "accuracy.sql");
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(memory='16KiB', k=10)");
  db.exec("INSERT INTO s(item, ts) SELECT " + zipf + ", unixepoch() - value FROM " +
          series(0, 60'000));
  struct question {
    std::string window;
    std::int64_t k;
    std::string at;
  };
  std::vector<question> const questions = {{"'1hour'", 10, "'latest'"},
                                           {"'1day'", 50, "'latest'"},
                                           {"600", 7, std::to_string(start - 7000)},
                                           {"NULL", 10, std::to_string(start - 1)}};
  for (auto const& each : questions) sample(db, "s", each.window, each.k, each.at);
  auto const rows = db.query(
      "SELECT compared, precision, mean_relative_error, worst_relative_error, bounds_broken, "
      "proofs_broken FROM topk_accuracy");
  REQUIRE(rows.size() == questions.size());
  double worst_seen = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    INFO("question " << i);
    auto const arguments = [&](std::string const& mode) {
      return "topk(" + questions[i].window + ", " + std::to_string(questions[i].k) + ", 's', '" +
             mode + "', " + questions[i].at + ")";
    };
    std::map<std::string, double> fast;
    for (row const& each : db.query("SELECT item FROM " + arguments("fast")))
      fast[each.at(0).bytes()] = 0;
    double found = 0, sum = 0, worst = 0;
    auto const exact = db.query("SELECT item, count FROM " + arguments("exact"));
    for (row const& each : exact) {
      found += fast.contains(each.at(0).bytes()) ? 1 : 0;
      double const told = db.scalar("SELECT count FROM topk_count(" + questions[i].window +
                                        ", ?1, 's', 'fast', " + questions[i].at + ")",
                                    {each.at(0)})
                              .as_real();
      double const error = std::abs(told - each.at(1).as_real()) / each.at(1).as_real();
      sum += error;
      worst = std::max(worst, error);
    }
    double const n = static_cast<double>(exact.size());
    REQUIRE(exact.size() == static_cast<std::size_t>(questions[i].k));
    CHECK(rows[i].at(0).as_real() == n);
    CHECK(rows[i].at(1).as_real() == Approx(found / n));
    CHECK(rows[i].at(2).as_real() == Approx(sum / n));
    CHECK(rows[i].at(3).as_real() == Approx(worst));
    CHECK(rows[i].at(4).as_integer() == 0);
    CHECK(rows[i].at(5).as_integer() == 0);
    worst_seen = std::max(worst_seen, worst);
  }
  CHECK(worst_seen > 0.01);  // the sketch did have something to be wrong about
}

TEST_CASE("bounds that are broken, and proofs, are counted", "[monitor][accuracy]") {
  database db = begin_story();
  paste_recipe(db, "accuracy.sql");
  db.exec(
      "CREATE TABLE history(item, ts); CREATE VIRTUAL TABLE s USING topk_stream(content='history', "
      "item='item', ts='ts')");
  db.exec("INSERT INTO history SELECT value % 5, unixepoch() FROM " + series(1, 100));
  db.exec("INSERT INTO s(s) VALUES ('rebuild')");
  sample(db, "s", "'1min'", 3);
  CHECK(to_text(db.query("SELECT compared, bounds_broken, proofs_broken FROM topk_accuracy")) ==
        to_text(db.query("VALUES (3, 0, 0)")));
  // The content changes without the stream's knowledge: fast is wrong now.
  db.exec("INSERT INTO history SELECT 'new', unixepoch() FROM " + series(1, 50) +
          "; DELETE FROM history WHERE item = 0");
  // exact: new 50, 1 20, 2 20. fast: 0, 1, 2 of 20 each, proven; 'new' is unknown to it, and 0 is
  // none of the three.
  CHECK(to_text(db.query(
            "SELECT compared, precision, bounds_broken, proofs_broken FROM topk_accuracy")) ==
        to_text(db.query("VALUES (3, 2 / 3.0, 1, 1)")));
  // Where exact has less than K rows, what it has not counts nothing.
  db.exec("UPDATE topk_accuracy_sample SET k = 10");
  CHECK(to_text(db.query("SELECT compared, bounds_broken, proofs_broken FROM topk_accuracy")) ==
        to_text(db.query("VALUES (5, 2, 1)")));
}

TEST_CASE(
    "coverage says what part of the window retention leaves, and how much of its weight is known",
    "[monitor][accuracy]") {
  database db = begin_story();
  paste_recipe(db, "accuracy.sql");
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='10min', retain='10min', log=off); CREATE "
      "VIRTUAL TABLE none USING topk_stream()");
  db.exec(
      "INSERT INTO s(item, ts, weight) SELECT value, unixepoch() - 300, iif(value = 1, 101, 1) "
      "FROM " +
      series(1, 200));
  CHECK(to_text(db.query("SELECT stream, since, until, seconds, items, confidence, weight_share "
                         "FROM topk_coverage")) ==
        to_text(db.query(
            "VALUES ('s', unixepoch() - 900, unixepoch() - 300, 600, 100, 1.0, 200 / 300.0)")));
  set_clock(start + 120);
  db.exec("INSERT INTO s(s) VALUES ('prune')");  // two minutes later: the window that ends with the
                                                 // newest event has lost 7 of its 10
  CHECK(to_text(db.query("SELECT stream, since, seconds FROM topk_coverage")) ==
        to_text(db.query("VALUES ('s', unixepoch() - 600, 180)")));
}

TEST_CASE("a question that cannot be asked is left out, and listed", "[monitor][accuracy]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  paste_recipe(db, "accuracy.sql");
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); CREATE VIRTUAL TABLE gone USING topk_stream(); "
      "CREATE VIRTUAL TABLE bad USING topk_stream(); INSERT INTO s(item) VALUES ('a')");
  for (char const* stream : {"s", "Main.S", "gone", "bad"}) sample(db, stream, "'1hour'", 10);
  sample(db, "s", "'1hour'", 0);
  db.exec("DROP TABLE gone");
  database(folder.file("a.db")).exec("DELETE FROM bad_config WHERE key = 'head'");
  database again = connect(folder.file("a.db"));
  CHECK(pairs(again, "SELECT stream, compared FROM topk_accuracy") == "s=1 Main.S=1");
  CHECK(pairs(again, "SELECT stream, problem FROM topk_accuracy_skipped ORDER BY stream") ==
        "bad=the stream cannot be read gone=no such stream s=k: expected a whole number from 1 to "
        "100000");
}

}  // namespace
