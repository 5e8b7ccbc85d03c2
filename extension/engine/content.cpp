// A table of the user's as the log: which table and columns it must have.
#include "engine/content.hpp"

#include "sqlite/values.hpp"

namespace topk::engine {

status content_failure(live::open_stream& state, std::string const& why) {
  return failure(errc::invalid_argument, "stream " + state.store().name() + ", content='" +
                                             state.options().content->table + "': " + why);
}

namespace {

status look_at_content(live::open_stream& state) {
  auto* const db = state.host().db();
  auto const& content = *state.options().content;
  std::string const& schema = state.store().schema();
  {
    sqlite::statement look(
        db,
        "SELECT type FROM pragma_table_list WHERE schema = ?1 COLLATE NOCASE AND "
        "name = ?2 COLLATE NOCASE");
    auto use = look.begin();
    TOPK_ASSIGN(
        auto row,
        use.bind(1, std::string_view(schema)).bind(2, std::string_view(content.table)).step());
    if (!row)
      return content_failure(state, "no such table in schema '" + schema + "'; was it renamed?");
    if (use.text(0) != "table") {
      return content_failure(state, "a " + std::string(use.text(0)) +
                                        (use.text(0) == "view" ? "" : " table") +
                                        " can't be counted: expected an ordinary table");
    }
  }
  for (auto const& name : {std::optional(content.item), std::optional(content.ts), content.weight,
                           content.partition}) {
    if (!name) continue;
    sqlite::statement look(
        db, "SELECT 1 FROM pragma_table_xinfo(?1, ?2) WHERE name = ?3 COLLATE NOCASE");
    auto use = look.begin();
    TOPK_ASSIGN(auto row, use.bind(1, std::string_view(content.table))
                              .bind(2, std::string_view(schema))
                              .bind(3, std::string_view(*name))
                              .step());
    if (!row)
      return content_failure(state, "the table has no column '" + *name + "'; was it renamed?");
  }
  return {};
}

}  // namespace

result<std::int64_t> schema_version_to_keep(live::open_stream& state) {
  if (sqlite3_get_autocommit(state.host().db()) == 0) return std::int64_t{-1};
  return state.store().changes().schema_version();
}

status check_content(live::open_stream& state) {
  TOPK_ASSIGN(auto const version, schema_version_to_keep(state));
  auto& sound_at = state.tracking.sound_at;
  if (version != -1 && sound_at == version) return {};
  sound_at = -1;
  TOPK_TRY(look_at_content(state));
  sound_at = version;
  return {};
}

std::string content_columns(live::open_stream& state, std::string_view row) {
  auto const& content = *state.options().content;
  auto const column = [&](std::optional<std::string> const& name) {
    return name ? std::string(row) + sqlite::quoted(*name) : std::string("NULL");
  };
  return column(content.item) + ", " + column(content.ts) + ", " + column(content.weight) + ", " +
         column(content.partition);
}

std::string content_table(live::open_stream& state) {
  return sqlite::quoted(state.store().schema()) + "." +
         sqlite::quoted(state.options().content->table);
}

}  // namespace topk::engine
