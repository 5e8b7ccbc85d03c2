// topk_version() and topk_debug(): what is loaded, and how it was built.
#include "surface/scalars.hpp"

#include <memory>

#include "live/connection.hpp"
#include "sqlite/boundary.hpp"
#include "sqlite/statement.hpp"
#include "version.hpp"

namespace topk::surface {

void topk_version(sqlite3_context* context, int, sqlite3_value**) noexcept {
  sqlite3_result_text(context, build::version, -1, SQLITE_STATIC);
}

void topk_debug(sqlite3_context* context, int, sqlite3_value**) noexcept {
  sqlite::guard(context, [&]() -> status {
    auto const& host = *static_cast<std::shared_ptr<live::connection>*>(sqlite3_user_data(context));
    sqlite::owned_text text(sqlite3_mprintf(
        R"({"version":"%s","commit":"%s","compiler":"%s","build":"%s","sqlite":"%s","log_rows_read":%lld,"panes_read":%lld})",
        build::version, build::commit, build::compiler, build::kind, sqlite3_libversion(),
        static_cast<long long>(host->log_rows_read), static_cast<long long>(host->panes_read)));
    if (text == nullptr) throw std::bad_alloc();
    sqlite3_result_text(context, text.get(), -1, SQLITE_TRANSIENT);
    return {};
  });
}

}  // namespace topk::surface
