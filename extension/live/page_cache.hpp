// The part of a stream's tables that is in memory: head, tail and partitions; and whether it still
// matches the file.
//
// Panes are read when a window needs them, and kept as merged windows by answer_cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "live/answer_cache.hpp"
#include "live/definition.hpp"
#include "live/hash_memo.hpp"
#include "live/host_connection.hpp"
#include "live/live_tail.hpp"
#include "live/query_clock.hpp"
#include "storage/shadow_store.hpp"

namespace topk::live {

class page_cache {
 public:
  // Borrows all but the clock.
  page_cache(host_connection& host, definition& what, storage::shadow_store& store,
             answer_cache& answers, std::shared_ptr<query_clock> clock);

  [[nodiscard]] live_tail& tail() noexcept { return tail_; }
  [[nodiscard]] live_tail const& tail() const noexcept { return tail_; }

  // Brings memory in step with the file. `is_writing`: this connection holds the write lock, so
  // that nobody else can have changed the file. errc::corrupt, errc::unsupported_version.
  status refresh(bool is_writing);
  // errc::corrupt while one of our own statements runs: a trigger or a view that somebody put on a
  // shadow table asks for the stream. Going on would chase the rows that the statement makes,
  // perhaps for ever.
  [[nodiscard]] status refuse_reentry() const;

  // False after forget(): then even a statement that is under way has to refresh().
  [[nodiscard]] bool is_loaded() const noexcept { return state_ != contents::empty; }
  [[nodiscard]] bool is_current() const noexcept { return state_ == contents::current; }
  // Loaded inside a transaction, ours or another's, whose COMMIT or ROLLBACK may not be reported
  // to us.
  [[nodiscard]] bool is_provisional() const noexcept { return is_provisional_; }

  // Drops everything, kept answers too.
  void forget() noexcept;
  void forget_partitions() noexcept { forget_partitions(-1); }
  // The file may differ from now on. Pending events stay.
  void invalidate() noexcept;
  // The tables get other names: the statements that count readings of the schema will be new.
  void renamed() noexcept { seen_.schema_readings = -1; }
  void transaction_ended() noexcept { is_provisional_ = false; }

  // Whether the table has this partition; counts those added since the last look.
  result<bool> knows_partition(item_view const& partition, std::uint64_t hash);
  // How many the table has, as of the last knows_partition() that said no.
  [[nodiscard]] std::int64_t partition_count() const noexcept { return keys_.count; }

  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return tail_.events().memory_bytes() + keys_.met.memory_bytes();
  }
  // Divides memory between answers and what the events hold now: after a rollback or a fold, that
  // is more than those that are left take.
  void limit_answers() noexcept {
    auto const& plan = definition_.plan();
    bool const has_few = tail_.events().memory_bytes() <= plan.few_events;
    std::size_t const limit = has_few ? plan.more_answer_bytes : plan.answer_bytes;
    if (answers_.budget().limit() != limit) answers_.set_limit(limit);
  }
  // The same after each new event, in few steps: containers grow only where events fill them, and
  // once is enough, as nothing raises the limit but a question.
  void limit_answers_once() noexcept {
    auto const& plan = definition_.plan();
    bool const is_limited = answers_.budget().limit() == plan.answer_bytes;
    if (!is_limited && tail_.events().used_bytes() > plan.few_events) limit_answers();
  }
  // Room for a fold: what is kept for answers is worth nothing after it.
  void drop_answers() noexcept { answers_.clear(); }

 private:
  enum class contents : std::uint8_t {
    empty,    // nothing is loaded
    stale,    // loaded once; the file may have changed since
    current,  // as the file was when `seen_` was taken
  };
  // What was seen of the file when memory was last known to be in step with it.
  struct file_version {
    std::optional<std::uint32_t> commits;  // by anybody; costs no statement
    std::int64_t data_version = -1;        // commits of others
    int schema_readings = -1;
  };
  struct known_partitions {
    hash_memo met;
    std::int64_t count = 0;  // of the rows up to last_id
    std::int64_t last_id = 0;
    std::int64_t epoch = -1;  // rises when partitions are forgotten
  };
  // What an error or an exception has left half loaded is forgotten.
  struct unless_whole {
    explicit unless_whole(page_cache& of) noexcept : cache(of) {}
    ~unless_whole() {
      if (!is_whole) cache.forget();
    }
    unless_whole(unless_whole const&) = delete;
    unless_whole& operator=(unless_whole const&) = delete;

    page_cache& cache;
    bool is_whole = false;
  };
  void forget_partitions(std::int64_t epoch) noexcept {
    keys_.met.clear();
    keys_.count = keys_.last_id = 0;
    keys_.epoch = epoch;
  }

  status reload(std::int64_t version, bool is_writing);
  result<bool> load_definition();
  status load();
  status load_events(bool is_known);
  status load_tail();
  status load_partitions();

  host_connection& host_;
  definition& definition_;
  storage::shadow_store& store_;
  answer_cache& answers_;
  std::shared_ptr<query_clock> clock_;
  contents state_ = contents::empty;
  bool is_provisional_ = false;
  file_version seen_;
  live_tail tail_;
  known_partitions keys_;
};

}  // namespace topk::live
