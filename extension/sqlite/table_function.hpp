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

class table_function {
 public:
  virtual ~table_function() = default;
  [[nodiscard]] virtual char const* name() const noexcept = 0;
  // CREATE TABLE text; the arguments are its hidden columns first_argument .. +argument_count-1.
  [[nodiscard]] virtual char const* declaration() const noexcept = 0;
  [[nodiscard]] virtual int first_argument() const noexcept = 0;
  [[nodiscard]] virtual int argument_count() const noexcept = 0;
  // The column whose ascending order the rows come in; -1 for none.
  [[nodiscard]] virtual int ordered_by() const noexcept { return -1; }
  // An absent or NULL argument is null. `wanted` has a bit for each column the query reads.
  virtual result<std::unique_ptr<function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t wanted) = 0;
};

// Registers the function as a module of that name.
status register_table_function(sqlite3* db, std::unique_ptr<table_function> function);

}  // namespace topk::sqlite
