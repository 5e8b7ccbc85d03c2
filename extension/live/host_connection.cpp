// The clock is that of the connection's VFS, as SQLite's own date functions read it: a test or a
// host that sets that clock sets ours. A deserialized database ("memdb") has a VFS of its own,
// which is not the connection's; there SQLite's date functions are asked.
#include "live/host_connection.hpp"

#include <algorithm>

#include "live/query_clock.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"
#include "stream/event_batch.hpp"

namespace topk::live {
namespace {

// SQLite counts milliseconds from noon in Greenwich on November 24, 4714 B.C.
constexpr std::int64_t julian_ms_at_1970 = 210'866'760'000'000;

}  // namespace

micros host_connection::now() noexcept {
  if (vfs_ == nullptr) {
    void* vfs = nullptr;
    if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs)) !=
            SQLITE_OK ||
        vfs == nullptr) {
      vfs = sqlite3_vfs_find(nullptr);
    }
    vfs_ = static_cast<sqlite3_vfs*>(vfs);
  }
  sqlite3_int64 milliseconds = 0;
  if (std::string_view(vfs_->zName) == "memdb" && read_clock_by_sql()) return last_now_;
  if (vfs_->iVersion >= 2 && vfs_->xCurrentTimeInt64 != nullptr) {
    vfs_->xCurrentTimeInt64(vfs_, &milliseconds);
  } else {
    double days = 0;
    vfs_->xCurrentTime(vfs_, &days);
    milliseconds = static_cast<sqlite3_int64>(days * 86'400'000.0 + 0.5);
  }
  return last_now_ = (milliseconds - julian_ms_at_1970) * 1000;
}

bool host_connection::read_clock_by_sql() noexcept {
  sqlite3_stmt* stmt = nullptr;
  constexpr char const* sql =
      "SELECT strftime('%s', 'now') * 1000 + "
      "CAST(substr(strftime('%f', 'now'), 4) AS INTEGER)";
  bool read = false;
  if (sqlite3_prepare_v2(db_, sql, -1, &stmt, nullptr) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    last_now_ = sqlite3_column_int64(stmt, 0) * 1000;
    read = true;
  }
  sqlite3_finalize(stmt);
  return read;
}

std::string host_connection::key_of(std::string_view schema, std::string_view table) {
  return sqlite::lowercase(sqlite::quoted(schema) + "." + sqlite::quoted(table));
}

micros& host_connection::own_jump(std::int64_t stream) {
  auto const known = std::find_if(own_jumps_.begin(), own_jumps_.end(),
                                  [&](auto const& each) { return each.first == stream; });
  if (known != own_jumps_.end()) return known->second;
  return own_jumps_.emplace_back(stream, stream::no_time).second;
}

std::shared_ptr<query_clock> host_connection::clock_of(std::string_view schema,
                                                       std::string_view table) {
  auto& clock = clocks_[key_of(schema, table)];
  if (clock == nullptr) clock = std::make_shared<query_clock>();
  return clock;
}

std::uint64_t host_connection::aggregate_seed() noexcept {
  if (!aggregate_seed_) {
    std::uint64_t seed = 0;
    sqlite3_randomness(sizeof(seed), &seed);
    aggregate_seed_ = seed;
  }
  return *aggregate_seed_;
}

}  // namespace topk::live
