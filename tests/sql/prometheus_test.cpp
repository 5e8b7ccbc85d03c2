// sql/recipes/prometheus.sql: one SELECT gives a page that a strict reader takes, with the figures
// of topk_stats.
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "prometheus_text.hpp"
#include "recipe.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

std::string page_text(database& db) {
  std::string out;
  for (row const& each : db.query("SELECT text FROM topk_prometheus"))
    out += each.at(0).bytes() + "\n";
  return out;
}

prometheus_page page(database& db) {
  std::string const text = page_text(db);
  INFO(text);
  return read_prometheus(text);
}

TEST_CASE("the reader of pages refuses what is malformed", "[monitor][prometheus]") {
  std::string const head = "# HELP a_total x\n# TYPE a_total counter\n";
  CHECK(read_prometheus(head + "a_total{s=\"q\\\"\\\\\\n\"} 1\n").samples.at(0).labels.at("s") ==
        "q\"\\\n");
  std::string const summary = "# HELP a_seconds x\n# TYPE a_seconds summary\n";
  CHECK_NOTHROW(read_prometheus(summary + "a_seconds{quantile=\"0.5\"} NaN\na_seconds_count 0\n"));
  for (std::string const& bad :
       {head,
        head + "a_total 1",
        head + "a_total{s=\"\"\"} 1\n",
        head + "a_total{s=\"\\x\"} 1\n",
        head + "a_total{s=\"\n\"} 1\n",
        head + "a_total{s=\"x\",} 1\n",
        head + "a_total{s=x} 1\n",
        head + "a_total{1=\"x\"} 1\n",
        head + "a_total \n",
        head + "a_total NULL\n",
        head + "a_total 1 2 3\n",
        head + "a_total 1\na_total 2\n",
        head + "b_total 1\n",
        head + "a_total -1\n",
        head + "a_total NaN\n",
        head + "a_total 1\n\n",
        std::string("a_total 1\n"),
        std::string("# TYPE a_total counter\na_total 1\n"),
        std::string("# HELP a_total x\na_total 1\n"),
        std::string("# HELP a x\n# TYPE a counter\na 1\n"),
        std::string("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n"),
        std::string("# HELP a x\n# TYPE a thing\na 1\n"),
        head + "a_total 1\n" + summary + "a_seconds_count 1\n" + head + "a_total{s=\"y\"} 1\n",
        summary + "a_seconds 1\n",
        summary + "a_seconds_count{quantile=\"0.5\"} 1\n",
        head + "# TYPE a_total counter\na_total 1\n",
        head + "a_total{quantile=\"1\"} 1\n"}) {
    INFO(bad);
    CHECK_THROWS_AS(read_prometheus(bad), std::runtime_error);
  }
}

TEST_CASE("a page has each figure of topk_stats under its name, seconds and bytes as units",
          "[monitor][prometheus]") {
  database db = begin_story();
  paste_recipe(db, "prometheus.sql");
  CHECK(page_text(db).empty());
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(memory='16KiB', k=4)");
  db.exec(
      "INSERT INTO s(item, ts, weight) SELECT value % 5000, unixepoch() - value % 900, value % 4 "
      "FROM " +
      series(1, 30'000));
  db.exec(
      "INSERT INTO s(item, ts) VALUES ('old', 1); INSERT OR IGNORE INTO s(item) VALUES (NULL), "
      "(NULL)");
  set_clock(start + 25);
  for (int i = 0; i < 12; ++i) db.exec("SELECT * FROM topk('1hour', 4, 's', 'exact')");
  auto const got = page(db);
  row const stats = db.query("SELECT *, memory_budget FROM topk_stats('s')").at(0);
  std::vector<std::string> const names = {"",
                                          "topk_events_total",
                                          "topk_weight",
                                          "topk_late_total",
                                          "topk_rejected_total",
                                          "topk_first_event_timestamp_seconds",
                                          "topk_last_event_timestamp_seconds",
                                          "topk_lag_seconds",
                                          "topk_panes",
                                          "topk_tail_rows",
                                          "topk_log_rows",
                                          "topk_memory_bytes",
                                          "topk_disk_bytes",
                                          "topk_evictions_total",
                                          "topk_max_error",
                                          "topk_proven_share",
                                          "topk_inserts_per_second",
                                          "topk_query_seconds_count"};
  for (std::size_t i = 1; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK(got.at(names[i], {{"stream", "s"}}) == Approx(stats.at(i).as_real()));
  }
  CHECK(got.at("topk_events_total", {{"stream", "s"}}) > 20'000);
  CHECK(got.at("topk_late_total", {{"stream", "s"}}) == 1);
  CHECK(got.at("topk_rejected_total", {{"stream", "s"}}) == 2);
  CHECK(got.at("topk_lag_seconds", {{"stream", "s"}}) == 26);
  CHECK(got.at("topk_memory_budget_bytes", {{"stream", "s"}}) == 16384);
  CHECK(got.at("topk_query_seconds", {{"stream", "s"}, {"quantile", "0.5"}}) ==
        Approx(stats.at(18).as_real() / 1e6));
  CHECK(got.at("topk_query_seconds", {{"stream", "s"}, {"quantile", "0.95"}}) ==
        Approx(stats.at(19).as_real() / 1e6));
  CHECK(got.at("topk_query_seconds", {{"stream", "s"}, {"quantile", "0.99"}}) ==
        Approx(stats.at(20).as_real() / 1e6));
  CHECK(got.samples.size() ==
        names.size() - 1 + 5);  // and readable, budget, three quantiles: nothing else
}

TEST_CASE("names of streams come back through the label, whatever is in them",
          "[monitor][prometheus]") {
  database db = begin_story();
  paste_recipe(db, "prometheus.sql");
  std::set<std::string> names = {"q\"uote",
                                 "back\\slash",
                                 "new\nline",
                                 "\\n",
                                 "\\\"",
                                 "a,b}c=\"d\"",
                                 "tab\tgr\xC3\xBC\xC3\x9F",
                                 "tail\\",
                                 "x.y"};
  for (std::string const& name : names)
    db.exec("CREATE VIRTUAL TABLE " + quoted_name(name) + " USING topk_stream()");
  db.exec("ATTACH ':memory:' AS aux; CREATE VIRTUAL TABLE aux.\"q\"\"uote\" USING topk_stream()");
  auto const got = page(db);
  std::set<std::string> seen;
  for (auto const& each : got.samples) seen.insert(each.labels.at("stream"));
  CHECK(seen.size() == names.size() + 1);
  std::set<std::string> listed;
  for (row const& each : db.query("SELECT stream FROM topk_stats"))
    listed.insert(each.at(0).bytes());
  CHECK(seen == listed);
  for (std::string const& each : seen)
    CHECK(number(db, "SELECT count(*) FROM topk_stats(" + value::text(each).literal() + ")") == 1);
}

TEST_CASE("what is not known has no line or is NaN, and a stream that cannot be read says so",
          "[monitor][prometheus]") {
  scratch_directory folder;
  {
    database db = begin_story(folder.file("a.db"));
    paste_recipe(db, "prometheus.sql");
    db.exec(
        "CREATE VIRTUAL TABLE bad USING topk_stream(); CREATE VIRTUAL TABLE empty USING "
        "topk_stream()");
  }
  {
    database plain(folder.file("a.db"));
    plain.exec("DELETE FROM bad_config WHERE key = 'head'");
  }
  database db = connect(folder.file("a.db"));
  auto const got = page(db);
  CHECK(got.at("topk_readable", {{"stream", "bad"}}) == 0);
  CHECK(got.at("topk_readable", {{"stream", "empty"}}) == 1);
  CHECK(got.at("topk_events_total", {{"stream", "empty"}}) == 0);
  CHECK_THROWS_AS(got.at("topk_events_total", {{"stream", "bad"}}), std::out_of_range);
  CHECK_THROWS_AS(got.at("topk_lag_seconds", {{"stream", "empty"}}), std::out_of_range);
  CHECK_FALSE(got.types.contains("topk_lag_seconds"));
  CHECK_FALSE(got.types.contains("topk_inserts_per_second"));
  CHECK(std::isnan(got.at("topk_query_seconds", {{"stream", "empty"}, {"quantile", "0.99"}})));
  CHECK(got.at("topk_query_seconds_count", {{"stream", "empty"}}) == 0);
}

}  // namespace
