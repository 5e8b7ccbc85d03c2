// One random program: steps of SQL on a stream, each done to the model as well and then checked.
//
// A step's random choices depend on the seed and the step's number alone. So a failing program can
// be run again with fewer steps: those that stay make the same draws (of another state, perhaps).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker.hpp"
#include "events.hpp"
#include "profile.hpp"
#include "session.hpp"

namespace topk::test {

// A row of the content table as SQL writes it, and what it means.
struct drawn_content_row {
  content_row row;
  written_row written;
  std::string code = "NULL";
  std::string values;  // all columns behind the id
};

class program {
 public:
  program(profile const& plan, std::string const& path);

  // Throws disagreement.
  void start();
  void step(std::int64_t number);
  void finish();

  [[nodiscard]] std::vector<std::string> const& log() const noexcept { return on_.log(); }
  [[nodiscard]] checker::work const& work() const noexcept { return checker_.done(); }

 private:
  using action = bool (program::*)();  // false: not possible now, choose another
  struct choice {
    int weight;
    action act;
  };
  static std::vector<choice> const& choices(stream_kind kind);

  // steps_insert.cpp: events in.
  bool insert_some();
  bool insert_bad();
  bool insert_or_ignore();
  bool insert_held();
  bool insert_flood();
  bool insert_from_table();
  bool insert_from_itself();
  bool retract();
  bool feed_some();
  bool refuse_update();

  // steps_transaction.cpp: transactions, schema, time, connections.
  bool begin();
  bool end();
  bool savepoint();
  bool read_across_a_rollback();
  bool release();
  bool rollback_to();
  bool other_table();
  bool rename();
  bool undo_schema_change();
  bool undo_later_half();
  bool drop_and_create();
  bool move_clock();
  bool reopen();
  bool vacuum();
  bool switch_sides();
  bool snapshot();

  // steps_command.cpp: commands.
  bool prune();
  bool optimize();
  bool rebuild();
  bool integrity_check();
  bool forget();
  bool delete_all();
  bool bad_command();

  // steps_content.cpp: the content table.
  bool content_insert();
  bool content_update();
  bool content_delete();
  bool content_flood();
  bool content_far_future();

  // steps_content_keys.cpp: its keys, and changes that the stream does not see.
  bool content_replace();
  bool content_ignore();
  bool content_update_key();
  bool content_update_code();
  bool content_update_unread();
  bool content_retrack();

  // The stream's name as an identifier, and where INSERT goes: it, or cms_add.
  [[nodiscard]] std::string stream() const { return quoted_name(on_.state.name); }
  [[nodiscard]] std::string target();
  [[nodiscard]] bool is_default() const { return plan_.kind == stream_kind::default_stream; }
  [[nodiscard]] bool has_content() const { return plan_.kind == stream_kind::content; }
  [[nodiscard]] bool can_grow() const;

  // Runs an INSERT of these rows; the model says whether it must succeed and what it adds.
  // `into_feed` counts rows of the user's table with the trigger.
  void insert(std::string const& sql, std::vector<offer> const& rows, bool ignores, bool into_feed);
  std::string values_of(std::vector<written_row> const& rows, columns const& named);
  // INSERT INTO s(s, ...) VALUES('command', ...).
  void command(std::string const& name);
  void create_stream();
  void create_tables();
  void create_feed_trigger(std::string const& into);
  void drop_stream();
  micros without_jump(micros by);
  micros jump_of_clock();

  // What the triggers of 'track' do.
  void content_event(content_row const& of, int sign);
  void content_put(std::int64_t id, content_row const& of);
  std::string content_put_some(bool skips);
  void content_remove(std::int64_t id);
  void content_move(std::int64_t from, std::int64_t to, std::optional<std::int64_t> const& code);
  void keep_countable();
  // What the stream sees of a row: not all columns need be mapped.
  [[nodiscard]] offer mapped(offer of) const;
  value draw_content_text(micros time);
  written_row draw_uncounted_row();
  drawn_content_row draw_content_row();
  void draw_code(drawn_content_row& to);
  [[nodiscard]] bool is_code_taken(std::optional<std::int64_t> code) const;
  [[nodiscard]] std::string item_column() const;
  // "INSERT INTO history(id, ...) ", all columns but those that have a default.
  [[nodiscard]] std::string into_history(std::string const& verb) const;
  [[nodiscard]] std::int64_t next_content_id() const;
  [[nodiscard]] std::int64_t some_content_id();
  // The model of a stream that has just counted the content table.
  void recount();
  // `prune` forgets partitions; which ones depends on what panes there are.
  void read_partitions();

  profile const& plan_;
  random_source random_;
  session on_;
  event_source events_;
  checker checker_;
  std::optional<micros> right_clock_;  // while the clock is wrong
  bool is_quiet_ = false;              // no checks until the transaction ends
};

}  // namespace topk::test
