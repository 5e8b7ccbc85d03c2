// One stream on one connection, as tables, commands and questions use it.
//
// Shared by all virtual-table objects of the table, and by cms_add. The parts, each using those to
// its right:
//
//   write_buffer --> page_cache --> answer_cache
//        |               |
//        '------> definition, shadow_store, stored_panes
//
// What is in memory besides pending events can be dropped at any time; refresh() reads it again.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live/answer_cache.hpp"
#include "live/definition.hpp"
#include "live/event_log.hpp"
#include "live/host_connection.hpp"
#include "live/page_cache.hpp"
#include "live/query_clock.hpp"
#include "live/write_buffer.hpp"
#include "sqlite/values.hpp"
#include "storage/shadow_store.hpp"
#include "storage/stored_panes.hpp"

namespace topk::live {

class open_stream {
 public:
  open_stream(host_connection& host, std::string schema, std::string table,
              stream::stream_options options);
  open_stream(open_stream const&) = delete;
  open_stream& operator=(open_stream const&) = delete;

  [[nodiscard]] host_connection& host() noexcept { return host_; }
  [[nodiscard]] storage::shadow_store& store() noexcept { return store_; }
  [[nodiscard]] event_log& log() noexcept { return log_; }
  [[nodiscard]] storage::stored_panes& panes() noexcept { return panes_; }
  [[nodiscard]] query_clock& queries() noexcept { return *clock_; }
  // Reads what users give to this stream: arguments, and rows of theirs.
  [[nodiscard]] sqlite::value_reader& values() noexcept { return values_; }

  // ---- what the stream is: see definition
  [[nodiscard]] stream::stream_options const& options() const noexcept {
    return definition_.options();
  }
  [[nodiscard]] std::vector<stream::pane_level> const& levels() const noexcept {
    return definition_.levels();
  }
  [[nodiscard]] std::uint64_t seed() const noexcept { return definition_.seed(); }
  [[nodiscard]] std::uint64_t hash_of(item_view const& item) const noexcept {
    return definition_.hash_of(item);
  }
  // Makes the shadow tables and an empty stream in them.
  status create();
  result<bool> is_current() { return definition_.is_current(store_); }
  // Renames the shadow tables; pending events are flushed before.
  status rename(std::string const& to);

  // ---- what memory knows of it, valid after refresh(): see page_cache and live_tail
  status refresh() { return cache_.refresh(writes_.is_writing()); }
  // Refreshes what was forgotten since, as a rollback to a savepoint makes it; for a statement that
  // goes on reading.
  status refresh_if_forgotten() { return cache_.is_loaded() ? status{} : refresh(); }
  [[nodiscard]] stream::stream_head const& stored_head() const noexcept { return tail().stored(); }
  [[nodiscard]] stream::stream_head const& head() const noexcept { return tail().live(); }
  [[nodiscard]] stream::event_batch const& events() const noexcept { return tail().events(); }
  // The sequence number of the newest event, pending ones included.
  [[nodiscard]] std::int64_t last_seq() const noexcept { return tail().next_seq() - 1; }
  [[nodiscard]] bool has_held() const noexcept { return tail().has_deferred(); }
  // The time after which events are retained; no_time before the first event.
  [[nodiscard]] micros retained_after() const noexcept {
    return head().retained_after(options().retain);
  }
  // Whether the stream has a partition; reads those that came since the last look.
  result<bool> knows_partition(item_view const& partition) {
    return writes_.knows_partition(partition);
  }
  void forget_memory() noexcept { cache_.forget(); }
  // Makes room for work that is not about answers.
  void drop_answers() noexcept { cache_.drop_answers(); }

  // ---- writing: see write_buffer
  status begin() { return writes_.begin(); }
  status add(new_event const& event) { return writes_.add(event); }
  [[nodiscard]] bool takes_plainly(micros ts) const noexcept { return writes_.takes_plainly(ts); }
  void add_plainly(item_view const& item, micros ts) { writes_.add_plainly(item, ts); }
  // See write_buffer::admit_partition.
  result<bool> admit_partition(item_view const& partition) {
    return writes_.admit_partition(partition);
  }
  [[nodiscard]] bool is_full() const noexcept { return writes_.is_full(); }
  [[nodiscard]] bool is_writing() const noexcept { return writes_.is_writing(); }
  status spill() { return writes_.spill(); }
  status fold_all() { return writes_.fold_all(); }
  status log_all() { return writes_.log_all(); }
  status flush(moment at) { return writes_.flush(at); }
  status store_head(stream::stream_head const& head) { return writes_.store_head(head); }
  // The statement of our own that runs on this stream's table; own_statement_scope sets it.
  [[nodiscard]] own_statement& running() noexcept { return writes_.running; }
  // Why the command of that statement failed: SQLite hands on its code and its text only.
  status failed_command;

  // Counts a row that was not taken. `stays`: the statement goes on, so the count is stored with
  // it; else it is known on this connection only, as the statement's rollback takes the rest back.
  void reject(bool stays) noexcept;
  // The form in which a row of the content= table writes its time.
  void note_times(std::uint8_t content_times) noexcept { cache_.tail().note_times(content_times); }
  [[nodiscard]] std::int64_t rejected() const noexcept {
    return head().rejected + clock_->rejected;
  }

  // ---- the end of a transaction or a savepoint, and another virtual-table object
  void committed() noexcept;
  void rolled_back() noexcept;
  // The tables may be gone, and others have their name.
  void doubt() noexcept;
  void reconnected() noexcept;
  // Whether the tables of this name are this stream's, which a rollback has brought back.
  result<bool> is_stored_as(std::string const& table);
  void rename_was_undone(std::string table) noexcept;

  // ---- answers: see answer_cache
  result<fast_answer> top(stream::time_span span, std::optional<item> const& partition,
                          std::size_t k) {
    return answers_.top(source(), span, partition, k);
  }
  result<stream::ranked_item> estimate(stream::time_span span, std::optional<item> const& partition,
                                       item_view const& item) {
    return answers_.estimate(source(), span, partition, item, hash_of(item));
  }
  result<sketch::bounds> total(stream::time_span span, std::optional<item> const& partition) {
    return answers_.total(source(), span, partition);
  }
  result<std::optional<std::vector<std::byte>>> state(stream::time_span span,
                                                      std::optional<item> const& partition,
                                                      stream::state_form const& form) {
    return answers_.state(source(), span, partition, form);
  }
  result<trend::trend_answer> trend(trend::trend_form const& form, stream::time_span span,
                                    stream::time_span baseline,
                                    std::optional<item> const& partition) {
    return answers_.trend(form, source(), span, baseline, partition);
  }
  status add_panes(std::optional<item> const& partition, item_view const* wanted,
                   stream::series_sum& into) {
    return answers_.add_panes(source(), partition, wanted, into);
  }
  result<answer_quality> quality(stream::time_span span, std::size_t k) {
    return answers_.quality(source(), span, k, static_cast<std::size_t>(options().max_item_bytes));
  }
  // What one answer may hold while it is made.
  [[nodiscard]] memory_budget& answer_budget() noexcept { return answers_.budget(); }
  [[nodiscard]] stream::window_source source() noexcept;

  [[nodiscard]] std::size_t memory_bytes() const noexcept;

  // What was found of the table of content=, each as of a version of the schema; -1: look again.
  // See engine/tracking and engine/content.
  struct {
    std::int64_t schema_version = -1;
    bool is_tracked = false;
    std::int64_t sound_at = -1;  // the table was as the options say
    // Until the transaction ends or triggers are made: rows may be inserted past the table.
    bool is_open_to_inserts = false;
  } tracking;
  // After a rollback: the table itself may have been undone. Cleared when it is found again.
  bool may_be_gone = false;

 private:
  [[nodiscard]] live_tail const& tail() const noexcept { return cache_.tail(); }

  host_connection& host_;
  std::shared_ptr<query_clock> clock_;  // outlives this object
  definition definition_;
  sqlite::value_reader values_;
  storage::shadow_store store_;
  event_log log_;
  storage::stored_panes panes_;
  answer_cache answers_;
  page_cache cache_;
  write_buffer writes_;
};

}  // namespace topk::live
