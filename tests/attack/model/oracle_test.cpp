// Everything else is compared with the model; here the model is compared with values made by hand.
#include <catch2/catch.hpp>

#include <limits>

#include "kit/clock_vfs.hpp"
#include "kit/database.hpp"
#include "kit/oracle.hpp"
#include "kit/random.hpp"

using namespace topk::test;

namespace {

constexpr micros now = 1'000'000 * second + 700'000;

offer plain(char const* item, micros ts, std::int64_t weight = 1) {
  return {.item = value::text(item), .ts = ts, .weight = weight};
}

oracle small_model() {
  return oracle({.retain = 100 * second, .max_skew = 10 * second, .max_item_bytes = 4});
}

std::string text_of(std::vector<counted_item> const& top, oracle const& of) {
  std::string out;
  for (counted_item const& each : top) {
    out += of.items()[each.item].literal() + "=" + std::to_string(each.count) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("a window holds what is after its start and not after its end", "[model][exact]") {
  oracle model = small_model();
  for (micros at : {1, 2, 3, 4}) {
    REQUIRE(model.accept(plain("a", now - 10 * second + at), now) == row_outcome::stored);
  }
  tally const counted = model.count(now - 10 * second + 1, now - 10 * second + 3);
  CHECK(counted.count(value::text("a")) == 2);
  CHECK(counted.total() == 2);
  CHECK(counted.count(value::text("never seen")) == 0);
}

TEST_CASE("counts are signed sums and end at 0", "[model][exact]") {
  oracle model = small_model();
  model.accept(plain("a", now, 5), now);
  model.accept(plain("a", now, -2), now);
  model.accept(plain("b", now, -7), now);
  model.accept(plain("c", now, 3), now);
  tally const counted = model.count(now - second, now);
  CHECK(counted.count(value::text("a")) == 3);
  CHECK(counted.count(value::text("b")) == 0);
  CHECK(counted.total() == 0);  // 5 - 2 - 7 + 3
  CHECK(text_of(counted.top(10), model) == "'a'=3 'c'=3 ");
  CHECK(text_of(counted.top(1), model) == "'a'=3 ");
  CHECK(to_text(counted.sums()) == "'a'|3\n'b'|-7\n'c'|3\n");
}

TEST_CASE("an event that the retention has passed is late and changes nothing else",
          "[model][exact]") {
  oracle model = small_model();
  CHECK_FALSE(model.reference().has_value());
  REQUIRE(model.accept(plain("a", now - 50 * second), now) == row_outcome::stored);
  CHECK(model.reference() == now - 50 * second);
  CHECK(model.accept(plain("b", now - 150 * second), now) == row_outcome::late);
  CHECK(model.accept(plain("b", now - 150 * second + 1), now) == row_outcome::stored);
  CHECK(model.life().late == 1);
  CHECK(model.life().stored == 2);
  CHECK(model.newest() == now - 50 * second);
  CHECK(model.reference() == now - 50 * second);
}

TEST_CASE("a future event expires nothing", "[model][exact]") {
  oracle model = small_model();
  model.accept(plain("old", now - 99 * second), now);
  REQUIRE(model.accept(plain("new", now + 10 * second), now) == row_outcome::stored);
  CHECK(model.reference() == now);
  CHECK(model.newest() == now + 10 * second);
  CHECK(model.count(now - 100 * second, now).count(value::text("old")) == 1);
  CHECK(model.accept(plain("x", now + 10 * second + 1), now) == row_outcome::too_far_ahead);
  model.prune(now + second);
  CHECK(model.count(now - 200 * second, now).count(value::text("old")) == 0);
  model.compact();
  CHECK(model.events().size() == 1);
}

TEST_CASE("rows are refused in the order of the contract", "[model][exact]") {
  oracle model = small_model();
  offer bad = plain("abcde", now + 60 * second, largest_weight + 1);
  bad.ts_readable = false;
  offer without_item = bad;
  without_item.item = value();
  CHECK(model.accept(without_item, now) == row_outcome::null_item);
  CHECK(model.accept(bad, now) == row_outcome::item_too_long);
  bad.item = value::text("abcd");
  CHECK(model.accept(bad, now) == row_outcome::bad_weight);
  bad.weight = -largest_weight;
  CHECK(model.accept(bad, now) == row_outcome::bad_ts);
  bad.ts_readable = true;
  CHECK(model.accept(bad, now) == row_outcome::too_far_ahead);
  bad.weight = 0;
  CHECK(model.accept(bad, now) == row_outcome::too_far_ahead);
  bad.ts = now;
  CHECK(model.accept(bad, now) == row_outcome::ignored);
  CHECK_FALSE(model.reference().has_value());
  CHECK(model.events().empty());
}

TEST_CASE("a default ts is now in whole seconds", "[model][exact]") {
  oracle model = small_model();
  REQUIRE(model.accept({.item = value::integer(1)}, now) == row_outcome::stored);
  CHECK(model.newest() == 1'000'000 * second);
  CHECK(model.events().front().weight == 1);
}

TEST_CASE("partitions are counted apart and all together", "[model][exact]") {
  oracle model = small_model();
  offer event_of = plain("a", now, 2);
  model.accept(event_of, now);
  event_of.partition = value::integer(7);
  model.accept(event_of, now);
  event_of.partition = value::real(7.0);
  model.accept(event_of, now);
  event_of.partition = value::text("7");
  model.accept(event_of, now);
  auto const count_in = [&](value const& partition) {
    return model.count(now - second, now, partition).count(value::text("a"));
  };
  CHECK(count_in(value()) == 8);
  CHECK(count_in(value::integer(7)) == 4);
  CHECK(count_in(value::text("7")) == 2);
  CHECK(count_in(value::blob("7")) == 0);
}

TEST_CASE("forget takes one item, clear takes all, and a copy is a savepoint", "[model][exact]") {
  oracle model = small_model();
  model.accept(plain("a", now), now);
  model.accept(plain("b", now - second), now);
  oracle const before = model;
  model.forget(value::text("a"));
  CHECK(text_of(model.count(0, now).top(9), model) == "'b'=1 ");
  CHECK_FALSE(model.newest_is_certain());
  model.clear();
  CHECK(model.events().empty());
  CHECK_FALSE(model.newest().has_value());
  model = before;
  CHECK(text_of(model.count(0, now).top(9), model) == "'a'=1 'b'=1 ");
}

TEST_CASE("values stand in SQLite's order, and literals read back", "[model][exact]") {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  std::vector<value> const ascending = {value(),
                                        value::real(-1e300),
                                        value::integer(least),
                                        value::real(-2.25),
                                        value::integer(-1),
                                        value::integer(0),
                                        value::real(0.5),
                                        value::integer(1),
                                        value::integer(most),
                                        value::real(9223372036854775808.0),
                                        value::real(std::numeric_limits<double>::infinity()),
                                        value::text(""),
                                        value::text(std::string("a\0b", 3)),
                                        value::text("a"),
                                        value::text("it's"),
                                        value::text("\xC3\xA9"),
                                        value::blob(""),
                                        value::blob(std::string("\0", 1)),
                                        value::blob("1"),
                                        value::blob("\xFF")};
  // "a\0b" is longer than "a", so it must stand after it.
  std::vector<value> sorted = ascending;
  std::swap(sorted[12], sorted[13]);
  database db(":memory:");
  for (std::size_t at = 0; at < sorted.size(); ++at) {
    INFO(sorted[at].literal());
    CHECK(db.scalar("SELECT " + sorted[at].literal()) == sorted[at]);
    CHECK(db.scalar("SELECT ?", {sorted[at]}).type() == sorted[at].type());
    if (at > 0) CHECK(sorted[at - 1] < sorted[at]);
    if (at > 1) {
      CHECK(db.scalar("SELECT ? < ?", {sorted[at - 1], sorted[at]}) == value::integer(1));
    }
  }
  CHECK(value::real(-0.0).canonical().type() == value_type::integer);
  CHECK(value::real(1.0).canonical() == value::integer(1));
  CHECK(value::real(9223372036854775808.0).canonical().type() == value_type::real);
  CHECK(value::integer(9007199254740993) != value::real(9007199254740992.0));
}

TEST_CASE("the clock of the VFS is what SQL sees", "[model][exact]") {
  install_clock_vfs();
  std::int64_t const before = clock_ms();
  set_clock_ms(1'700'000'000'250);
  database db(":memory:", clock_vfs_name);
  CHECK(db.scalar("SELECT unixepoch()") == value::integer(1'700'000'000));
  CHECK(db.scalar("SELECT strftime('%f', 'now')") == value::text("20.250"));
  set_clock_ms(before);
}

TEST_CASE("random numbers are the same everywhere", "[model][exact]") {
  random_source random(42);
  CHECK(random.next() == 1546998764402558742ULL);
  CHECK(random.next() == 6990951692964543102ULL);
  random_source again(42);
  for (int i = 0; i < 1000; ++i) {
    std::int64_t const drawn = again.between(-3, 3);
    CHECK((drawn >= -3 && drawn <= 3));
    CHECK(again.skewed(5) < 5);
  }
}
