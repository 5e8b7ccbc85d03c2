// A row of INSERT becomes an event or a command.
//
// The columns are checked in the order rowid, item, ts, weight, partition; the first that is wrong
// names itself in the error. Under OR IGNORE a refused row is skipped and counted as rejected.
//
//   insert_row --> insert_plain: an item and a time, and nothing to decide    most rows
//        |-------> run:           a command
//        |-------> insert_marked: a row from a trigger of ours
//        '-------> insert_event:  all else; what is wrong is found here
#include "surface/ingest.hpp"

#include <utility>

#include "engine/ahead.hpp"
#include "engine/commands.hpp"
#include "engine/content_row.hpp"
#include "engine/recount.hpp"
#include "engine/replaced_rows.hpp"
#include "engine/tracking.hpp"
#include "sqlite/rowid_keeper.hpp"
#include "sqlite/values.hpp"

namespace topk::surface {
namespace {

// An event, and bytes that are not in the row.
struct parsed_event {
  live::new_event event;
  sqlite::item_buffer item;
  sqlite::item_buffer partition;
};

status parse(live::host_connection& host, sqlite::value_reader& values,
             stream::stream_options const& options, inserted_row const& row, parsed_event& out) {
  // If it were silently accepted, a load that counts twice would look repeatable.
  if (sqlite3_value_type(row.rowid) != SQLITE_NULL) {
    return failure(errc::constraint, "rowid=" + sqlite::shown(row.rowid) +
                                         ": expected none, as the stream numbers its events");
  }
  auto const item = values.item(row.item, out.item);
  if (!item)
    return failure(errc::constraint, "item is NULL: expected an INTEGER, REAL, TEXT or BLOB");
  if (static_cast<std::int64_t>(item->bytes.size()) > options.max_item_bytes) {
    return failure(errc::too_big, "item has " + std::to_string(item->bytes.size()) +
                                      " bytes; max_item_bytes=" +
                                      std::to_string(options.max_item_bytes) + " allows no more");
  }
  out.event.item = *item;
  if (sqlite3_value_type(row.weight) != SQLITE_NULL) {
    TOPK_ASSIGN(out.event.weight, sqlite::value_reader::weight(row.weight));
  }
  int const ts_type = sqlite3_value_type(row.ts);
  std::optional<micros> whole;  // most are a number of seconds
  if (ts_type == SQLITE_INTEGER) {
    whole = time_from_seconds(std::int64_t{sqlite3_value_int64(row.ts)});
  }
  if (whole) {
    out.event.ts = *whole;
  } else if (ts_type == SQLITE_NULL) {
    out.event.ts = round_down(host.now(), second);
  } else {
    TOPK_ASSIGN(out.event.ts, values.time(row.ts, host.now_against(0), "ts"));
  }
  out.event.partition = values.item(row.partition, out.partition);
  if (out.event.partition &&
      static_cast<std::int64_t>(out.event.partition->bytes.size()) > options.max_item_bytes) {
    return failure(errc::too_big,
                   "partition has " + std::to_string(out.event.partition->bytes.size()) +
                       " bytes; max_item_bytes=" + std::to_string(options.max_item_bytes) +
                       " allows no more");
  }
  return {};
}

// A command that writes more than one row runs inside a statement with a journal, so that it leaves
// nothing behind when it fails: INSERT .. SELECT opens one, a single-row INSERT in BEGIN does not.
status reissue(live::open_stream& state, live::own_statement as, std::string_view command,
               std::optional<item_view> const& item) {
  sqlite::rowid_keeper const keep(state.host().db());
  std::string const table = sqlite::quoted(state.store().table());
  sqlite::statement again(state.host().db(), "INSERT INTO " + state.store().name() + "(" + table +
                                                 ", item) SELECT ?1, ?2");
  auto use = again.begin();
  use.bind(1, command);
  if (item) use.bind(2, *item);
  live::own_statement_scope const scope(state.running(), as);
  state.failed_command = {};
  auto outcome = use.run();
  auto why = std::exchange(state.failed_command, {});
  return outcome || why ? outcome : why;
}

// Refuses what would be counted twice, or not at all: a user's own write into a stream that follows
// a table.
status check_untracked(live::open_stream& state, std::string const& what) {
  if (!state.options().content) return {};
  TOPK_ASSIGN(bool const is_tracked, engine::is_tracked(state));
  if (!is_tracked) return {};
  return failure(errc::invalid_argument,
                 what + ": stream " + state.store().name() + " follows its table: change '" +
                     state.options().content->table + "' instead, or end this with 'untrack'");
}

status run(live::open_stream& state, inserted_row const& row) {
  if (sqlite3_value_type(row.command) != SQLITE_TEXT) {
    return failure(errc::invalid_argument, "unknown command " + sqlite::shown(row.command) +
                                               "; allowed: " + engine::command_names);
  }
  std::string const command(sqlite::text_of(row.command));
  std::string const name = sqlite::lowercase(command);
  sqlite::item_buffer bytes;
  auto const item = state.values().item(row.item, bytes);
  bool const has_more = sqlite3_value_type(row.rowid) != SQLITE_NULL ||
                        sqlite3_value_type(row.ts) != SQLITE_NULL ||
                        sqlite3_value_type(row.weight) != SQLITE_NULL ||
                        sqlite3_value_type(row.partition) != SQLITE_NULL;
  if (has_more || (item && name != "forget")) {
    return failure(
        errc::invalid_argument,
        "command '" + command + "': expected no other value; only 'forget' takes an item");
  }
  if (name == "delete-all") TOPK_TRY(check_untracked(state, command));
  if (state.running() != live::own_statement::none) {
    state.failed_command =
        engine::told_as_error(engine::run_command(state, command, item), command);
    return state.failed_command;
  }
  return reissue(state, live::own_statement::command, command, item);
}

status insert_event(live::open_stream& state, inserted_row const& row) {
  if (!state.tracking.is_open_to_inserts) {  // asked once in a transaction: there may be many rows
    TOPK_TRY(check_untracked(state, "INSERT"));
    state.tracking.is_open_to_inserts = true;
  }
  parsed_event parsed;
  TOPK_TRY(parse(state.host(), state.values(), state.options(), row, parsed));
  TOPK_TRY(state.begin());
  if (state.is_full()) {
    auto spilled = reissue(state, live::own_statement::spill, engine::spill_command, std::nullopt);
    if (!spilled) return spilled;
  }
  auto added = state.add(parsed.event);
  if (added.code == errc::constraint && sqlite3_value_type(row.ts) != SQLITE_NULL) {
    added.message = "item with ts=" + sqlite::shown(row.ts) + ": " + added.message;
  }
  return added;
}

// Takes a row that came into the content table or left it. `sign` is 1 or -1.
status take_tracked(live::open_stream& state, live::new_event event, int sign) {
  bool const is_late = event.ts <= state.retained_after();
  if (is_late && sign < 0) return {};  // it has expired
  if (event.partition && !is_late) {
    TOPK_ASSIGN(bool const counts, engine::admits_partition(state, *event.partition));
    if (!counts) return failure(errc::constraint, "a partition beyond max_partitions");
  }
  event.weight *= sign;
  if (event.ts > state.host().now_against(event.ts)) return engine::put_ahead(state, event);
  if (state.is_full()) {
    TOPK_TRY(reissue(state, live::own_statement::spill, engine::spill_command, std::nullopt));
  }
  return state.add(event);
}

// A row from a trigger of ours: one that the stream cannot take is counted as rejected when it
// comes in, and the user's statement goes on.
status insert_tracked(live::open_stream& state, engine::column_values const& row, int sign,
                      std::optional<std::int64_t> weight) {
  TOPK_TRY(state.begin());
  engine::content_row read;
  TOPK_ASSIGN(auto const kind, engine::read_content_row(state, row, read));
  if (weight) read.event.weight = *weight;
  if (kind == engine::row_kind::empty || read.event.weight == 0) return {};
  if (sign > 0 && kind == engine::row_kind::counts) state.note_times(read.times);
  auto outcome = kind == engine::row_kind::counts
                     ? take_tracked(state, read.event, sign)
                     : failure(errc::constraint, "a row that is not counted");
  if (outcome.code != errc::constraint) return outcome;
  if (sign > 0) state.reject(true);
  return {};
}

status leave_if_replaced(live::open_stream& state, inserted_row const& row) {
  TOPK_ASSIGN(bool const is_told, engine::is_replacing_told(state));
  if (is_told) return {};
  return insert_tracked(state, {row.item, row.ts, row.weight, row.partition}, -1, std::nullopt);
}

// A row with a mark of ours; nullopt for any other.
std::optional<status> insert_marked(live::open_stream& state, inserted_row const& row) {
  if (sqlite3_value_type(row.tracked) != SQLITE_NULL) {
    auto const sign = sqlite3_value_int64(row.tracked);
    if (!state.options().content || (sign != 1 && sign != -1 && sign != 2)) {
      return failure(errc::invalid_argument,
                     std::string(engine::tracked_column) +
                         " is reserved for the triggers of 'track': expected no value");
    }
    if (sign == 2) return leave_if_replaced(state, row);
    return insert_tracked(state, {row.item, row.ts, row.weight, row.partition},
                          static_cast<int>(sign), std::nullopt);
  }
  if (!state.options().content) return std::nullopt;
  auto const marked = engine::marked_weight_of(row.weight);
  if (!marked) return std::nullopt;
  // The tracked column is NULL: no weight, as it is known already. One that is none is refused.
  return insert_tracked(
      state, {row.item, row.ts, marked->weight ? row.tracked : row.weight, row.partition},
      marked->sign, marked->weight);
}

// Takes what most rows are: an item and a time in whole seconds, of a stream of its own. False, and
// nothing has happened: the row has more, or something about it has to be decided.
bool insert_plain(live::open_stream& state, inserted_row const& row) {
  for (auto* const other : {row.rowid, row.weight, row.partition, row.command, row.tracked}) {
    if (sqlite3_value_type(other) != SQLITE_NULL) return false;
  }
  if (sqlite3_value_type(row.ts) != SQLITE_INTEGER || state.options().content) return false;
  auto const ts = time_from_seconds(std::int64_t{sqlite3_value_int64(row.ts)});
  if (!ts || !state.takes_plainly(*ts)) return false;
  sqlite::item_buffer buffer;
  auto const item = state.values().item(row.item, buffer);
  if (!item || static_cast<std::int64_t>(item->bytes.size()) > state.options().max_item_bytes) {
    return false;
  }
  state.add_plainly(*item, *ts);
  return true;
}

}  // namespace

status refuse_change(int argc, std::string const& name) {
  return failure(errc::read_only,
                 (argc == 1 ? "DELETE on " : "UPDATE on ") + name +
                     ": streams are append-only; insert a negative weight to retract "
                     "an event, or use the command 'forget' to remove an item");
}

status check_row(live::host_connection& host, stream::stream_options const& options,
                 inserted_row const& row) {
  if (sqlite3_value_type(row.command) != SQLITE_NULL) return {};
  parsed_event parsed;
  sqlite::value_reader values(host.db());
  TOPK_TRY(parse(host, values, options, row, parsed));
  micros const now = host.now_against(parsed.event.ts);
  if (parsed.event.ts - now > options.max_skew) {
    return failure(errc::constraint, "ts=" + sqlite::shown(row.ts) +
                                         " is ahead of the clock by more than "
                                         "max_skew='" +
                                         spell_duration(options.max_skew) + "'");
  }
  return {};
}

status skippable(sqlite3* db, status refused) {
  if (refused.code == errc::too_big && sqlite3_vtab_on_conflict(db) == SQLITE_IGNORE) {
    refused.code = errc::constraint;
  }
  return refused;
}

status insert_row(live::open_stream& state, inserted_row const& row) {
  if (insert_plain(state, row)) [[likely]]
    return {};
  if (sqlite3_value_type(row.command) != SQLITE_NULL) return run(state, row);
  if (auto marked = insert_marked(state, row)) return *std::move(marked);
  auto outcome = insert_event(state, row);
  if (outcome) [[likely]]
    return {};
  if (outcome.code == errc::constraint || outcome.code == errc::too_big) {
    bool const skips = sqlite3_vtab_on_conflict(state.host().db()) == SQLITE_IGNORE;
    if (skips) {
      TOPK_TRY(state.begin());
    }
    state.reject(skips);
    return skippable(state.host().db(), std::move(outcome));
  }
  return outcome;
}

}  // namespace topk::surface
