// One row of an INSERT, from SQLite's values to an event or a command.
#pragma once

#include "live/open_stream.hpp"

namespace topk::surface {

// A row to be inserted. `argv` are xUpdate's arguments; all values outlive the object.
struct inserted_row {
  sqlite3_value* rowid;  // NULL, where the INSERT names none
  sqlite3_value* item;
  sqlite3_value* ts;
  sqlite3_value* weight;
  sqlite3_value* partition;
  sqlite3_value* command;
  sqlite3_value* tracked;  // see engine::tracked_column
};

[[nodiscard]] inline inserted_row inserted_row_of(sqlite3_value** argv) noexcept {
  return {argv[1], argv[2], argv[3], argv[4], argv[5], argv[6], argv[7]};
}

[[nodiscard]] inline bool is_insert(int argc, sqlite3_value** argv) noexcept {
  return argc > 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL;
}
// errc::read_only, for an UPDATE or a DELETE of the table `name`.
[[nodiscard]] status refuse_change(int argc, std::string const& name);

// What can be said of a row before there is a stream: an error that its event would meet.
status check_row(live::host_connection& host, stream::stream_options const& options,
                 inserted_row const& row);

// With OR IGNORE a row that is refused for its values is errc::constraint, which SQLite skips.
[[nodiscard]] status skippable(sqlite3* db, status refused);

// Takes the row's event into the stream, or runs its command. Bad rows are counted in `rejected`.
status insert_row(live::open_stream& state, inserted_row const& row);

}  // namespace topk::surface
