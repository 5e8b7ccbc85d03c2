// How a call becomes rows. The arguments are hidden columns; SQLite hands `f(a, b)` over as
// constraints `first = a AND second = b` on them.
//
//   best_index   takes those constraints, so that filter() gets the values
//                  idxNum   a bit for each argument that is given; one more where a NULL is a value
//                  idxStr   the columns that the query reads: a bit mask in hexadecimal digits
//   filter       copies the arguments (they are columns too, and may be asked for), runs the
//   function column       an argument's copy, or a column of the row
//
// One argument too many would be a constraint on the first hidden *result*, and so a filter that
// nobody asked for. To prevent that, a function with hidden results has a column on which any
// constraint is an error: signature::arguments_end.
#include "sqlite/table_function.hpp"

#include <array>

#include "sqlite/statement.hpp"
#include "sqlite/vtab.hpp"

namespace topk::sqlite {
namespace {

constexpr int most_arguments = 9;
constexpr int null_is_value = 1 << most_arguments;  // in idxNum

struct value_deleter {
  void operator()(sqlite3_value* value) const noexcept { sqlite3_value_free(value); }
};
using value_copy = std::unique_ptr<sqlite3_value, value_deleter>;

class function_table final : public table {
 public:
  explicit function_table(std::shared_ptr<table_function> function) noexcept
      : function_(std::move(function)) {}

  static result<std::unique_ptr<function_table>> connect(table_call const& call) {
    auto const& function = *static_cast<std::shared_ptr<table_function>*>(call.aux);
    int code = sqlite3_declare_vtab(call.db, function->form().declaration);
    if (code == SQLITE_OK) code = sqlite3_vtab_config(call.db, SQLITE_VTAB_INNOCUOUS);
    if (code != SQLITE_OK) return last_error(call.db, code);
    return std::make_unique<function_table>(function);
  }

  int best_index(sqlite3_index_info& info) noexcept;

  class cursor final : public table_cursor {
   public:
    explicit cursor(function_table& of) noexcept : function_(*of.function_) {}

    status filter(int given, char const* plan, std::span<sqlite3_value* const> values);
    void next() noexcept { ++at_; }
    [[nodiscard]] bool eof() const noexcept { return rows_ == nullptr || at_ >= rows_->size(); }
    [[nodiscard]] std::int64_t rowid() const noexcept { return static_cast<std::int64_t>(at_) + 1; }
    status column(sqlite3_context* context, int index) const;

   private:
    table_function& function_;
    std::array<value_copy, most_arguments> arguments_;
    std::unique_ptr<function_rows> rows_;
    std::size_t at_ = 0;
  };

 private:
  int refuse_further_arguments() noexcept;

  std::shared_ptr<table_function> function_;
};

int function_table::refuse_further_arguments() noexcept {
  auto const& form = function_->form();
  sqlite3_free(zErrMsg);
  zErrMsg = sqlite3_mprintf("too many arguments on %s() - max %d", form.name, form.argument_count);
  return zErrMsg == nullptr ? SQLITE_NOMEM : SQLITE_ERROR;
}

bool is_null_test(sqlite3_index_info::sqlite3_index_constraint const& of) noexcept {
  return of.op == SQLITE_INDEX_CONSTRAINT_ISNULL;
}

int function_table::best_index(sqlite3_index_info& info) noexcept {
  auto const& form = function_->form();
  std::array<int, most_arguments> taken{};
  info.idxNum = 0;
  bool is_early = false;  // an argument is not known yet: the joined tables need another order
  for (int i = 0; i < info.nConstraint; ++i) {
    auto const& constraint = info.aConstraint[i];
    int const argument = constraint.iColumn - form.first_argument;
    bool const is_null =
        is_null_test(constraint) && form.null_argument >= 0 && argument == form.null_argument;
    bool const is_given = constraint.op == SQLITE_INDEX_CONSTRAINT_EQ ||
                          constraint.op == SQLITE_INDEX_CONSTRAINT_IS || is_null;
    if (!is_given) continue;
    if (constraint.iColumn == form.arguments_end) return refuse_further_arguments();
    if (argument < 0 || argument >= form.argument_count) continue;
    if (constraint.usable == 0) is_early = true;
    auto& mine = taken[static_cast<std::size_t>(argument)];
    // A value takes precedence over IS NULL, which SQLite checks again.
    bool const is_better = mine == 0 || is_null_test(info.aConstraint[mine - 1]);
    if (is_better) mine = i + 1;
    bool const takes_null = constraint.op != SQLITE_INDEX_CONSTRAINT_EQ;
    if (argument == form.null_argument && takes_null) info.idxNum |= null_is_value;
  }
  if (is_early) return SQLITE_CONSTRAINT;
  int used = 0;
  for (int argument = 0; argument < form.argument_count; ++argument) {
    int const mine = taken[static_cast<std::size_t>(argument)];
    if (mine == 0) continue;
    info.aConstraintUsage[mine - 1].argvIndex = ++used;
    info.aConstraintUsage[mine - 1].omit = 1;
    info.idxNum |= 1 << argument;
  }
  info.idxStr = sqlite3_mprintf("%llx", info.colUsed);
  if (info.idxStr == nullptr) return SQLITE_NOMEM;
  info.needToFreeIdxStr = 1;
  info.estimatedCost = 10;
  info.estimatedRows = 10;
  bool const is_ordered = info.nOrderBy == 1 && info.aOrderBy[0].desc == 0 &&
                          info.aOrderBy[0].iColumn == form.ordered_by;
  info.orderByConsumed = is_ordered ? 1 : 0;
  return SQLITE_OK;
}

status function_table::cursor::filter(int given, char const* plan,
                                      std::span<sqlite3_value* const> values) {
  auto const count = static_cast<std::size_t>(function_.form().argument_count);
  std::array<sqlite3_value*, most_arguments> arguments{};
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    arguments_[i].reset();
    if ((given >> i & 1) == 0) continue;
    sqlite3_value* const value = values[next++];
    arguments_[i].reset(sqlite3_value_dup(value));
    if (arguments_[i] == nullptr) throw std::bad_alloc();
    bool const is_value =
        (given & null_is_value) != 0 && static_cast<int>(i) == function_.form().null_argument;
    if (is_value || sqlite3_value_type(value) != SQLITE_NULL) arguments[i] = arguments_[i].get();
  }
  at_ = 0;
  rows_.reset();
  std::uint64_t const wanted =
      plan == nullptr ? ~std::uint64_t{0} : std::strtoull(plan, nullptr, 16);
  TOPK_ASSIGN(rows_, function_.run({arguments.data(), count}, wanted));
  return {};
}

status function_table::cursor::column(sqlite3_context* context, int index) const {
  auto const& form = function_.form();
  int const argument = index - form.first_argument;
  if (argument >= 0 && argument < form.argument_count) {
    auto const& value = arguments_[static_cast<std::size_t>(argument)];
    if (value != nullptr) sqlite3_result_value(context, value.get());
  } else if (index != form.arguments_end) {
    rows_->column(context, at_, index);
  }
  return {};
}

constexpr sqlite3_module module = module_of<function_table>();

void forget_function(void* aux) noexcept {
  delete static_cast<std::shared_ptr<table_function>*>(aux);
}

}  // namespace

status register_table_function(sqlite3* db, std::unique_ptr<table_function> function) {
  char const* const name = function->form().name;
  auto aux = std::make_unique<std::shared_ptr<table_function>>(std::move(function));
  int const code = sqlite3_create_module_v2(db, name, &module, aux.release(), forget_function);
  return code == SQLITE_OK ? status{} : last_error(db, code);
}

}  // namespace topk::sqlite
