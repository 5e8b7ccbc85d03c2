// cms_add is a stream table whose stream is bound late: by the first row that is inserted, which
// makes the default stream if there is none, until the transaction ends.
#include "surface/cms_add.hpp"

#include "sqlite/rowid_keeper.hpp"
#include "sqlite/statement.hpp"
#include "surface/stream_table.hpp"

namespace topk::surface {
namespace {

class cms_add_table final : public stream_table {
 public:
  using stream_table::stream_table;
  using cursor = stream_cursor<cms_add_table>;

  static result<std::unique_ptr<cms_add_table>> connect(sqlite::table_call const& call) {
    TOPK_TRY(declare(call.db, "cms_add"));
    return std::make_unique<cms_add_table>(
        *static_cast<std::shared_ptr<live::connection>*>(call.aux));
  }

  result<std::shared_ptr<live::open_stream>> stream_to_read() { return host_->resolve_default(); }

  status update(int argc, sqlite3_value** argv, sqlite3_int64& rowid) {
    // SQLite takes this for the row's: last_insert_rowid() stays the user's.
    rowid = sqlite3_last_insert_rowid(host_->db());
    if (!is_insert(argc, argv)) return refuse_change(argc, "cms_add");
    auto const row = inserted_row_of(argv);
    TOPK_TRY(bind(row));
    return insert(row);
  }

  void commit() noexcept {
    stream_table::commit();
    state_.reset();
  }
  void rollback() noexcept {
    stream_table::rollback();
    state_.reset();
  }

 private:
  status bind(inserted_row const& row);
};

// Held until the transaction ends: SQLite may disconnect the stream's own table in between. In
// xUpdate, never in xBegin: a CREATE VIRTUAL TABLE there corrupts SQLite's list of open virtual
// tables.
status cms_add_table::bind(inserted_row const& row) {
  TOPK_ASSIGN(auto state, host_->resolve_default());
  if (state == nullptr) {
    auto good = check_row(*host_, stream::stream_options{}, row);
    if (!good) return skippable(host_->db(), std::move(good));
    sqlite::rowid_keeper const keep(host_->db());
    TOPK_TRY(
        sqlite::execute(host_->db(), "CREATE VIRTUAL TABLE main.topk_events USING topk_stream()"));
    TOPK_ASSIGN(state, host_->resolve_default());
    if (state == nullptr) return failure(errc::corrupt, "the default stream could not be created");
  }
  state_ = std::move(state);
  return {};
}

constexpr sqlite3_module front_module = sqlite::module_of<cms_add_table>();

}  // namespace

sqlite3_module const* cms_add_module() noexcept { return &front_module; }

}  // namespace topk::surface
