#include "life.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "kit/clock_vfs.hpp"

namespace topk::test {

void gauge::note(bool is_warm, std::int64_t value) {
  greatest_ = std::max(greatest_, value);
  if (!is_warm) {
    usual_ = greatest_;
    return;
  }
  INFO(name_ << ": " << value << ", but the first days saw " << usual_ << " at most");
  REQUIRE(static_cast<double>(value) <= factor_ * static_cast<double>(usual_) + slack_);
}

life::life(life_plan plan) : path_(folder_.file("a.db")), plan_(plan), random_(plan.seed) {
  install_clock_vfs();
  set_clock_ms(first_ms);
  open();
  make_streams();
  // Pages are reused, and so is memory: a quarter more leaves room for another order of the same
  // events.
  for (char const* name : {"bytes of the file", "bytes of the write-ahead log", "memory_bytes",
                           "disk_bytes", "partitions", "bytes of the heap"}) {
    gauges_.emplace(name, gauge(name, 1.25, 0));
  }
  // How many panes still wait for their roll-up depends on when the last events came.
  gauges_.emplace("panes", gauge("panes", 1.5, 0));
  // How much of the log a hybrid answer must read, and the largest error, are matters of chance:
  // where there are few events, also of a few more.
  gauges_.emplace("pages asked for by queries", gauge("pages asked for by queries", 1.5, 300));
  gauges_.emplace("pages asked for by first queries",
                  gauge("pages asked for by first queries", 1.5, 300));
  gauges_.emplace("max_error", gauge("max_error", 2, 20));
}

void life::open() {
  db_ = std::make_unique<database>(path_, clock_vfs_name);
  db_->load_topk();
  db_->exec("PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL");
}

void life::make_streams() {
  db_->exec(
      "CREATE TABLE sales(id INTEGER PRIMARY KEY, product, at, n INTEGER); "
      "CREATE INDEX sales_at ON sales(at)");
  for (stream_plan const& each : plans) {
    streams_.push_back({&each, oracle({.retain = each.retain}), {}});
    db_->exec(std::string("CREATE VIRTUAL TABLE ") + each.name + " USING topk_stream(seed=1, " +
              each.options + ")");
  }
  db_->exec("INSERT INTO sold(sold) VALUES ('track')");
}

void life::live_a_day() {
  ++day_;
  INFO("day " << day_ << ", seed " << plan_.seed);
  // Four days of silence: longer than any stream retains.
  bool const is_silent = day_ % 50 >= 20 && day_ % 50 < 24;
  std::int64_t const midnight = first_ms + day_ * day_ms;
  for (std::int64_t session = 0; session < sessions && !is_silent; ++session) {
    // Put right now and then, as clocks are: also backwards.
    set_clock_ms(midnight + session * day_ms / sessions + random_.between(-300'000, 300'000));
    live_a_session();
  }
  set_clock_ms(midnight + day_ms - random_.between(1, 100'000));
  if (is_day(3, 7)) {
    REQUIRE(db_->close() == SQLITE_OK);
    open();
  }
  run_commands();
  for (simulated_stream& each : streams_) check(each);
  if (is_day(23, 50)) check_empty();
  measure();
}

// ---- writing

void life::live_a_session() {
  std::int64_t const burst = is_day(0, 10) ? 4 : 1;
  if (random_.percent(10)) write_and_undo("BEGIN", "ROLLBACK");
  bool const is_one = random_.percent(80);
  if (is_one) db_->exec("BEGIN");
  // Without a transaction each row is one, and costs as much: fewer.
  write(is_one ? plan_.events_a_session * burst : plan_.events_a_session / 8);
  if (is_one && random_.percent(20)) write_and_undo("SAVEPOINT x", "ROLLBACK TO x");
  change_sales();
  if (is_one) db_->exec("COMMIT");
  for (simulated_stream& each : streams_) each.truth.end_transaction();
}

void life::write(std::int64_t events_each) {
  for (simulated_stream& each : streams_) {
    each.insert = db_->prepare(each.plan->is_tracked
                                   ? "INSERT INTO sales(id, product, at, n) VALUES (?, ?, ?, ?)"
                                   : std::string("INSERT INTO ") + each.plan->name +
                                         "(item, ts, weight, partition) VALUES (?, ?, ?, ?)");
    for (std::int64_t left = events_each; left > 0; --left) {
      if (each.plan->is_tracked) {
        sell();
      } else {
        add(each);
      }
    }
    each.insert.reset();
  }
}

// Writes, changes, and takes all of it back.
void life::write_and_undo(char const* begin, char const* end) {
  std::vector<oracle> kept;
  for (simulated_stream const& each : streams_) kept.push_back(each.truth);
  auto const kept_sales = sales_;
  db_->exec(begin);
  write(random_.between(1, plan_.events_a_session * 2));
  change_sales();
  db_->exec(end);
  for (std::size_t at = 0; at < kept.size(); ++at) streams_[at].truth = kept[at];
  sales_ = kept_sales;
}

namespace {

// Mostly the favourites of all times, else something of this day alone.
std::int64_t some_item(random_source& random, std::int64_t day) {
  std::int64_t const raw = random.percent(70) ? static_cast<std::int64_t>(random.skewed(300))
                                              : 1000 + day * 400 + random.between(0, 399);
  return raw % 3 == 0 ? raw : raw + first_text;
}

// In quarters of a second, which a double holds exactly.
micros some_time(random_source& random, micros now) {
  micros const quarter = now - now % 250'000;
  if (random.percent(60)) return quarter - random.between(0, 40) * 250'000;
  if (random.percent(5)) return quarter + random.between(1, 200) * 250'000;  // ahead of the clock
  if (random.percent(3))
    return quarter - random.between(0, 5 * 24 * 3600) * 1'000'000;  // often late
  return quarter - random.between(0, 3 * 3600 * 4) * 250'000;
}

value time_value(micros time) {
  return time % 1'000'000 == 0 ? value::integer(time / 1'000'000)
                               : value::real(static_cast<double>(time) / 1e6);
}

}  // namespace

void life::add(simulated_stream& to) {
  micros const now = clock_ms() * 1000;
  offer given;
  given.ts = some_time(random_, now);
  given.weight = random_.between(1, 5);
  given.item = item_value(some_item(random_, day_));
  if (to.plan->is_parted && random_.percent(80)) {
    given.partition = value::integer(random_.percent(70) ? random_.between(1, 4)
                                                         : 10 + day_ * 10 + random_.between(0, 9));
  }
  auto const& known = to.truth.events();
  if (random_.percent(8) && !known.empty()) {  // retracts what has been, or more than that
    event const& undone = random_.pick(known);
    given.ts = undone.ts;
    given.item = to.truth.items()[undone.item];
    given.partition = undone.partition < 0
                          ? value()
                          : to.truth.partitions()[static_cast<std::uint32_t>(undone.partition)];
    given.weight = -undone.weight - (random_.percent(10) ? 3 : 0);
    if (random_.percent(10)) given.ts = some_time(random_, now);
  }
  insert(to, {given.item, time_value(*given.ts), value::integer(*given.weight), given.partition});
  count(to, given);
}

void life::insert(simulated_stream& to, std::vector<value> const& values) {
  outcome const done = to.insert.run(values);
  if (!done.ok()) throw sql_error(done.code, done.message);
}

void life::count(simulated_stream& of, offer const& given) {
  row_outcome const became = of.truth.accept(given, clock_ms() * 1000);
  if (is_refusal(became)) throw std::logic_error("an event that the oracle refuses");
  ++written_;
}

// A row that has expired is no longer counted: taking it back is nothing, and not late.
void life::count(sale const& of, int sign) {
  if (sign < 0 && streams_.back().truth.is_expired(of.ts)) return;
  count(streams_.back(), {.item = of.item, .ts = of.ts, .weight = sign * of.count});
}

void life::sell() {
  micros const now = clock_ms() * 1000;
  sale sold;
  sold.ts = std::min(some_time(random_, now), now);
  sold.count = random_.between(1, 5);
  sold.item = item_value(some_item(random_, day_));
  std::int64_t const id = next_sale_++;
  insert(streams_.back(),
         {value::integer(id), sold.item, time_value(sold.ts), value::integer(sold.count)});
  sales_[id] = sold;
  count(sold, 1);
}

// Corrections, returns, and the user's own clearing of what is twice as old as the stream retains.
void life::change_sales() {
  micros const now = clock_ms() * 1000;
  for (std::int64_t left = random_.between(0, 10); left > 0 && !sales_.empty(); --left) {
    auto const at = sales_.lower_bound(next_sale_ - random_.between(1, 2000));
    if (at == sales_.end()) continue;
    sale& known = at->second;
    value const id = value::integer(at->first);
    count(known, -1);
    if (random_.percent(50)) {
      static_cast<void>(db_->query("DELETE FROM sales WHERE id = ?", {id}));
      sales_.erase(at);
      continue;
    }
    static_cast<void>(db_->query("UPDATE sales SET n = n + 2 WHERE id = ?", {id}));
    known.count += 2;
    count(known, 1);
  }
  micros const old = (now - 2 * streams_.back().plan->retain) / 1'000'000 * 1'000'000;
  static_cast<void>(db_->query("DELETE FROM sales WHERE at <= ?", {time_value(old)}));
  std::erase_if(sales_, [&](auto const& each) {
    if (each.second.ts > old) return false;
    count(each.second, -1);
    return true;
  });
}

void life::command(simulated_stream& on, char const* text) {
  std::string const name = on.plan->name;
  db_->exec("INSERT INTO " + name + "(" + name + ") VALUES ('" + text + "')");
}

void life::run_commands() {
  micros const now = clock_ms() * 1000;
  for (simulated_stream& each : streams_) {
    std::string const name = each.plan->name;
    if (is_day(1, 3) && !each.plan->is_tracked) {
      db_->exec("INSERT OR IGNORE INTO " + name + "(item, ts) VALUES (NULL, 1)");
      ++each.rejected;
    }
    if (is_day(4, 5)) {
      command(each, "prune");
      each.truth.prune(now);
    }
    if (is_day(8, 15) && !each.plan->is_tracked && !each.truth.events().empty()) {
      value const item = each.truth.items()[random_.pick(each.truth.events()).item];
      static_cast<void>(
          db_->query("INSERT INTO " + name + "(" + name + ", item) VALUES ('forget', ?)", {item}));
      each.truth.forget(item);
    }
    if (is_day(11, 30)) command(each, "optimize");
    if (is_day(17, 40) && each.plan->has_log) {
      command(each, "rebuild");
      each.truth.recount(now);
    }
    if (is_day(18, 40) && each.plan->is_tracked) {
      std::vector<event> content;
      for (auto const& [id, sold] : sales_) {
        content.push_back(each.truth.to_event({.item = sold.item, .weight = sold.count}, sold.ts));
      }
      rebuild(each, content);
      each.truth.reset_late();
      each.rejected = 0;  // no row of the table is refused
    }
    each.truth.compact();
    each.truth.renumber();
  }
}

void life::rebuild(simulated_stream& of, std::vector<event> from) {
  command(of, "rebuild");
  std::optional<micros> reference;
  for (event const& each : from) {
    reference = std::max(reference, std::optional(std::min(each.ts, clock_ms() * 1000)));
  }
  of.truth.refill(from, reference);
}

}  // namespace topk::test
