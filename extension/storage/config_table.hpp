// The shadow table stream_config: one value for each key.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/shadow_tables.hpp"

namespace topk::storage {

class config_table {
 public:
  explicit config_table(shadow_tables& of) noexcept : tables_(of) {}

  // The bytes of a BLOB or TEXT; nullopt: no such row.
  result<std::optional<std::vector<std::byte>>> blob(std::string_view key);
  // nullopt: no such row, or its value is not an INTEGER.
  result<std::optional<std::int64_t>> integer(std::string_view key);
  status put(std::string_view key, byte_view blob);
  status put(std::string_view key, std::int64_t value);

 private:
  shadow_tables& tables_;
};

}  // namespace topk::storage
