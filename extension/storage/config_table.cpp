// The rows of stream_config:
//
//   key        value     written
//   format     INTEGER   by CREATE: number of the stored format
//   seed       INTEGER   by CREATE: seed of all hashes
//   identity   INTEGER   by CREATE: random, distinguishes this table from others of its name
//   head       BLOB      by every flush that changes a counter, and by every fold
#include "storage/config_table.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {

result<std::optional<std::vector<std::byte>>> config_table::blob(std::string_view key) {
  auto use = tables_.begin(sql::get_config);
  TOPK_ASSIGN(bool const has_row, use.bind(1, key).step());
  if (!has_row) return std::optional<std::vector<std::byte>>{};
  auto const bytes = use.blob(0);
  return std::optional(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

result<std::optional<std::int64_t>> config_table::integer(std::string_view key) {
  auto use = tables_.begin(sql::get_config);
  TOPK_ASSIGN(bool const has_row, use.bind(1, key).step());
  if (!has_row || use.type(0) != SQLITE_INTEGER) return std::optional<std::int64_t>{};
  return std::optional(use.integer(0));
}

status config_table::put(std::string_view key, byte_view blob) {
  TOPK_TRY(tables_.stop_if_interrupted());
  return tables_.begin(sql::put_config).bind(1, key).bind(2, blob).run();
}

status config_table::put(std::string_view key, std::int64_t value) {
  return tables_.begin(sql::put_config).bind(1, key).bind(2, value).run();
}

}  // namespace topk::storage
