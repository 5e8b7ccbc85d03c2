// Eponymous table-valued functions: hidden columns as arguments, rows made at once.
#pragma once

#include <memory>
#include <span>

#include "base/status.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

// The rows of one call.
class function_rows {
 public:
  virtual ~function_rows() = default;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  // Sets the result to a column of the row; argument columns are not asked for.
  virtual void column(sqlite3_context* context, std::size_t row, int column) const = 0;
};

// What a call looks like. The strings are literals: SQLite keeps none of them.
struct signature {
  char const* name;
  // CREATE TABLE text: results, the arguments as hidden columns, then perhaps hidden results.
  char const* declaration;
  int first_argument;  // its column; the others follow
  int argument_count;
  // The hidden column that separates the arguments from hidden results, so that an argument too
  // many is an error and not a filter; -1 where there are no hidden results.
  int arguments_end = -1;
  // The argument, counted from 0, for which IS NULL gives a value instead of leaving it out; -1 for
  // none.
  int null_argument = -1;
  int ordered_by = -1;  // the column whose ascending order the rows come in; -1 for none
};

class table_function {
 public:
  virtual ~table_function() = default;
  [[nodiscard]] virtual signature const& form() const noexcept = 0;
  // An absent or NULL argument is null, but for the null_argument that IS NULL. `wanted` has a bit
  // for each column the query reads.
  virtual result<std::unique_ptr<function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t wanted) = 0;
};

// Registers the function as a module of that name.
status register_table_function(sqlite3* db, std::unique_ptr<table_function> function);

}  // namespace topk::sqlite
