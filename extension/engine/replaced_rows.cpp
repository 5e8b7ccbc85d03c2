// REPLACE deletes the rows that have a key of the new one. Before it does, a trigger looks them up
// by the same keys, each compared as its index compares:
//
//   rowid                    _rowid_ = NEW._rowid_
//   UNIQUE(code, day)        code COLLATE NOCASE = NEW.code AND day COLLATE BINARY = NEW.day
//
// A NULL in a column that is NOT NULL DEFAULT x becomes x under REPLACE. NEW._rowid_ is -1 before
// an INSERT that gives none: a row of that id is not taken for one that is replaced.
//
// The trigger fires however a conflict is resolved. The conflict clause of the user's statement
// also applies to what its triggers insert: there the stream sees whether the clause is REPLACE,
// and leaves the rows alone if it is not.
#include "engine/replaced_rows.hpp"

#include <algorithm>
#include <string_view>

#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

struct key_column {
  std::string name;
  std::string collation;
};
using key = std::vector<key_column>;

// The columns of the table, as far as keys ask for them.
struct column {
  std::string name;
  std::string default_value;  // where NULL becomes it
  bool is_generated = false;
};

class key_reader {
 public:
  explicit key_reader(live::open_stream& state)
      : db_(state.host().db()), schema_(state.store().schema()),
        table_(state.options().content->table) {}

  result<replaced_rows> read() {
    TOPK_TRY(read_columns());
    TOPK_ASSIGN(bool const has_rowid, reads_rowid());
    TOPK_TRY(read_indexes());
    replaced_rows out;
    std::string is_old;
    std::string const rowid = has_rowid ? rowid_name() : "";
    if (has_rowid && rowid.empty()) return out;
    if (has_rowid) {
      add(out, rowid + " = NEW." + rowid + " AND NEW." + rowid + " <> -1");
      is_old = rowid + " = OLD." + rowid;
      changed(out, "NEW." + rowid + " <> OLD." + rowid);
    }
    for (key const& each : keys_) add_key(out, each);
    if (!has_rowid) is_old = same_row();
    out.by_update = "(" + out.by_insert + ") AND NOT (" + is_old + ")";
    // SET rowid = ... names no column.
    if (has_rowid || is_any_generated_) out.named.clear();
    return out;
  }

 private:
  status read_columns() {
    sqlite::statement look(db_,
                           "SELECT name, \"notnull\", dflt_value, hidden, pk FROM "
                           "pragma_table_xinfo(?1, ?2)");
    auto use = look.begin();
    use.bind(1, std::string_view(table_)).bind(2, std::string_view(schema_));
    return sqlite::for_each_row(use, [&]() -> status {
      column each{std::string(use.text(0)), "", use.integer(3) != 0};
      if (use.integer(1) != 0) each.default_value = use.text(2);
      if (use.integer(4) != 0) primary_.push_back(each.name);
      columns_.push_back(std::move(each));
      return {};
    });
  }

  result<bool> reads_rowid() {
    sqlite::statement look(db_,
                           "SELECT wr FROM pragma_table_list WHERE schema = ?1 COLLATE NOCASE "
                           "AND name = ?2 COLLATE NOCASE");
    auto use = look.begin();
    use.bind(1, std::string_view(schema_)).bind(2, std::string_view(table_));
    TOPK_ASSIGN(bool const has_row, use.step());
    return has_row && use.integer(0) == 0;
  }

  // Empty if columns of the table have all three names.
  [[nodiscard]] std::string rowid_name() const {
    for (std::string_view const name : {"_rowid_", "rowid", "oid"}) {
      bool const is_taken = std::any_of(columns_.begin(), columns_.end(), [&](column const& each) {
        return sqlite::lowercase(each.name) == name;
      });
      if (!is_taken) return std::string(name);
    }
    return {};
  }

  status read_indexes() {
    std::vector<std::string> names;
    sqlite::statement list(db_,
                           "SELECT name FROM pragma_index_list(?1, ?2) WHERE \"unique\" AND NOT "
                           "partial");
    auto use = list.begin();
    use.bind(1, std::string_view(table_)).bind(2, std::string_view(schema_));
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      names.emplace_back(use.text(0));
      return {};
    }));
    for (std::string const& name : names) TOPK_TRY(read_index(name));
    return {};
  }

  status read_index(std::string const& name) {
    key out;
    bool is_plain = true;
    sqlite::statement list(
        db_, "SELECT cid, name, coll FROM pragma_index_xinfo(?1, ?2) WHERE key ORDER BY seqno");
    auto use = list.begin();
    use.bind(1, std::string_view(name)).bind(2, std::string_view(schema_));
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      is_plain = is_plain && use.integer(0) >= 0;
      if (is_plain) out.push_back({std::string(use.text(1)), std::string(use.text(2))});
      return {};
    }));
    if (is_plain && !out.empty()) keys_.push_back(std::move(out));
    return {};
  }

  // NEW's value, once it is in the table.
  std::string new_value(std::string const& name) {
    std::string given = "NEW." + sqlite::quoted(name);
    for (column const& each : columns_) {
      if (each.name != name) continue;
      is_any_generated_ = is_any_generated_ || each.is_generated;
      if (!each.default_value.empty()) {
        return "coalesce(" + given + ", (" + each.default_value + "))";
      }
    }
    return given;
  }

  void add_key(replaced_rows& to, key const& of) {
    std::string same;
    for (key_column const& each : of) {
      std::string const name = sqlite::quoted(each.name);
      if (!same.empty()) same += " AND ";
      same.append(name).append(" COLLATE ").append(sqlite::quoted(each.collation));
      same.append(" = ").append(new_value(each.name));
      changed(to, is_new(name));
      to.named.push_back(each.name);
    }
    add(to, same);
  }

  // Of a quoted column, by its bytes.
  static std::string is_new(std::string const& name) {
    return "NEW." + name + " COLLATE BINARY IS NOT OLD." + name;
  }

  // By their very bytes: no two rows have the same primary key.
  [[nodiscard]] std::string same_row() const {
    std::string out;
    for (std::string const& each : primary_) {
      std::string const name = sqlite::quoted(each);
      if (!out.empty()) out += " AND ";
      out.append(name).append(" COLLATE BINARY IS OLD.").append(name);
    }
    return out;
  }

  static void add(replaced_rows& to, std::string const& condition) {
    if (!to.by_insert.empty()) to.by_insert += " OR ";
    to.by_insert += condition;
  }
  static void changed(replaced_rows& to, std::string const& condition) {
    if (!to.key_changes.empty()) to.key_changes += " OR ";
    to.key_changes += condition;
  }

  sqlite3* db_;
  std::string const& schema_;
  std::string const& table_;
  std::vector<column> columns_;
  std::vector<std::string> primary_;
  std::vector<key> keys_;
  bool is_any_generated_ = false;
};

}  // namespace

result<replaced_rows> find_replaced_rows(live::open_stream& state) {
  return key_reader(state).read();
}

result<bool> is_replacing_told(live::open_stream& state) {
  if (sqlite3_vtab_on_conflict(state.host().db()) != SQLITE_REPLACE) return true;
  return state.store().changes().fires_for_replaced();
}

}  // namespace topk::engine
