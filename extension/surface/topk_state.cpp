// A scalar function, so that one SELECT can make a state of each stream of a list. It reads what
// the stream holds when it is called, so SQLite must not take it for a constant.
#include "surface/topk_state.hpp"

#include <memory>

#include "engine/state.hpp"
#include "sqlite/boundary.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {

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
                                              .partition = given(3)},
                                   .contents = {}};
    TOPK_ASSIGN(wanted.contents, contents_of(given(4), given(5)));
    TOPK_ASSIGN(auto const made, engine::state_of_window(host, wanted));
    if (made) result_blob(context, *made);
    return {};
  });
}

}  // namespace topk::surface
