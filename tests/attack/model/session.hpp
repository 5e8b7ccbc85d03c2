// Two connections to one database file, what the model says each of them must see, and a log of
// every statement from which the program can be replayed.
//
// One connection at a time acts; the other looks on (and may hold a read snapshot in WAL mode).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/oracle.hpp"
#include "kit/verify.hpp"
#include "profile.hpp"

namespace topk::test {

// A row of the content table.
struct content_row : offer {
  bool has_text_time = false;
  std::optional<std::int64_t> code = {};  // UNIQUE, where the table has it
  bool was_ahead = false;                 // of the clock, when the stream met it
};

// All that a transaction can change and undo.
struct world {
  explicit world(profile const& of);

  oracle model;
  std::string name;     // the stream's, which RENAME changes
  bool exists = false;  // the table of that name; the default stream is made on first use
  std::map<std::int64_t, content_row> content;  // rows of the content table, by id
  // Of the content table: the partitions that count, and whether no others will until a rebuild.
  std::set<value> partitions;
  bool partitions_are_closed = false;
  bool is_followed = false;      // by triggers
  std::int64_t feed_rows = 0;    // rows of the user's table `feed`
  bool events_are_known = true;  // whether topk_stats' `events` and `late` follow from the contract
  bool late_is_known = true;

  // What `exact` counts: the log, or the content table.
  [[nodiscard]] tally exact(micros since, micros until, value const& partition) const;
  // What `fast` counts: the same, where the table is tracked.
  [[nodiscard]] tally fast(micros since, micros until, value const& partition) const;
  // Rows of the content table that were ahead of the clock, and whose time has come, raise R.
  void let_time_pass(micros now);
  // Whether R would jump to such a row: then it depends on the commit that meets the row first.
  [[nodiscard]] bool would_jump(micros now) const;
  [[nodiscard]] bool has_content() const noexcept { return has_content_; }
  // Whether a row of the content table says what it counts, and whether it does so.
  [[nodiscard]] bool is_countable(content_row const& of) const;
  [[nodiscard]] bool counts(content_row const& of) const;
  // A row comes whose partition is this: whether it counts.
  bool admits(value const& partition);

 private:
  bool has_content_;
  std::size_t max_partitions_;
};

class session {
 public:
  session(profile const& plan, std::string path);

  // Of the connection that acts; `committed` is what everybody else sees.
  world state;
  world committed;
  [[nodiscard]] database& db() { return *connections_[acting_]; }
  [[nodiscard]] database& other() { return *connections_[1 - acting_]; }
  [[nodiscard]] world const& seen_by_other() const { return snapshot_ ? *snapshot_ : committed; }

  // Unix time in microseconds, always whole milliseconds.
  [[nodiscard]] static micros now() noexcept;
  void move_clock(micros by);
  // See world; for all that may be asked.
  void let_time_pass();

  // Statements of the acting connection. `run` throws disagreement if the statement fails, and
  // `refuse` if it does not fail with one of the codes. Neither changes `state`; the caller does,
  // before `run`, since in autocommit mode `run` makes `state` the committed one.
  void run(std::string const& sql);
  void refuse(std::string const& sql, std::vector<int> const& codes);
  // Through a statement that is kept prepared across transactions, schema changes and renames.
  outcome run_held(std::string const& sql, std::vector<value> const& parameters);
  // A question: logged, but no step. May be asked of either connection.
  outcome ask(database& whom, std::string const& sql);

  // Transactions, on the connection and in the model.
  void begin(std::string const& how);
  void commit();
  void rollback();
  void savepoint(std::string const& name);
  void release(std::string const& name);
  void rollback_to(std::string const& name);
  [[nodiscard]] bool in_transaction() const noexcept { return !marks_.empty(); }
  [[nodiscard]] std::vector<std::string> savepoints() const;  // innermost last

  // Outside of a transaction only.
  void reopen();
  void switch_sides();
  void hold_snapshot();
  void drop_snapshot();
  [[nodiscard]] bool has_snapshot() const noexcept { return snapshot_.has_value(); }

  void note(std::string const& text) { log_.push_back("-- " + text); }
  // One statement a line; lines that start with "--" are directions for the replay or remarks.
  [[nodiscard]] std::vector<std::string> const& log() const noexcept { return log_; }
  [[nodiscard]] profile const& plan() const noexcept { return plan_; }

 private:
  struct mark {
    std::string name;  // empty: BEGIN
    world before;
  };

  std::unique_ptr<database> open();
  void set_recursive_triggers();
  void write(std::size_t who, std::string const& sql);
  outcome attempt(std::string const& sql);
  void settle();
  std::size_t find_mark(std::string const& name) const;

  profile const& plan_;
  std::string path_;
  std::array<std::unique_ptr<database>, 2> connections_;
  std::size_t acting_ = 0;
  std::size_t last_written_ = 0;
  std::vector<mark> marks_;
  std::optional<world> snapshot_;
  prepared held_;
  std::string held_sql_;
  std::vector<std::string> log_;
};

}  // namespace topk::test
