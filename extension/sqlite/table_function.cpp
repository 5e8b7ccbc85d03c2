#include "sqlite/table_function.hpp"

#include <array>

#include "sqlite/boundary.hpp"
#include "sqlite/statement.hpp"

namespace topk::sqlite {
namespace {
namespace function_table {  // every table's callbacks have the names of SQLite's slots

constexpr int most_arguments = 8;

struct value_deleter {
  void operator()(sqlite3_value* value) const noexcept { sqlite3_value_free(value); }
};
using value_copy = std::unique_ptr<sqlite3_value, value_deleter>;

struct function_vtab {
  sqlite3_vtab base{};
  std::shared_ptr<table_function> function;
};

struct function_cursor {
  sqlite3_vtab_cursor base{};
  std::array<value_copy, most_arguments> arguments;
  std::unique_ptr<function_rows> rows;
  std::size_t at = 0;
};

function_vtab& of(sqlite3_vtab* vtab) noexcept { return *reinterpret_cast<function_vtab*>(vtab); }
function_cursor& of(sqlite3_vtab_cursor* cursor) noexcept {
  return *reinterpret_cast<function_cursor*>(cursor);
}

int x_connect(sqlite3* db, void* aux, int, char const* const*, sqlite3_vtab** out,
              char** error) noexcept {
  return guard(error, [&]() -> status {
    auto const& function = *static_cast<std::shared_ptr<table_function>*>(aux);
    int code = sqlite3_declare_vtab(db, function->declaration());
    if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    if (code != SQLITE_OK) return last_error(db, code);
    auto vtab = std::make_unique<function_vtab>();
    vtab->function = function;
    *out = &vtab.release()->base;
    return {};
  });
}

int x_disconnect(sqlite3_vtab* vtab) noexcept {
  std::unique_ptr<function_vtab> const owned(&of(vtab));
  return SQLITE_OK;
}

// idxNum: a bit for each argument given. idxStr: the columns read, sixteen hexadecimal digits.
int x_best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) noexcept {
  auto const& function = *of(vtab).function;
  int const first = function.first_argument();
  std::array<int, most_arguments> taken{};
  for (int i = 0; i < info->nConstraint; ++i) {
    auto const& constraint = info->aConstraint[i];
    int const argument = constraint.iColumn - first;
    if (argument < 0 || argument >= function.argument_count()) continue;
    if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    // An argument that is not known yet: another order of the joined tables must be found.
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    auto& mine = taken[static_cast<std::size_t>(argument)];
    if (mine == 0) mine = i + 1;
  }
  int used = 0;
  info->idxNum = 0;
  for (int argument = 0; argument < function.argument_count(); ++argument) {
    int const mine = taken[static_cast<std::size_t>(argument)];
    if (mine == 0) continue;
    info->aConstraintUsage[mine - 1].argvIndex = ++used;
    info->aConstraintUsage[mine - 1].omit = 1;
    info->idxNum |= 1 << argument;
  }
  info->idxStr = sqlite3_mprintf("%llx", info->colUsed);
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = 10;
  info->estimatedRows = 10;
  info->orderByConsumed = info->nOrderBy == 1 && info->aOrderBy[0].desc == 0 &&
                                  info->aOrderBy[0].iColumn == function.ordered_by()
                              ? 1
                              : 0;
  return SQLITE_OK;
}

int x_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) noexcept {
  return guard(&vtab->zErrMsg, [&]() -> status {
    *out = &std::make_unique<function_cursor>().release()->base;
    return {};
  });
}

int x_close(sqlite3_vtab_cursor* cursor) noexcept {
  std::unique_ptr<function_cursor> const owned(&of(cursor));
  return SQLITE_OK;
}

int x_filter(sqlite3_vtab_cursor* cursor, int given, char const* plan, int,
             sqlite3_value** argv) noexcept {
  return guard(&cursor->pVtab->zErrMsg, [&]() -> status {
    auto& self = of(cursor);
    auto& function = *of(cursor->pVtab).function;
    std::array<sqlite3_value*, most_arguments> arguments{};
    int next = 0;
    for (int argument = 0; argument < function.argument_count(); ++argument) {
      auto const i = static_cast<std::size_t>(argument);
      self.arguments[i].reset();
      if ((given >> argument & 1) == 0) continue;
      sqlite3_value* const value = argv[next++];
      self.arguments[i].reset(sqlite3_value_dup(value));
      if (self.arguments[i] == nullptr) throw std::bad_alloc();
      if (sqlite3_value_type(value) != SQLITE_NULL) arguments[i] = self.arguments[i].get();
    }
    self.at = 0;
    self.rows.reset();
    std::uint64_t const wanted =
        plan == nullptr ? ~std::uint64_t{0} : std::strtoull(plan, nullptr, 16);
    auto rows = function.run(
        {arguments.data(), static_cast<std::size_t>(function.argument_count())}, wanted);
    if (!rows) return std::move(rows).error();
    self.rows = *std::move(rows);
    return {};
  });
}

int x_next(sqlite3_vtab_cursor* cursor) noexcept {
  ++of(cursor).at;
  return SQLITE_OK;
}

int x_eof(sqlite3_vtab_cursor* cursor) noexcept {
  auto const& self = of(cursor);
  return self.rows == nullptr || self.at >= self.rows->size() ? 1 : 0;
}

int x_column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) noexcept {
  return guard(&cursor->pVtab->zErrMsg, [&]() -> status {
    auto const& self = of(cursor);
    auto const& function = *of(cursor->pVtab).function;
    int const argument = index - function.first_argument();
    if (argument >= 0 && argument < function.argument_count()) {
      auto const& value = self.arguments[static_cast<std::size_t>(argument)];
      if (value != nullptr) sqlite3_result_value(context, value.get());
    } else {
      self.rows->column(context, self.at, index);
    }
    return {};
  });
}

int x_rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) noexcept {
  *rowid = static_cast<sqlite3_int64>(of(cursor).at) + 1;
  return SQLITE_OK;
}

constexpr sqlite3_module make_module() noexcept {
  sqlite3_module module{};
  module.iVersion = 0;
  module.xConnect = x_connect;
  module.xBestIndex = x_best_index;
  module.xDisconnect = x_disconnect;
  module.xOpen = x_open;
  module.xClose = x_close;
  module.xFilter = x_filter;
  module.xNext = x_next;
  module.xEof = x_eof;
  module.xColumn = x_column;
  module.xRowid = x_rowid;
  return module;
}

constexpr sqlite3_module module = make_module();

void forget_function(void* aux) noexcept {
  delete static_cast<std::shared_ptr<table_function>*>(aux);
}

}  // namespace function_table
}  // namespace

status register_table_function(sqlite3* db, std::unique_ptr<table_function> function) {
  std::string const name = function->name();
  auto aux = std::make_unique<std::shared_ptr<table_function>>(std::move(function));
  int const code = sqlite3_create_module_v2(db, name.c_str(), &function_table::module,
                                            aux.release(), function_table::forget_function);
  return code == SQLITE_OK ? status{} : last_error(db, code);
}

}  // namespace topk::sqlite
