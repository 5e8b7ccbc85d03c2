// The shadow tables of a stream without the stream: rows in, rows out, names and foreign objects.
#include "storage/shadow_store.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace {

using topk::errc;
using topk::item;
using topk::second;
using topk::sqlite::statement;
using topk::sqlite::tail_row;
using topk::storage::log_form;
using topk::storage::shadow_store;

struct close_handle {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close(handle); }
};

// A store in a database in memory. Its statements go before the connection.
struct stored {
  std::unique_ptr<sqlite3, close_handle> db;
  std::unique_ptr<shadow_store> store;

  explicit stored(log_form log = log_form::rows) {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(":memory:", &opened) == SQLITE_OK);
    db.reset(opened);
    REQUIRE(topk::sqlite::register_row_feed(opened));
    store = std::make_unique<shadow_store>(opened, "main", "it's", log);
    REQUIRE(store->create());
  }

  void exec(std::string const& sql) const { REQUIRE(topk::sqlite::execute(db.get(), sql)); }
  // The first column of every row, a line each.
  [[nodiscard]] std::string answer(std::string sql) const {
    statement query(db.get(), std::move(sql));
    auto use = query.begin();
    std::string lines;
    REQUIRE(topk::sqlite::for_each_row(use, [&]() -> topk::status {
      lines += std::string(use.text(0)) + '\n';
      return {};
    }));
    return lines;
  }
};

tail_row event(std::int64_t seq, std::int64_t ts, item const& what, bool held = false) {
  return {.seq = seq, .ts = ts, .item = what.view(), .weight = 1, .held = held};
}

TEST_CASE("a rename takes rows and statements along", "[storage][rename]") {
  stored one(GENERATE(log_form::none, log_form::rows, log_form::blocks));
  auto const x = item::text("x");
  REQUIRE(one.store->tail().put(event(1, second, x)));
  REQUIRE(one.store->config().put("seed", 7));
  REQUIRE(one.store->rename("new \"name\""));
  CHECK(one.store->name() == "\"main\".\"new \"\"name\"\"\"");
  CHECK(*one.store->tail().last_seq() == 1);
  REQUIRE(one.store->tail().put(event(2, second, x)));
  CHECK(*one.store->tail().last_seq() == 2);
  CHECK(**one.store->config().integer("seed") == 7);
  CHECK(one.answer(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'it''s%' AND type = 'table'") ==
        "0\n");
}

TEST_CASE("a view under the name of a shadow table is refused, and dropped with the stream",
          "[storage][schema]") {
  stored one;
  REQUIRE(one.store->check_tables());
  one.exec("CREATE VIEW \"IT'S_KEYS\" AS SELECT 1 AS id, 2 AS partition");
  auto const found = one.store->check_tables();
  CHECK(found.code == errc::corrupt);
  CHECK(found.message == "\"main\".\"IT'S_KEYS\" should be a shadow table but is a view");
  REQUIRE(one.store->drop());
  CHECK(one.answer("SELECT name FROM sqlite_schema") == "");
}

TEST_CASE("a table that a stream of the other format would have is the user's",
          "[storage][schema]") {
  stored one(log_form::rows);
  one.exec("CREATE VIEW \"it's_block\" AS SELECT 1; CREATE TABLE \"it's_blocks\"(x)");
  REQUIRE(one.store->check_tables());
  REQUIRE(one.store->drop());
  CHECK(one.answer("SELECT name FROM sqlite_schema") == "it's_block\nit's_blocks\n");
}

TEST_CASE("held rows get their log rows in seconds, then go when they are folded",
          "[storage][held]") {
  stored one;
  auto const x = item::text("x");
  REQUIRE(one.store->tail().put(event(1, 2 * second, x, true)));
  REQUIRE(one.store->tail().put(event(2, 2 * second + 1, x, true)));
  REQUIRE(one.store->tail().drop(2));
  CHECK(*one.store->tail().held_count(2) == 2);
  REQUIRE(one.store->log_held(1));
  CHECK(one.answer("SELECT typeof(ts) || ' ' || ts FROM \"it's_log\"") ==
        "integer 2\nreal 2.000001\n");
  CHECK(one.answer("SELECT seq || ' ' || ifnull(held, 'free') FROM \"it's_tail\"") == "2 free\n");
}

TEST_CASE("panes expire oldest first, at most so many rows of either table", "[storage][expire]") {
  stored one;
  auto& panes = one.store->panes();
  auto const part = item::text("de");
  for (std::int64_t pane = 1; pane <= 4; ++pane) {
    REQUIRE(panes.put(0, {pane, 1, {}, std::nullopt}));
    REQUIRE(panes.put(0, {pane, 1, {}, part.view()}));
  }
  REQUIRE(panes.put(1, {1, 1, {}, std::nullopt}));
  CHECK(*panes.expire(0, 3, 2) == 4);
  CHECK(**panes.next(0, 0) == 3);
  CHECK(*panes.expire(0, 3, 10) == 2);
  CHECK(**panes.next(0, 0) == 4);
  CHECK_FALSE(panes.next(0, 5)->has_value());
  CHECK(**panes.next(1, 0) == 1);
}

TEST_CASE("a partition is known while a pane or the tail has it", "[storage][keys]") {
  stored one;
  auto& keys = one.store->keys();
  CHECK(*keys.drop_unused(false) == 0);  // no table yet
  CHECK_FALSE(*keys.has(item::text("pane").view()));
  REQUIRE(keys.create());
  std::vector<item> const names = {item::text("pane"), item::text("tail"), item::text("none")};
  for (auto const& name : names) REQUIRE(keys.put(name.view()));
  REQUIRE(keys.put(names[0].view()));  // again: no second row
  REQUIRE(one.store->panes().put(0, {1, 1, {}, names[0].view()}));
  auto row = event(1, second, names[0]);
  row.partition = names[1].view();
  REQUIRE(one.store->tail().put(row));
  CHECK(*keys.drop_unused(false) == 1);
  CHECK(one.answer("SELECT partition FROM \"it's_keys\" ORDER BY id") == "pane\ntail\n");
}

TEST_CASE("forget takes the rows of one item, and of no other type", "[storage][forget]") {
  stored one;
  auto const text = item::text("1");
  auto const number = item::integer(1);
  REQUIRE(one.store->tail().put(event(1, second, text)));
  REQUIRE(one.store->tail().put(event(2, second, number)));
  REQUIRE(one.store->rows().put(event(1, second, text)));
  REQUIRE(one.store->rows().put(event(2, second, number)));
  CHECK(*one.store->tail().forget(number.view()) == 1);
  CHECK(*one.store->rows().forget(number.view()) == 1);
  CHECK(one.answer("SELECT typeof(item) FROM \"it's_log\"") == "text\n");
}

class two_rows final : public topk::sqlite::row_feed {
 public:
  bool next(tail_row& row) noexcept override {
    row = {.seq = ++seq_, .ts = second, .item = item_.view(), .weight = 1};
    return seq_ <= 2;
  }

 private:
  item item_ = item::text("x");
  std::int64_t seq_ = 0;
};

TEST_CASE("rows that do not arrive by the feed are an error", "[storage][feed]") {
  stored one;
  two_rows all;
  REQUIRE(one.store->rows().put(all, 2));
  two_rows fewer;
  auto const failed = one.store->tail().put(fewer, 3);
  CHECK(failed.code == errc::corrupt);
  CHECK(failed.message ==
        "a table or view named topk_row_feed shadows an internal function; rename or drop it");
}

}  // namespace
