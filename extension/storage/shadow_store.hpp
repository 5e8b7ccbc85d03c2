// What one stream has stored: its shadow tables, and the file that owns each of them. Rows in, rows
// out; nothing here opens a blob.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/change_counters.hpp"
#include "storage/config_table.hpp"
#include "storage/key_table.hpp"
#include "storage/log_table.hpp"
#include "storage/pane_table.hpp"
#include "storage/shadow_tables.hpp"
#include "storage/tail_table.hpp"

namespace topk::storage {

class shadow_store : public shadow_tables {
 public:
  using shadow_tables::shadow_tables;

  [[nodiscard]] change_counters& changes() noexcept { return changes_; }
  [[nodiscard]] config_table& config() noexcept { return config_; }
  [[nodiscard]] tail_table& tail() noexcept { return tail_; }
  [[nodiscard]] log_table& log() noexcept { return log_; }
  [[nodiscard]] pane_table& panes() noexcept { return panes_; }
  [[nodiscard]] key_table& keys() noexcept { return keys_; }

  // Gives the held rows of the tail their rows in the log, and deletes those at or before `folded`.
  status log_held(std::int64_t folded);
  // Deletes every event and every pane; config stays.
  status clear_all(bool with_log);

  // ---- thin names

  [[nodiscard]] std::optional<std::uint32_t> commits() const noexcept { return changes_.commits(); }
  result<std::int64_t> data_version() { return changes_.data_version(); }
  [[nodiscard]] int schema_readings() const noexcept { return changes_.schema_readings(); }
  [[nodiscard]] bool is_deserialized() const noexcept { return changes_.is_deserialized(); }
  status hold() { return changes_.hold(); }
  result<bool> reads_uncommitted() { return changes_.reads_uncommitted(); }

  result<std::optional<std::vector<std::byte>>> config_blob(std::string_view key) {
    return config_.blob(key);
  }
  result<std::optional<std::int64_t>> config_integer(std::string_view key) {
    return config_.integer(key);
  }
  status put_config(std::string_view key, byte_view blob) { return config_.put(key, blob); }
  status put_config(std::string_view key, std::int64_t value) { return config_.put(key, value); }

  status put_tail(sqlite::tail_row const& row) { return tail_.put(row); }
  status put_tail(sqlite::row_feed& rows, std::int64_t count) { return tail_.put(rows, count); }
  status tail_after(std::int64_t seq,
                    std::function<status(sqlite::tail_row const&)> const& visitor) {
    return tail_.after(seq, visitor);
  }
  result<std::int64_t> last_tail_seq() { return tail_.last_seq(); }
  status drop_tail(std::int64_t up_to) { return tail_.drop(up_to); }
  result<std::int64_t> held_count(std::int64_t up_to) { return tail_.held_count(up_to); }
  result<std::int64_t> forget_tail(item_view const& item) { return tail_.forget(item); }
  status clear_tail() { return tail_.clear(); }

  status put_log(sqlite::tail_row const& row) { return log_.put(row); }
  status put_log(sqlite::row_feed& rows, std::int64_t count) { return log_.put(rows, count); }
  result<std::int64_t> expire_log(std::int64_t before, std::int64_t limit) {
    return log_.expire(before, limit);
  }
  result<std::int64_t> forget_log(item_view const& item) { return log_.forget(item); }
  [[nodiscard]] std::string log_rows_sql(bool with_held) const { return log_.rows_sql(with_held); }
  result<std::int64_t> log_root() { return log_.root(); }

  status pane_figures(std::int64_t& panes, std::int64_t& bytes) {
    return panes_.figures(panes, bytes);
  }
  status clear_panes() { return panes_.clear(); }

  status keys_after(std::int64_t id, key_table::key_visitor const& visitor) {
    return keys_.after(id, visitor);
  }
  status put_key(item_view const& partition) { return keys_.put(partition); }
  result<std::int64_t> drop_unused_keys() { return keys_.drop_unused(); }
  status clear_keys() { return keys_.clear(); }

 private:
  change_counters changes_{*this};
  config_table config_{*this};
  tail_table tail_{*this};
  log_table log_{*this};
  pane_table panes_{*this};
  key_table keys_{*this};
};

}  // namespace topk::storage
