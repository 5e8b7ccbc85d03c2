// The rows that an INSERT OR REPLACE or UPDATE OR REPLACE of a content table deletes.
//
// SQLite fires no DELETE trigger for these without PRAGMA recursive_triggers, so triggers before
// the change look for them.
#pragma once

#include <string>
#include <vector>

#include "live/open_stream.hpp"

namespace topk::engine {

// Conditions for triggers on the table. They name its columns, NEW and OLD.
struct replaced_rows {
  // Of a row: it has a key that NEW has too.
  std::string by_insert;
  // Of a row: likewise, and it is not OLD.
  std::string by_update;
  // Of an UPDATE: it changes a key.
  std::string key_changes;
  // What UPDATE OF may name; empty if a key can change without being named.
  std::vector<std::string> named;
};

// Primary key, rowid and UNIQUE indexes; those with a WHERE or over expressions are left out.
// Requires: check_content().
result<replaced_rows> find_replaced_rows(live::open_stream& state);

// Whether DELETE triggers fire for rows that are replaced, or the running statement replaces none.
// Requires: xUpdate is running.
result<bool> is_replacing_told(live::open_stream& state);

}  // namespace topk::engine
