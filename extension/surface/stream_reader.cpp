// SELECT over a stream: the events of its log, or the rows of the user's table that count.
//
//   blocks     live::event_cursor
//   rows       a statement over the log of a stream of format 1; events of the open transaction are
//              flushed first, so that it sees what was inserted before it
//   content=   a statement over the user's table
//
// Constraints on ts become bounds of what is read; all others are left to SQLite.
#include "surface/stream_reader.hpp"

#include <algorithm>
#include <cmath>

#include "engine/content.hpp"
#include "engine/content_row.hpp"
#include "sqlite/rowid_keeper.hpp"

namespace topk::surface {
namespace {

// Narrows the span to what a comparison of ts with a number allows, a microsecond of slack
// included: SQLite checks each row again. Other values are left to SQLite.
void narrow(stream::time_span& span, char bound, sqlite3_value* value) {
  int const type = sqlite3_value_type(value);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  double const seconds = sqlite3_value_double(value);
  auto const time = time_from_seconds(seconds);
  if (!time) return;
  if (bound != 'u') span.since = std::max(span.since, *time - 2);
  if (bound != 'l') span.until = std::min(span.until, *time + 1);
}

}  // namespace

int plan_reading(sqlite3_index_info* info) noexcept {
  char letters[8] = {};
  int used = 0;
  for (int i = 0; i < info->nConstraint && used < 7; ++i) {
    auto const& constraint = info->aConstraint[i];
    if (constraint.usable == 0 || constraint.iColumn != ts_column) continue;
    char letter = 0;
    switch (constraint.op) {
      case SQLITE_INDEX_CONSTRAINT_GT:
      case SQLITE_INDEX_CONSTRAINT_GE: letter = 'l'; break;
      case SQLITE_INDEX_CONSTRAINT_LT:
      case SQLITE_INDEX_CONSTRAINT_LE: letter = 'u'; break;
      case SQLITE_INDEX_CONSTRAINT_EQ: letter = 'e'; break;
      default: continue;
    }
    letters[used] = letter;
    info->aConstraintUsage[i].argvIndex = ++used;
    info->aConstraintUsage[i].omit = 0;
  }
  info->idxStr = sqlite3_mprintf("%s", letters);
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = used == 0 ? 1e6 : 1e4;
  info->estimatedRows = used == 0 ? 1'000'000 : 10'000;
  return SQLITE_OK;
}

// Columns: item, ts, weight, partition, seq.
std::string stream_reader::rows_sql(live::open_stream& state) {
  // Events that come in while the reader is open are not its own: it must not chase them.
  return "SELECT item, ts, weight, partition, seq FROM (" +
         state.store().rows().rows_sql(state.has_held()) + ") WHERE seq <= ?5";
}

std::string stream_reader::content_sql(live::open_stream& state) {
  auto const& content = *state.options().content;
  auto const column = [](std::optional<std::string> const& name, char const* otherwise) {
    return name ? sqlite::quoted(*name) : std::string(otherwise);
  };
  std::string const item = sqlite::quoted(content.item);
  std::string const ts = sqlite::quoted(content.ts);
  return "SELECT " + item + ", " + ts + ", coalesce(" + column(content.weight, "1") + ", 1), " +
         column(content.partition, "NULL") + ", 0 FROM " + sqlite::quoted(state.store().schema()) +
         "." + sqlite::quoted(content.table) + " WHERE " + item + " IS NOT NULL AND " + ts +
         " IS NOT NULL";
}

status stream_reader::start(std::shared_ptr<live::open_stream> state, char const* plan, int argc,
                            sqlite3_value** argv) {
  stop();
  if (state == nullptr) return {};
  TOPK_TRY(state->refresh());
  auto* const db = state->host().db();
  if (state->options().content) {
    TOPK_TRY(engine::check_content(*state));
    TOPK_ASSIGN(is_closed_, engine::has_closed_partitions(*state));
    rows_ = std::make_unique<sqlite::statement>(db, content_sql(*state));
    use_.emplace(*rows_);
  } else if (state->options().log) {
    stream::time_span span{std::max(state->retained_after(), earliest_time - 1), latest_time};
    for (int i = 0; i < argc && plan != nullptr && plan[i] != '\0'; ++i)
      narrow(span, plan[i], argv[i]);
    if (state->log().is_in_blocks()) {
      cursor_.emplace(state->store(), state->events(), span, state->last_seq());
    } else {
      TOPK_TRY(read_rows(*state, span));
    }
  } else {
    return {};
  }
  state_ = std::move(state);
  return next();
}

status stream_reader::read_rows(live::open_stream& state, stream::time_span span) {
  sqlite::rowid_keeper const keep(state.host().db());
  TOPK_TRY(state.flush(live::moment::statement));
  rows_ = std::make_unique<sqlite::statement>(state.store().over(rows_sql(state)));
  use_.emplace(*rows_);
  storage::log_table::bind_span(*use_, span.since, span.until, state.has_held());
  use_->bind(5, state.last_seq());
  return {};
}

status stream_reader::next() {
  if (cursor_) {
    TOPK_TRY(state_->refresh_if_forgotten());
    TOPK_ASSIGN(has_row_, cursor_->next(event_));
    return {};
  }
  for (;;) {
    has_row_ = false;
    TOPK_ASSIGN(bool const has_row, use_->step());
    if (!has_row) return {};
    TOPK_ASSIGN(has_row_, counts());
    if (has_row_) return {};
  }
}

result<bool> stream_reader::counts() {
  if (!state_->options().content) return true;
  engine::content_row row;
  auto const kind = engine::read_content_row(
      *state_, {use_->value(0), use_->value(1), use_->value(2), use_->value(3)}, row);
  if (!kind) return kind.error();
  if (*kind != engine::row_kind::counts) return false;
  return engine::counts_partition_of(*state_, row.event, is_closed_);
}

void stream_reader::column(sqlite3_context* context, int index) const noexcept {
  if (!cursor_) {
    if (index < 4 && use_) sqlite3_result_value(context, use_->value(index));
    return;
  }
  switch (index) {
    case 0: return sqlite::result_item(context, event_.item);
    case ts_column: return sqlite::result_time(context, event_.ts);
    case 2: return sqlite3_result_int64(context, event_.weight);
    case 3:
      if (event_.has_partition) sqlite::result_item(context, event_.partition);
      return;
    default: return;
  }
}

void stream_reader::stop() noexcept {
  has_row_ = false;
  cursor_.reset();
  use_.reset();
  rows_.reset();
  state_.reset();
}

}  // namespace topk::surface
