// Whether a database has changed since memory was loaded from it.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/shadow_tables.hpp"

namespace topk::storage {

class change_counters {
 public:
  explicit change_counters(shadow_tables& of) noexcept : tables_(of) {}

  // SQLITE_FCNTL_DATA_VERSION: changes at every commit, ours included, and costs no statement.
  // nullopt if the VFS lacks it. Requires an open read transaction, as hold() begins one; without,
  // it is what was last seen.
  [[nodiscard]] std::optional<std::uint32_t> commits() const noexcept;
  // PRAGMA data_version: changes at every commit of others. Begins a read transaction.
  result<std::int64_t> data_version();
  // PRAGMA schema_version: changes with the schema.
  result<std::int64_t> schema_version();
  // How often the schema was read again before the last hold(). Also counts what data_version()
  // takes for our own commit: sqlite3_backup has written another database over this one through
  // this connection.
  [[nodiscard]] int schema_readings() const noexcept;
  // Whether sqlite3_deserialize may have put another database in this one's place, which none of
  // the counters shows.
  [[nodiscard]] bool is_deserialized() const noexcept;

  // Begins a read transaction, also where the statement that asks reads another schema only. Where
  // connections share a cache, keeps others from committing events until the transaction ends, as
  // reading the tables would. Requires: check_tables() has succeeded.
  status hold();
  // PRAGMA read_uncommitted: where connections share a cache, rows may be seen that are undone
  // later.
  result<bool> reads_uncommitted();
  // PRAGMA recursive_triggers: a row that REPLACE deletes fires its DELETE trigger.
  result<bool> fires_for_replaced();

 private:
  shadow_tables& tables_;
};

}  // namespace topk::storage
