#include "surface/topk_state.hpp"

#include <memory>

#include "engine/state.hpp"
#include "sqlite/boundary.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

result<std::int64_t> least_of(sqlite3_value* value) {
  std::int64_t const least =
      sqlite3_value_type(value) == SQLITE_INTEGER ? sqlite3_value_int64(value) : 0;
  if (least >= 1 && least < greatest_sum) return least;
  return failure(errc::invalid_argument,
                 "least=" + sqlite::shown(value) + ": expected an integer from 1 to 2^62 - 1");
}

}  // namespace

void topk_state(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept {
  sqlite::guard(context, [&]() -> status {
    auto& host = **static_cast<std::shared_ptr<live::connection>*>(sqlite3_user_data(context));
    auto const given = [&](int at) -> sqlite3_value* {
      return at < count && !sqlite::is_null(arguments[at]) ? arguments[at] : nullptr;
    };
    engine::state_arguments wanted{.window = {.window = given(0),
                                              .k = nullptr,
                                              .stream = given(1),
                                              .mode = nullptr,
                                              .at = given(2),
                                              .partition = given(3)}};
    if (given(4) != nullptr) {
      TOPK_ASSIGN(wanted.entries, entries_of(given(4)));
    }
    if (given(5) != nullptr) {
      TOPK_ASSIGN(wanted.least, least_of(given(5)));
    }
    TOPK_ASSIGN(auto const made, engine::state_of_window(host, wanted));
    if (made) result_blob(context, *made);
    return {};
  });
}

}  // namespace topk::surface
