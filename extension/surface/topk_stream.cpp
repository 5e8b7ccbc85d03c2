// topk_stream: CREATE, ALTER TABLE RENAME, DROP and PRAGMA integrity_check of one stream. Reading
// and writing rows is stream_table's part.
//
// SQLite connects a table again whenever it has read the schema again, and may have two tables of
// one stream for a while. Both share the stream, which the connection keeps by name; another is
// made only if the file shows that another table has taken its name.
#include "surface/topk_stream.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/commands.hpp"
#include "engine/content.hpp"
#include "engine/integrity.hpp"
#include "engine/recount.hpp"
#include "engine/tracking.hpp"
#include "sqlite/rowid_keeper.hpp"
#include "sqlite/values.hpp"
#include "surface/options.hpp"
#include "surface/stream_table.hpp"

namespace topk::surface {
namespace {

// Names that would hide a column or a module of ours.
status check_name(std::string_view name) {
  constexpr std::array taken = {"item",
                                "ts",
                                "weight",
                                "partition",
                                "topk",
                                "topk_count",
                                "topk_stats",
                                "topk_each",
                                "topk_stream",
                                "cms_add",
                                engine::tracked_column};
  std::string const lower = sqlite::lowercase(name);
  if (std::find(taken.begin(), taken.end(), lower) == taken.end()) return {};
  return failure(errc::invalid_argument,
                 "a stream can't be called '" + std::string(name) +
                     "': it is the name of a column of streams or of a module; choose another");
}

class topk_stream_table final : public stream_table {
 public:
  using stream_table::stream_table;
  using cursor = stream_cursor<topk_stream_table>;
  using made = result<std::unique_ptr<topk_stream_table>>;

  static made create(sqlite::table_call const& call) { return open(call, true); }
  static made connect(sqlite::table_call const& call) { return open(call, false); }
  status destroy();

  result<std::shared_ptr<live::open_stream>> stream_to_read() { return state_; }

  status update(int argc, sqlite3_value** argv, sqlite3_int64& rowid) {
    auto& state = *state_;
    // SQLite takes this for the row's: last_insert_rowid() stays the user's.
    rowid = sqlite3_last_insert_rowid(state.host().db());
    if (!is_insert(argc, argv)) return refuse_change(argc, state.store().name());
    return insert_row(state, inserted_row_of(argv));
  }

  status rename(char const* to) {
    sqlite::rowid_keeper const keep(host_->db());
    TOPK_TRY(check_name(to));
    return host_->rename(state_, to);
  }
  static bool is_shadow_name(char const* suffix) noexcept {
    return storage::is_shadow_suffix(suffix);
  }
  status integrity(bool is_quick, char** damage);

 private:
  static made open(sqlite::table_call const& call, bool is_new);
  // The stream that the connection has under this name, if it is the one in the file: another
  // connection may have dropped it and made another.
  status find_known(std::string_view schema, std::string_view name,
                    stream::stream_options const& options);
  status create_shadow_tables();
};

status topk_stream_table::find_known(std::string_view schema, std::string_view name,
                                     stream::stream_options const& options) {
  state_ = host_->find(schema, name);
  if (state_ != nullptr) {
    TOPK_ASSIGN(bool const is_current, state_->is_current());
    if (is_current && state_->options() == options) return {};
  }
  TOPK_ASSIGN(state_, host_->find_undone(std::string(schema), std::string(name)));
  if (state_ != nullptr && state_->options() != options) state_.reset();
  return {};
}

status topk_stream_table::create_shadow_tables() {
  sqlite::rowid_keeper const keep(host_->db());
  if (!state_->options().content) return state_->create();
  TOPK_TRY(engine::check_content(*state_));
  TOPK_TRY(state_->create());
  // The table may have rows already.
  TOPK_TRY(state_->begin());
  return engine::told_as_error(engine::recount(*state_),
                               "CREATE VIRTUAL TABLE " + state_->store().name());
}

topk_stream_table::made topk_stream_table::open(sqlite::table_call const& call, bool is_new) {
  std::string_view const schema = call.arguments[1];
  std::string const name = call.arguments[2];
  auto const rest = call.arguments.subspan(3);
  std::vector<std::string_view> const arguments(rest.begin(), rest.end());
  TOPK_ASSIGN(auto options, parse_stream_options(arguments));
  if (is_new) TOPK_TRY(check_name(name));
  auto table = std::make_unique<topk_stream_table>(
      *static_cast<std::shared_ptr<live::connection>*>(call.aux));
  auto& state = table->state_;
  if (!is_new) TOPK_TRY(table->find_known(schema, name, options));
  if (state != nullptr) {
    state->reconnected();
  } else {
    state = std::make_shared<live::open_stream>(*table->host_, std::string(schema), name,
                                                std::move(options));
  }
  // SQLite has read the schema, which may be another database's.
  state->values().forget_encoding();
  static_cast<void>(state->values().keeps_utf8());
  if (is_new) TOPK_TRY(table->create_shadow_tables());
  TOPK_TRY(declare(call.db, name));
  table->host_->enter(state);
  return table;
}

status topk_stream_table::destroy() {
  auto& state = *state_;
  sqlite::rowid_keeper const keep(state.host().db());
  if (state.options().content) TOPK_TRY(engine::drop_triggers(state));
  TOPK_TRY(state.store().look_for_log());
  TOPK_TRY(state.store().drop());
  state.forget_memory();
  host_->dropped(state);
  return {};
}

// Damage goes to `damage`: a row of PRAGMA integrity_check, which then goes on to other tables. An
// error would end it, with SQLite's words in place of ours, and is returned only for what says
// nothing about the data, such as an interrupt.
status topk_stream_table::integrity(bool is_quick, char** damage) {
  if (is_quick) return {};
  auto& state = *state_;
  sqlite::rowid_keeper const keep(host_->db());
  status outcome = state.refresh();
  // Own events of the open transaction are in no log yet, and would be missed there.
  if (outcome) outcome = state.flush(live::moment::statement);
  engine::finding found;
  if (outcome) {
    auto examined = engine::examine(state);
    if (examined) found = *std::move(examined);
    else outcome = std::move(examined).error();
  }
  if (outcome.code == errc::backend) return outcome;
  // A table that is gone, or that nobody follows, says nothing about the stream.
  if (outcome.code == errc::invalid_argument) return {};
  if (found.is_drift) {
    TOPK_ASSIGN(bool const is_tracked, engine::is_tracked(state));
    if (!is_tracked) return {};
  }
  if (!outcome) found.text = outcome.message;
  if (!found) return {};
  *damage = sqlite3_mprintf("stream %s: %s", state.store().name().c_str(), found.text.c_str());
  if (*damage == nullptr) return failure(errc::backend, "out of memory", SQLITE_NOMEM);
  return {};
}

constexpr sqlite::integrity_module with_integrity =
    sqlite::integrity_module_of<topk_stream_table>();
constexpr sqlite3_module without_integrity = sqlite::module_of<topk_stream_table>();

}  // namespace

sqlite3_module const* stream_module() noexcept {
  return sqlite3_libversion_number() >= 3044000 ? &with_integrity.base : &without_integrity;
}

}  // namespace topk::surface
