// Who may have changed the file, and which counter shows it:
//
//                                           commits   data_version   schema_readings
//   a commit of this connection             changes   -              -
//   a commit of another connection          changes   changes        if it changed the schema
//   sqlite3_backup into this connection     changes   -              changes
//   sqlite3_deserialize                     -         -              -  (see is_deserialized)
//
// `commits` is a file control and costs nothing: it is read at each statement. The others cost a
// statement and are read only where it has changed or cannot be read.
#include "storage/change_counters.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {

std::optional<std::uint32_t> change_counters::commits() const noexcept {
  unsigned int version = 0;
  int const code = sqlite3_file_control(tables_.db(), tables_.schema().c_str(),
                                        SQLITE_FCNTL_DATA_VERSION, static_cast<void*>(&version));
  if (code != SQLITE_OK) return std::nullopt;
  return version;
}

result<std::int64_t> change_counters::data_version() {
  auto use = tables_.begin(sql::data_version);
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row ? use.integer(0) : 0;
}

result<std::int64_t> change_counters::schema_version() {
  auto use = tables_.begin(sql::schema_version);
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row ? use.integer(0) : 0;
}

int change_counters::schema_readings() const noexcept { return tables_.repreparations(sql::hold); }

bool change_counters::is_deserialized() const noexcept {
  sqlite3_vfs* vfs = nullptr;
  int const code = sqlite3_file_control(tables_.db(), tables_.schema().c_str(),
                                        SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs));
  return code == SQLITE_OK && vfs != nullptr && std::string_view(vfs->zName) == "memdb";
}

status change_counters::hold() {
  auto use = tables_.begin(sql::hold);
  TOPK_TRY(use.step());
  return {};
}

result<bool> change_counters::reads_uncommitted() {
  auto use = tables_.begin(sql::read_uncommitted);
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row && use.integer(0) != 0;
}

result<bool> change_counters::fires_for_replaced() {
  auto use = tables_.begin(sql::recursive_triggers);
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row && use.integer(0) != 0;
}

}  // namespace topk::storage
