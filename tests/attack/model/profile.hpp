// What kind of program a seed runs: the stream's options, the pace of time, and what happens often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kit/oracle.hpp"
#include "kit/random.hpp"

namespace topk::test {

enum class stream_kind {
  created,         // CREATE VIRTUAL TABLE s USING topk_stream(...)
  default_stream,  // through cms_add, which makes topk_events
  content,         // created with content=, kept in step by 'track'
};

struct window_option {
  std::string name;
  micros length = 0;
};

struct profile {
  std::uint64_t seed = 0;
  stream_kind kind = stream_kind::created;
  std::string encoding;  // of text in the database
  bool is_far = false;   // in the year 2300, where a REAL spells no single microseconds
  bool wal = true;
  bool has_log = true;                 // false also with content
  bool is_first_format = false;        // its log has a row for each event
  bool is_roomy = false;               // default memory: nothing small can overflow
  std::vector<window_option> windows;  // shortest first
  stream_limits limits;
  std::string name;               // of the stream, when the program starts
  std::string other_name;         // what RENAME calls it
  std::string options;            // the text between the parentheses of USING topk_stream()
  std::vector<value> items;       // the small alphabet
  std::vector<value> partitions;  // empty: none are used
  micros pace = 0;                // how far the clock goes in one clock step, about
  std::int64_t flood = 0;         // events in one flood, at most
  bool has_feed = false;          // a user's table with a trigger into the stream
  bool recursive_triggers = true;
  // With content only.
  bool content_without_rowid = false;
  bool content_text_times = false;
  bool content_one_form = false;  // nearly all of those are YYYY-MM-DD HH:MM:SS[.f]
  bool content_has_weight = true;
  bool content_has_partition = true;
  bool content_generates_item = false;  // `song` is generated from a column `title`
  bool content_weighs_id = false;       // a row weighs what its rowid is
  bool content_has_code = false;        // another key, UNIQUE COLLATE NOCASE
  std::int64_t content_max_partitions = 1'000'000;

  [[nodiscard]] micros longest_window() const { return windows.back().length; }
  [[nodiscard]] bool is_logged() const { return has_log && kind != stream_kind::content; }
  // Whether mode 'exact' has something to count.
  [[nodiscard]] bool has_exact() const { return has_log || kind == stream_kind::content; }
  [[nodiscard]] std::string describe() const;
};

// Everything follows from the seed: the journal mode from its lowest bit, the rest at random.
[[nodiscard]] profile make_profile(std::uint64_t seed);

}  // namespace topk::test
