// What the creator of a stream may choose. A default-constructed one is the default stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace topk::stream {

// A user's own table that the stream counts instead of keeping a log. Names as in the table's
// schema, unquoted.
struct external_content {
  std::string table;
  std::string item = "item";
  std::string ts = "ts";
  std::optional<std::string> weight;  // without it each row weighs 1
  std::optional<std::string> partition;
  friend bool operator==(external_content const&, external_content const&) = default;
};

struct stream_options {
  std::vector<micros> windows = {minute, 5 * minute, hour, day};  // ascending, distinct, 1 .. 16
  std::int64_t k = 100;                          // the largest K served at full quality
  bool log = true;                               // never with external content
  micros retain = day;                           // at least the longest window
  std::int64_t memory = std::int64_t{16} << 20;  // bytes of RAM on each connection
  std::int64_t past = std::int64_t{2} << 20;     // bytes of panes for questions about the past
  std::int64_t max_item_bytes = 1024;
  micros max_skew = minute;  // how far ahead of the clock an event may be
  std::int64_t max_partitions = 1'000'000;
  std::optional<std::int64_t> seed;  // of the hash; drawn at random if absent
  std::optional<external_content> content;
  friend bool operator==(stream_options const&, stream_options const&) = default;
};

}  // namespace topk::stream
