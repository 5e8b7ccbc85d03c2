#include "session.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "kit/clock_vfs.hpp"

namespace topk::test {

world::world(profile const& of)
    : model(of.limits), name(of.name), has_content_(of.kind == stream_kind::content),
      max_partitions_(static_cast<std::size_t>(of.content_max_partitions)) {}

bool world::is_countable(content_row const& of) const {
  if (of.item.is_null() || !of.ts || !of.weight_readable || of.weight == 0) return false;
  auto const longest = static_cast<std::size_t>(model.limits().max_item_bytes);
  return of.item.is_number() || of.item.byte_size() <= longest;
}

bool world::counts(content_row const& of) const {
  if (!is_countable(of)) return false;
  return !partitions_are_closed || of.partition.is_null() ||
         partitions.contains(of.partition.canonical());
}

bool world::admits(value const& partition) {
  if (partition.is_null() || partitions.contains(partition.canonical())) return true;
  partitions_are_closed = partitions_are_closed || partitions.size() >= max_partitions_;
  if (!partitions_are_closed) partitions.insert(partition.canonical());
  return !partitions_are_closed;
}

tally world::exact(micros since, micros until, value const& partition) const {
  if (!has_content_) return model.count(since, until, partition);
  tally out = model.count(0, 0);  // empty
  std::vector<event> inside;
  for (auto const& [id, each] : content) {
    if (!counts(each) || model.is_expired(*each.ts)) continue;
    if (*each.ts <= since || *each.ts > until) continue;
    bool const is_asked = partition.is_null() || each.partition == partition ||
                          (partition == without_partition && each.partition.is_null());
    if (is_asked) {
      inside.push_back(model.to_event(each, *each.ts));
    }
  }
  for (event const& each : inside) out.add(each);
  return out;
}

tally world::fast(micros since, micros until, value const& partition) const {
  return has_content_ ? exact(since, until, partition) : model.count(since, until, partition);
}

void world::let_time_pass(micros now) {
  if (!exists) return;
  for (auto const& [id, each] : content) {
    if (each.was_ahead && counts(each) && *each.ts <= now) model.has_come(*each.ts);
  }
}

bool world::would_jump(micros now) const {
  return exists && is_followed && std::any_of(content.begin(), content.end(), [&](auto const& row) {
           content_row const& each = row.second;
           return each.was_ahead && counts(each) && *each.ts <= now && model.jumps_to(*each.ts);
         });
}

void session::let_time_pass() {
  state.let_time_pass(now());
  committed.let_time_pass(now());
  if (snapshot_) snapshot_->let_time_pass(now());
}

session::session(profile const& plan, std::string path)
    : state(plan), committed(plan), plan_(plan), path_(std::move(path)) {
  install_clock_vfs();
  use_encoding(plan.encoding);
  note(plan.describe());
  set_clock_ms(plan.is_far ? 10'413'792'000'000 : 1'800'000'000'000);
  move_clock(static_cast<micros>(plan.seed % 100'000) * 777'000);
  connections_[0] = open();
  write(0, plan.wal ? "PRAGMA journal_mode=wal" : "PRAGMA journal_mode=delete");
  connections_[0]->exec(plan.wal ? "PRAGMA journal_mode=wal" : "PRAGMA journal_mode=delete");
  connections_[1] = open();
  set_recursive_triggers();
}

// As a statement of the program, so that a replay has it, too.
void session::set_recursive_triggers() {
  std::string const sql =
      std::string("PRAGMA recursive_triggers=") + (plan_.recursive_triggers ? "on" : "off");
  for (std::size_t who = 0; who < connections_.size(); ++who) {
    write(who, sql);
    connections_[who]->exec(sql);
  }
}

std::unique_ptr<database> session::open() {
  auto out = std::make_unique<database>(path_, clock_vfs_name);
  out->load_topk();
  out->exec("PRAGMA synchronous=off");
  // A small cache spills in the middle of large transactions.
  if (plan_.seed % 5 == 3) out->exec("PRAGMA cache_size=20");
  return out;
}

micros session::now() noexcept { return clock_ms() * 1000; }

void session::move_clock(micros by) {
  // The window that ends now, to be shown as a REAL, must end at a time that is one.
  if (plan_.is_far) by = by >= 0 ? (by / 1'000'000 + 1) * 1'000'000 : by / 1'000'000 * 1'000'000;
  set_clock_ms(clock_ms() + by / 1000);
  log_.push_back("-- clock " + std::to_string(clock_ms()));
}

void session::write(std::size_t who, std::string const& sql) {
  if (who != last_written_) log_.push_back("-- connection " + std::to_string(who));
  last_written_ = who;
  log_.push_back(sql + ";");
}

outcome session::attempt(std::string const& sql) {
  write(acting_, sql);
  outcome result = db().attempt(sql);
  if (!result.ok()) note("error " + std::to_string(result.code) + ": " + result.message);
  return result;
}

void session::settle() {
  if (db().in_transaction() != in_transaction()) {
    throw disagreement(in_transaction() ? "the transaction is gone" : "a transaction is left open");
  }
  state.model.compact();
  if (!in_transaction()) {
    state.model.end_transaction();
    committed = state;
  }
}

void session::run(std::string const& sql) {
  outcome const result = attempt(sql);
  if (!result.ok()) {
    throw disagreement("must succeed, but failed with code " + std::to_string(result.code) + ": " +
                       result.message);
  }
  settle();
}

void session::refuse(std::string const& sql, std::vector<int> const& codes) {
  outcome const result = attempt(sql);
  if (std::find(codes.begin(), codes.end(), result.code) == codes.end()) {
    std::string allowed;
    for (int const code : codes) allowed += std::to_string(code) + " ";
    throw disagreement("must fail with code " + allowed + "but gave " +
                       std::to_string(result.code) + ": " + result.message);
  }
  if (result.message.empty()) throw disagreement("failed without a message");
  settle();
}

outcome session::run_held(std::string const& sql, std::vector<value> const& parameters) {
  std::string spelled;
  std::size_t at = 0;
  for (char const c : sql) {
    if (c == '?') spelled += parameters[at++].literal();
    else spelled += c;
  }
  write(acting_, spelled);
  if (!held_ || held_sql_ != sql) {
    held_.reset();
    held_ = db().prepare(sql);
    held_sql_ = sql;
    note("prepared again and held");
  }
  outcome result = held_.run(parameters);
  if (!result.ok()) note("error " + std::to_string(result.code) + ": " + result.message);
  settle();
  return result;
}

outcome session::ask(database& whom, std::string const& sql) {
  write(&whom == connections_[0].get() ? 0 : 1, sql);
  return whom.attempt(sql);
}

void session::begin(std::string const& how) {
  marks_.push_back({"", state});
  run(how);
}

void session::commit() {
  marks_.clear();
  run("COMMIT");
}

void session::rollback() {
  state = std::move(marks_.front().before);
  marks_.clear();
  run("ROLLBACK");
}

void session::savepoint(std::string const& name) {
  marks_.push_back({name, state});
  run("SAVEPOINT " + name);
}

std::size_t session::find_mark(std::string const& name) const {
  for (std::size_t at = marks_.size(); at-- > 0;) {
    if (marks_[at].name == name) return at;
  }
  throw std::logic_error("no savepoint " + name);
}

void session::release(std::string const& name) {
  marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(find_mark(name)), marks_.end());
  run("RELEASE " + name);
}

void session::rollback_to(std::string const& name) {
  std::size_t const at = find_mark(name);
  marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, marks_.end());
  world const undone = std::move(state);
  state = marks_[at].before;
  state.model.goes_on(undone.model);
  run("ROLLBACK TO " + name);
}

std::vector<std::string> session::savepoints() const {
  std::vector<std::string> out;
  for (mark const& each : marks_) {
    if (!each.name.empty()) out.push_back(each.name);
  }
  return out;
}

void session::reopen() {
  drop_snapshot();
  held_.reset();
  log_.push_back("-- reopen");
  for (auto& each : connections_) {
    if (int const code = each->close(); code != SQLITE_OK) {
      throw disagreement("sqlite3_close gave code " + std::to_string(code));
    }
  }
  for (auto& each : connections_) each = open();
  set_recursive_triggers();
}

void session::switch_sides() {
  drop_snapshot();
  held_.reset();
  acting_ = 1 - acting_;
}

void session::hold_snapshot() {
  write(1 - acting_, "BEGIN");
  other().exec("BEGIN");
  // Only a read begins the snapshot.
  static_cast<void>(ask(other(), "SELECT count(*) FROM sqlite_schema"));
  snapshot_ = committed;
}

void session::drop_snapshot() {
  if (!snapshot_) return;
  write(1 - acting_, "COMMIT");
  other().exec("COMMIT");
  snapshot_.reset();
}

}  // namespace topk::test
