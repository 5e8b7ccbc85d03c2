// What one stream has stored: its shadow tables, and the file that owns each of them. Rows in, rows
// out; nothing here opens a blob.
#pragma once

#include <cstdint>

#include "storage/ahead_table.hpp"
#include "storage/block_table.hpp"
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
  [[nodiscard]] log_table& rows() noexcept { return rows_; }
  [[nodiscard]] block_table& blocks() noexcept { return blocks_; }
  [[nodiscard]] pane_table& panes() noexcept { return panes_; }
  [[nodiscard]] key_table& keys() noexcept { return keys_; }
  [[nodiscard]] ahead_table& ahead() noexcept { return ahead_; }

  // Gives the held rows of the tail their rows in the log, and deletes those at or before `folded`.
  status log_held(std::int64_t folded);
  // Deletes every event and every pane; config stays.
  status clear_all();
  // Reads from the config table which form the log has, and whether an empty log table of the first
  // release is left. If the config is damaged, what was known before stays.
  status look_for_log();

 private:
  change_counters changes_{*this};
  config_table config_{*this};
  tail_table tail_{*this};
  log_table rows_{*this};
  block_table blocks_{*this};
  pane_table panes_{*this};
  key_table keys_{*this};
  ahead_table ahead_{*this};
};

}  // namespace topk::storage
