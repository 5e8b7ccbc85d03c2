// How a batch of events becomes rows of a shadow table:
//
//   shadow_tables::feed()          SQLite                               this file
//   bind_pointer(1, rows)    ┌─>   INSERT INTO "s_tail" SELECT ...
//   step()  ─────────────────┘       FROM topk_row_feed(?1)      ──>    filter(): reads the pointer
//                                    one row of the table        <──    column(): item, ts, ...
//                                    the next one                ──>    next(): asks the row_feed
//                                    until eof()
//   changes() == count?      <──   done
//
// A pointer value has a type name and no SQL value: an argument that a user writes reads as NULL
// here, and filter() refuses it. Values are passed on without a copy, as the rows outlive the
// statement.
#include "sqlite/row_feed.hpp"

#include <memory>

#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"
#include "sqlite/vtab.hpp"

namespace topk::sqlite {
namespace {

enum column { seconds, item, weight, partition, seq, microseconds, now, held, feed };

// SQLite may hold the value as long as the statement runs, and the feed's rows last as long.
void result_borrowed(sqlite3_context* context, item_view const& value) noexcept {
  char const* const bytes = address_of(value.bytes);
  switch (value.type) {
    case item_type::integer: return sqlite3_result_int64(context, integer_of(value));
    case item_type::real: return sqlite3_result_double(context, real_of(value));
    case item_type::text:
      return sqlite3_result_text64(context, bytes, value.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    case item_type::blob:
      return sqlite3_result_blob64(context, bytes, value.bytes.size(), SQLITE_STATIC);
    case item_type::null: return;
  }
}

class feed_table final : public table {
 public:
  static result<std::unique_ptr<feed_table>> connect(table_call const& call) {
    int const code = sqlite3_declare_vtab(call.db,
                                          "CREATE TABLE feed(seconds, item, weight, \"partition\", "
                                          "seq, micros, now, held, feed HIDDEN)");
    if (code != SQLITE_OK) return last_error(call.db, code);
    return std::make_unique<feed_table>();
  }

  int best_index(sqlite3_index_info& info) noexcept {
    for (int i = 0; i < info.nConstraint; ++i) {
      auto const& asked = info.aConstraint[i];
      if (asked.iColumn != feed || asked.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
      if (!asked.usable) return SQLITE_CONSTRAINT;
      info.aConstraintUsage[i].argvIndex = 1;
      info.aConstraintUsage[i].omit = 1;
      return SQLITE_OK;
    }
    return SQLITE_OK;
  }

  class cursor final : public table_cursor {
   public:
    explicit cursor(feed_table&) noexcept {}

    status filter(int, char const*, std::span<sqlite3_value* const> arguments) {
      has_row_ = false;
      rows_ =
          arguments.size() == 1
              ? static_cast<row_feed*>(sqlite3_value_pointer(arguments[0], row_feed::module_name))
              : nullptr;
      if (rows_ == nullptr) {
        return failure(errc::invalid_argument, std::string(row_feed::module_name) + " is internal");
      }
      next();
      return {};
    }
    void next() noexcept { has_row_ = rows_->next(row_); }
    [[nodiscard]] bool eof() const noexcept { return !has_row_; }
    [[nodiscard]] std::int64_t rowid() const noexcept { return row_.seq; }
    void column(sqlite3_context* context, int index) const noexcept;

   private:
    row_feed* rows_ = nullptr;
    tail_row row_;
    bool has_row_ = false;
  };
};

void feed_table::cursor::column(sqlite3_context* context, int index) const noexcept {
  switch (index) {
    case seconds: result_time(context, row_.ts); break;
    case item: result_borrowed(context, row_.item); break;
    case weight: sqlite3_result_int64(context, row_.weight); break;
    case partition:
      if (row_.partition) result_borrowed(context, *row_.partition);
      break;
    case seq: sqlite3_result_int64(context, row_.seq); break;
    case microseconds: sqlite3_result_int64(context, row_.ts); break;
    case now:
      if (row_.now) sqlite3_result_int64(context, *row_.now);
      break;
    case held:
      if (row_.held) sqlite3_result_int64(context, 1);
      break;
    default: break;
  }
}

constexpr sqlite3_module feed_module = module_of<feed_table>();

}  // namespace

status register_row_feed(sqlite3* db) {
  int const code =
      sqlite3_create_module_v2(db, row_feed::module_name, &feed_module, nullptr, nullptr);
  return code == SQLITE_OK ? status{} : last_error(db, code);
}

}  // namespace topk::sqlite
