// topk_stats: one row per stream, of all schemas, whether this connection has used it or not.
//
// A damaged stream has its row, too, with NULL for what could not be read. Sizes are counted in the
// shadow tables; max_error and proven_share are of the longest window, whose panes are merged for
// it and not kept: reading the figures of a stream does not change what it keeps in memory.
#include "surface/topk_stats.hpp"

#include <algorithm>

#include "engine/query.hpp"
#include "engine/tracking.hpp"
#include "sqlite/statement.hpp"
#include "stream/retained_events.hpp"
#include "surface/stream_function.hpp"

namespace topk::surface {
namespace {

// What a tail row takes on its page in addition to item and partition: header, times, weight.
constexpr std::int64_t tail_row_bytes = 24;

constexpr int first_argument = 29;
constexpr int stats_arguments_end = 30;
constexpr int memory_budget = 31;

constexpr sqlite::signature stats_form = {
    .name = "topk_stats",
    .declaration =
        "CREATE TABLE topk_stats(stream, events, weight, late, rejected, first_ts, last_ts, "
        "lag_seconds, panes, tail_rows, log_rows, memory_bytes, disk_bytes, evictions, max_error, "
        "proven_share, inserts_per_second, queries, query_p50_us, query_p95_us, query_p99_us, "
        "retain, windows, expired, counted_at, stale, jump_to, past_bytes, past, of HIDDEN, "
        "arguments_end HIDDEN, memory_budget HIDDEN)",
    .first_argument = first_argument,
    .argument_count = 1,
    .arguments_end = stats_arguments_end,
};

struct stream_figures {
  std::string name;
  bool is_readable = false;  // false: a damaged stream, whose other columns are NULL
  stream::stream_head head;
  std::int64_t rejected = 0;
  micros now = 0;
  std::int64_t panes = 0;
  std::int64_t tail_rows = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t disk_bytes = 0;
  std::int64_t max_error = 0;
  double proven_share = 1;
  std::optional<double> inserts_per_second;
  std::int64_t memory_budget = 0;
  std::int64_t queries = 0;
  std::int64_t p50 = 0;
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
  micros retain = 0;
  std::string windows;
  std::int64_t expired = 0;
  std::optional<micros> counted_at;
  std::optional<bool> is_stale;  // nullopt without content=
};

// Rounded towards 0 to thousandths, so that a share below 1 never reads as 1.
double in_thousandths(double value) noexcept {
  constexpr double large = 1e12;
  if (value <= -large || value >= large) return value;
  return static_cast<double>(static_cast<std::int64_t>(value * 1000 + 1e-9)) / 1000;
}

// As the option may be written.
std::string spelled(std::vector<micros> const& windows) {
  std::string out;
  for (micros const window : windows) {
    if (!out.empty()) out += ',';
    out += spell_duration(window);
  }
  return out;
}

// False for failures that may pass: a lock, an interrupt, a failing disk.
bool tells_of_damage(status const& failed) noexcept {
  int const family = failed.detail & 0xFF;
  return failed.code != errc::backend || family == SQLITE_ERROR || family == SQLITE_CORRUPT;
}

class stats_rows final : public sqlite::function_rows {
 public:
  explicit stats_rows(std::vector<stream_figures> rows) : rows_(std::move(rows)) {}
  [[nodiscard]] std::size_t size() const noexcept override { return rows_.size(); }

  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = rows_[at];
    auto const integer = [&](std::int64_t value) { sqlite3_result_int64(context, value); };
    if (column == 0) return text(context, row.name);
    if (!row.is_readable) return;
    bool const has_events = row.head.newest != stream::no_time;
    switch (column) {
      case 1: return integer(row.head.events);
      case 2: return integer(row.head.weight);
      case 3: return integer(row.head.late);
      case 4: return integer(row.rejected);
      case 5: return has_events ? sqlite::result_time(context, row.head.oldest) : void();
      case 6: return has_events ? sqlite::result_time(context, row.head.newest) : void();
      case 7: return has_events ? sqlite::result_time(context, lag_of(row)) : void();
      case 8: return integer(row.panes);
      case 9: return integer(row.tail_rows);
      case 10: return integer(row.head.log_rows);
      case 11: return integer(row.memory_bytes);
      case 12: return integer(row.disk_bytes);
      case 13: return integer(row.head.evictions);
      case 14: return integer(row.max_error);
      case 15: return sqlite3_result_double(context, in_thousandths(row.proven_share));
      case 16:
        return row.inserts_per_second
                   ? sqlite3_result_double(context, in_thousandths(*row.inserts_per_second))
                   : void();
      case 17: return integer(row.queries);
      case 18: return integer(row.p50);
      case 19: return integer(row.p95);
      case 20: return integer(row.p99);
      case 21: return text(context, spell_duration(row.retain));
      case 22: return text(context, row.windows);
      case 23: return integer(row.expired);
      case 24: return row.counted_at ? sqlite::result_time(context, *row.counted_at) : void();
      case 25: return row.is_stale ? integer(*row.is_stale ? 1 : 0) : void();
      case 26: return row.head.has_jump() ? sqlite::result_time(context, row.head.jump) : void();
      case 27: return integer(row.head.past_bytes());
      case 28: return integer(row.head.past_budget);
      case memory_budget: return integer(row.memory_budget);
      default: return;
    }
  }

 private:
  static void text(sqlite3_context* context, std::string const& value) {
    sqlite3_result_text64(context, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  static micros lag_of(stream_figures const& row) noexcept {
    return (row.now - row.head.newest) / 1000 * 1000;
  }

  std::vector<stream_figures> rows_;
};

class topk_stats_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    std::vector<stream_figures> rows;
    if (arguments[0] != nullptr) {
      std::string const name(sqlite::text_of(arguments[0]));
      TOPK_ASSIGN(auto state, host().resolve(name));
      if (state != nullptr) {
        TOPK_ASSIGN(auto figures, figures_of(name, *state));
        rows.push_back(std::move(figures));
      }
    } else {
      TOPK_ASSIGN(auto names, host().stream_names());
      for (auto const& one : names) {
        auto state = host().resolve(one);
        // Another module's table whose text mentions ours.
        if (!state && state.error().code == errc::invalid_argument) continue;
        auto figures = state && *state != nullptr
                           ? figures_of(one, **state)
                           : result<stream_figures>(failure(errc::corrupt, "unreadable"));
        if (!figures && !tells_of_damage(figures.error())) return std::move(figures).error();
        if (figures) {
          rows.push_back(*std::move(figures));
        } else {
          rows.push_back({});
          rows.back().name = one;
        }
      }
    }
    return std::unique_ptr<sqlite::function_rows>(std::make_unique<stats_rows>(std::move(rows)));
  }

 private:
  result<stream_figures> figures_of(std::string const& name, live::open_stream& state) {
    TOPK_TRY(state.refresh());
    stream_figures out;
    out.name = name;
    out.is_readable = true;
    out.head = state.head();
    out.rejected = state.rejected();
    out.now = host().now();
    out.tail_rows = static_cast<std::int64_t>(state.events().size());
    std::int64_t pane_bytes = 0;
    TOPK_TRY(state.store().panes().figures(out.panes, pane_bytes));
    // In blocks are those events only that a fold has taken.
    auto const& logged = state.log().is_in_blocks() ? state.stored_head() : out.head;
    out.disk_bytes = pane_bytes + logged.log_bytes + out.tail_rows * tail_row_bytes;
    for (std::size_t i = 0; i < state.events().size(); ++i) {
      auto const event = state.events()[i];
      out.disk_bytes +=
          static_cast<std::int64_t>(event.item.bytes.size() + event.partition.bytes.size());
    }
    auto& clock = state.queries();
    clock.saw(out.now, out.head.events);
    out.inserts_per_second = clock.events_per_second(out.now, out.head.events);
    out.queries = clock.count();
    out.p50 = clock.percentile(50);
    out.p95 = clock.percentile(95);
    out.p99 = clock.percentile(99);
    out.memory_budget = state.options().memory;
    out.retain = state.options().retain;
    out.windows = spelled(state.options().windows);
    TOPK_TRY(look_at_content(state, out));
    TOPK_TRY(examine(state, out));
    out.memory_bytes = static_cast<std::int64_t>(state.memory_bytes());
    return out;
  }

  // A table that is not followed may have changed since it was counted.
  static status look_at_content(live::open_stream& state, stream_figures& out) {
    if (!state.options().content) return {};
    TOPK_ASSIGN(bool const is_tracked, engine::is_tracked(state));
    out.is_stale = !is_tracked;
    TOPK_ASSIGN(out.counted_at, engine::counted_at(state));
    return {};
  }

  // What has expired; error and proof of the longest window as of the newest event, at the k the
  // stream is made for.
  status examine(live::open_stream& state, stream_figures& out) {
    if (state.head().newest == stream::no_time) return {};
    TOPK_ASSIGN(auto const retained,
                stream::retained_events(state.levels(), state.stored_head(), state.panes(),
                                        state.events(), state.retained_after()));
    out.expired = std::max<std::int64_t>(out.head.events - retained, 0);
    micros const until = state.head().newest;
    micros const since = std::max(until - state.options().windows.back(), state.retained_after());
    TOPK_ASSIGN(auto const known,
                state.quality({since, until}, static_cast<std::size_t>(state.options().k)));
    out.max_error = known.max_error;
    out.proven_share = known.proven_share;
    return {};
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_stats_table(std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_stats_function>(std::move(host), stats_form);
}

}  // namespace topk::surface
