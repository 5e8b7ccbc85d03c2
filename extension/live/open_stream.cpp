// Owns the parts of a stream, and informs them of what concerns several of them: the table is
// created, renamed, connected again; a transaction ends.
//
//   SQLite calls            write_buffer          page_cache        definition     connection
//   xCommit, xRollback      phase: idle           not provisional   not new        verdicts go
//   xRollback, xRollbackTo  pending events go     what may be undone goes          (may_be_gone)
//   xConnect again          phase: changed        stale, or empty
#include "live/open_stream.hpp"

#include <algorithm>
#include <utility>

namespace topk::live {
namespace {

// Before the config table is read: what a new stream has.
storage::log_form log_of(stream::stream_options const& options) noexcept {
  return options.log ? storage::log_form::blocks : storage::log_form::none;
}

}  // namespace

open_stream::open_stream(host_connection& host, std::string schema, std::string table,
                         stream::stream_options options)
    : host_(host), clock_(host.clock_of(schema, table)), definition_(std::move(options)),
      values_(host.db()),
      store_(host.db(), std::move(schema), std::move(table), log_of(definition_.options())),
      log_(definition_, store_), panes_(store_, definition_.levels(), &host_.panes_read),
      answers_(definition_.plan().answer_bytes),
      cache_(host_, definition_, store_, answers_, clock_),
      writes_(host_, definition_, store_, log_, panes_, cache_) {}

status open_stream::create() {
  TOPK_TRY(store_.create());
  TOPK_TRY(definition_.create(store_));
  clock_->belongs_to(definition_.identity());
  clock_->saw(host_.now(), 0);
  stream::stream_head head;
  head.levels.resize(levels().size());
  head.past_budget = options().past;
  return store_head(head);
}

status open_stream::rename(std::string const& to) {
  TOPK_TRY(flush(moment::statement));
  cache_.renamed();
  TOPK_TRY(store_.look_for_log());
  return store_.rename(to);
}

result<bool> open_stream::is_stored_as(std::string const& table) {
  if (!may_be_gone || definition_.identity() == 0) return false;
  if (store_.table() != table) {
    TOPK_ASSIGN(bool const is_here, store_.exists("config"));
    if (is_here) return false;
  }
  storage::shadow_store there(host_.db(), store_.schema(), table, store_.log());
  TOPK_ASSIGN(bool const is_there, there.exists("config"));
  if (!is_there) return false;
  TOPK_ASSIGN(auto const identity, there.config().integer("identity"));
  return identity == definition_.identity();
}

void open_stream::rename_was_undone(std::string table) noexcept {
  cache_.renamed();
  store_.rename_was_undone(std::move(table));
}

void open_stream::reject(bool stays) noexcept {
  if (stays) {
    cache_.tail().count_rejected();
  } else {
    ++clock_->rejected;
  }
}

void open_stream::committed() noexcept {
  tracking.is_open_to_inserts = false;
  writes_.transaction_ended();
  cache_.transaction_ended();
  definition_.transaction_ended();
  host_.transaction_ended();
  if (cache_.is_current()) clock_->saw(host_.last_now(), head().events);
}

void open_stream::doubt() noexcept {
  may_be_gone = true;
  definition_.doubt();
}

void open_stream::rolled_back() noexcept {
  tracking.is_open_to_inserts = false;
  doubt();
  writes_.rolled_back();
}

void open_stream::reconnected() noexcept {
  may_be_gone = false;
  writes_.reconnected();
}

stream::window_source open_stream::source() noexcept {
  cache_.limit_answers();
  return {levels(), seed(), stored_head(), panes_, events(), tail().epoch()};
}

std::size_t open_stream::memory_bytes() const noexcept {
  return sizeof(*this) + sizeof(*clock_) + cache_.memory_bytes() + writes_.memory_bytes() +
         answers_.memory_bytes();
}

}  // namespace topk::live
