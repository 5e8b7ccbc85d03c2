// Registers everything on a connection. A new SQL name is one line in a table below; a table
// function is one line in register_all().
//
// cms_add comes last: if it is there, an earlier registration on this connection was complete, and
// a second one would not know the streams of the first.
#include "surface/registry.hpp"

#include "sqlite/boundary.hpp"
#include "sqlite/row_feed.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/table_function.hpp"
#include "surface/approx_top_k.hpp"
#include "surface/approx_top_k_combine.hpp"
#include "surface/cms_add.hpp"
#include "surface/count_min.hpp"
#include "surface/scalars.hpp"
#include "surface/topk.hpp"
#include "surface/topk_count.hpp"
#include "surface/topk_each.hpp"
#include "surface/topk_series.hpp"
#include "surface/topk_spans.hpp"
#include "surface/topk_state.hpp"
#include "surface/topk_stats.hpp"
#include "surface/topk_stream.hpp"
#include "surface/topk_trending.hpp"

namespace topk::surface {
namespace {

using shared_connection = std::shared_ptr<live::connection>;

void forget_connection(void* aux) noexcept { delete static_cast<shared_connection*>(aux); }

struct module_entry {
  char const* name;
  sqlite3_module const* module;
};

struct function_entry {
  char const* name;
  int arguments;
  int flags;
  void (*body)(sqlite3_context*, int, sqlite3_value**) noexcept;
};

// Results are JSON with its subtype, which newer releases of SQLite require to be declared.
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif
constexpr int aggregate_function = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_RESULT_SUBTYPE;
// What a stream holds when it is asked.
constexpr int stream_value = SQLITE_UTF8 | SQLITE_INNOCUOUS;
constexpr int value_function = aggregate_function | SQLITE_DETERMINISTIC;

constexpr function_entry functions[] = {
    {"topk_version", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, topk_version},
    {"topk_debug", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, topk_debug},
    {"approx_top_k_estimate", 1, value_function, approx_top_k_estimate},
    {"approx_top_k_estimate", 2, value_function, approx_top_k_estimate},
    {"topk_state", 2, stream_value, topk_state},
    {"topk_state", 3, stream_value, topk_state},
    {"topk_state", 4, stream_value, topk_state},
    {"topk_state", 5, stream_value, topk_state},
    {"topk_state", 6, stream_value, topk_state},
    {"cms_estimate", 2, value_function, cms_estimate},
    {"cms_info", 1, value_function, cms_info},
};

struct aggregate_entry {
  char const* name;
  int arguments;
  window_function const* callbacks;
};

constexpr aggregate_entry aggregates[] = {
    {"approx_top_k", 1, &approx_top_k},
    {"approx_top_k", 2, &approx_top_k},
    {"approx_top_k", 3, &approx_top_k},
    {"approx_top_k", 4, &approx_top_k},
    {"approx_top_count", 2, &approx_top_count},
    {"approx_top_count", 3, &approx_top_count},
    {"approx_top_sum", 3, &approx_top_sum},
    {"approx_top_sum", 4, &approx_top_sum},
    {"top_k", 1, &top_k},
    {"top_k", 2, &top_k},
    {"approx_top_k_accumulate", 1, &approx_top_k_accumulate},
    {"approx_top_k_accumulate", 2, &approx_top_k_accumulate},
    {"approx_top_k_accumulate", 3, &approx_top_k_accumulate},
    {"approx_top_k_combine", 1, &approx_top_k_combine},
    {"approx_top_k_combine", 2, &approx_top_k_combine},
    {"approx_top_k_combine", 3, &approx_top_k_combine},
    {"count_min_sketch", 3, &count_min_sketch},
    {"count_min_sketch", 4, &count_min_sketch},
    {"cms_merge", 1, &cms_merge},
};

constexpr char const last_module[] = "cms_add";

// A plain PRAGMA: it reads no schema, which the program may not have unlocked yet. Where it is not
// there or not allowed, nothing is known.
bool is_registered(sqlite3* db) {
  sqlite::statement list(db, "PRAGMA module_list");
  auto use = list.begin();
  for (auto row = use.step(); row && *row; row = use.step()) {
    if (use.text(0) == last_module) return true;
  }
  return false;
}

}  // namespace

int register_all(sqlite3* db, char** error) noexcept {
  return sqlite::guard(error, [&]() -> status {
    // A second set of modules would know nothing of the streams that the first has connected.
    if (is_registered(db)) return {};
    auto const host = std::make_shared<live::connection>(db);
    TOPK_TRY(sqlite::register_row_feed(db));
    TOPK_TRY(sqlite::register_table_function(db, topk_each_table()));
    for (auto make : {topk_table, topk_count_table, topk_series_table, topk_spans_table,
                      topk_stats_table, topk_trending_table}) {
      TOPK_TRY(sqlite::register_table_function(db, make(host)));
    }
    for (auto const& entry : functions) {
      auto aux = std::make_unique<shared_connection>(host);
      int const code =
          sqlite3_create_function_v2(db, entry.name, entry.arguments, entry.flags, aux.release(),
                                     entry.body, nullptr, nullptr, forget_connection);
      if (code != SQLITE_OK) return sqlite::last_error(db, code);
    }
    for (auto const& entry : aggregates) {
      auto aux = std::make_unique<shared_connection>(host);
      int const code = sqlite3_create_window_function(
          db, entry.name, entry.arguments, aggregate_function, aux.release(), entry.callbacks->step,
          entry.callbacks->final, entry.callbacks->value, entry.callbacks->inverse,
          forget_connection);
      if (code != SQLITE_OK) return sqlite::last_error(db, code);
    }
    // The last one is last_module: a registration that failed half-way is not taken for a complete
    // one.
    module_entry const modules[] = {
        {"topk_stream", stream_module()},
        {last_module, cms_add_module()},
    };
    for (auto const& entry : modules) {
      // SQLite calls the destructor itself where it fails.
      auto aux = std::make_unique<shared_connection>(host);
      int const code =
          sqlite3_create_module_v2(db, entry.name, entry.module, aux.release(), forget_connection);
      if (code != SQLITE_OK) return sqlite::last_error(db, code);
    }
    return {};
  });
}

}  // namespace topk::surface
