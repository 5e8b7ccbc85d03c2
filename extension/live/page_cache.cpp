// refresh() compares memory with the file, the cheapest look first. The first line that applies
// decides:
//
//   memory       what is known of the file                                    then
//   -----------  -----------------------------------------------------------  ------------------
//   current      we hold the write lock                                       use it
//   current,     no commit by anybody and the schema not read again since     use it: this costs
//   known for    the last look (`commits`, `schema_readings`)                 no statement
//   sure
//   provisional  -                                                            forget it, load
//   any          the schema was read again, or the database may have been     forget it, load
//                deserialized, while we do not write
//   current      no commit by others since the last look (`data_version`)     use it
//   stale        -                                                            load what differs
//   empty        -                                                            check tables, load
//
// "Provisional" is what was loaded inside a transaction whose end may not be reported to us: ours,
// begun before this table was used, or, with a shared cache and read_uncommitted, another's.
//
// load() keeps what it can. Where the stored head has the generation and last sequence number that
// memory knows, panes are the same, and only rows of the tail came or went:
//
//   memory   | panes .. last_seq | 7 8 9        |       9 was undone, 10 and 11 are another's
//   file     | panes .. last_seq | 7 8    10 11 |  -->  drop after the table's last row if memory
//                                                       has more, then read the rows after memory's
//
// Answers from memory must hold as long as answers from the tables would: hold() opens the read
// transaction before versions are compared.
#include "live/page_cache.hpp"

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "sqlite/values.hpp"

namespace topk::live {
namespace {

bool is_time(micros t) noexcept { return t >= earliest_time && t <= latest_time; }

// Whether a row of the tail can be ours.
bool is_sound(sqlite::tail_row const& row) noexcept {
  return row.weight >= -greatest_weight && row.weight <= greatest_weight && is_time(row.ts) &&
         (!row.now || is_time(*row.now)) && row.seq < greatest_sum;
}

stream::event_fields fields_of(sqlite::tail_row const& row) {
  stream::event_fields fields{.seq = row.seq, .ts = row.ts, .weight = row.weight, .item = row.item};
  if (row.partition) {
    fields.partition = *row.partition;
    fields.has_partition = true;
  }
  if (row.now) fields.now = *row.now;
  fields.held = row.held;
  return fields;
}

}  // namespace

page_cache::page_cache(host_connection& host, definition& what, storage::shadow_store& store,
                       answer_cache& answers, std::shared_ptr<query_clock> clock)
    : host_(host), definition_(what), store_(store), answers_(answers), clock_(std::move(clock)),
      tail_(what.options().log, what.options().retain, what.levels().size()),
      keys_{.met = hash_memo(what.plan().partition_bytes)} {}

status page_cache::refuse_reentry() const {
  if (!store_.is_running()) return {};
  return failure(errc::corrupt,
                 "stream " + store_.name() +
                     " is used by a trigger or view on its own shadow tables; drop that one");
}

void page_cache::forget() noexcept {
  answers_.clear();
  tail_.clear();
  forget_partitions();
  state_ = contents::empty;
}

void page_cache::invalidate() noexcept {
  if (state_ == contents::current) state_ = contents::stale;
}

status page_cache::refresh(bool is_writing) {
  TOPK_TRY(refuse_reentry());
  if (is_writing && is_current()) return {};
  if (is_current()) TOPK_TRY(store_.changes().hold());
  auto const commits = store_.changes().commits();
  bool const is_replaced = store_.changes().schema_readings() != seen_.schema_readings ||
                           store_.changes().is_deserialized();
  bool const is_sure = is_current() && !is_provisional_ && !is_replaced;
  if (is_sure && commits && commits == seen_.commits) return {};
  seen_.commits.reset();
  TOPK_ASSIGN(auto const version, store_.changes().data_version());
  if (is_provisional_ || (is_replaced && !is_writing)) forget();
  if (is_current() && version == seen_.data_version) {
    seen_.commits = commits;
    return {};
  }
  invalidate();
  return reload(version, is_writing);
}

status page_cache::reload(std::int64_t version, bool is_writing) {
  TOPK_TRY(load());
  // From here on SQLite prepares this statement again whenever it reads the schema again.
  TOPK_TRY(store_.changes().hold());
  TOPK_ASSIGN(bool const is_dirty, store_.changes().reads_uncommitted());
  seen_.data_version = version;
  seen_.schema_readings = store_.changes().schema_readings();
  state_ = contents::current;
  bool const is_own = sqlite3_txn_state(host_.db(), store_.schema().c_str()) == SQLITE_TXN_WRITE;
  is_provisional_ = !is_writing && (is_own || is_dirty);
  return {};
}

// Which table has the log is a guess until the config table was read: what has its name may be the
// user's.
result<bool> page_cache::load_definition() {
  if (state_ == contents::empty && !store_.check_tables()) {
    store_.set_log(storage::log_form::none);
    TOPK_TRY(store_.check_tables());
  }
  auto const log_before = store_.log();
  TOPK_ASSIGN(bool const is_another, definition_.load(store_));
  if (store_.log() != log_before) TOPK_TRY(store_.check_tables());
  return is_another;
}

status page_cache::load() {
  TOPK_ASSIGN(bool const is_another, load_definition());
  // Same name, other table: made again, or brought back by a rollback.
  if (is_another) forget();
  clock_->belongs_to(definition_.identity());
  bool const is_known = state_ != contents::empty;
  // The same table, in a transaction of ours: nobody else can have written.
  if (is_known && tail_.has_pending()) return {};
  // A head without all of its events would look like one with pending events.
  unless_whole forgets(*this);
  TOPK_TRY(load_events(is_known));
  forgets.is_whole = true;
  return {};
}

status page_cache::load_events(bool is_known) {
  TOPK_ASSIGN(auto const bytes, store_.config().blob("head"));
  if (!bytes) {
    return failure(errc::corrupt, store_.shadow("config") + " has no head: the stream is damaged");
  }
  auto head = stream::stream_head::decode(*bytes, definition_.levels().size());
  if (!head) {
    auto failed = std::move(head).error();
    failed.message = store_.shadow("config") + ": " + failed.message;
    return failed;
  }
  bool const same_fold = is_known && head->generation == tail_.stored().generation &&
                         head->last_seq == tail_.stored().last_seq;
  tail_.set_stored(*std::move(head));
  if (!same_fold) {
    tail_.clear();
    forget_partitions();
  }
  TOPK_TRY(load_tail());
  if (state_ == contents::empty) state_ = contents::stale;
  return {};
}

// Reads the rows of the tail that memory does not have, and drops those that are there no more.
status page_cache::load_tail() {
  TOPK_ASSIGN(auto const last, store_.tail().last_seq());
  tail_.drop_after(last);
  std::int64_t gross = tail_.stored().gross;
  TOPK_TRY(store_.tail().after(tail_.known_seq(), [&](sqlite::tail_row const& row) -> status {
    bool const fits = is_sound(row) && (!row.held || store_.log() == storage::log_form::rows);
    if (fits) gross += row.weight < 0 ? -row.weight : row.weight;
    if (!fits || gross >= greatest_sum) {
      return failure(errc::corrupt, "a row of " + store_.shadow("tail") + " is damaged");
    }
    tail_.append_stored(fields_of(row));
    return {};
  }));
  TOPK_ASSIGN(auto const deferred, store_.tail().held_count(tail_.stored().last_seq));
  if (deferred > 0 && store_.log() != storage::log_form::rows) {
    return failure(errc::corrupt, "a row of " + store_.shadow("tail") +
                                      " has a seq of an event that is in a pane");
  }
  tail_.loaded(last, deferred > 0);
  clock_->saw(host_.now(), tail_.live().events);
  return {};
}

status page_cache::load_partitions() {
  std::int64_t const epoch = tail_.stored().key_epoch;
  if (keys_.epoch != epoch) forget_partitions(epoch);
  return store_.keys().after(keys_.last_id, [&](std::int64_t id, item_view const& partition) {
    keys_.met.note(definition_.hash_of(partition));
    ++keys_.count;
    keys_.last_id = id;
  });
}

result<bool> page_cache::knows_partition(item_view const& partition, std::uint64_t hash) {
  if (keys_.met.has(hash)) return true;
  TOPK_TRY(load_partitions());
  if (keys_.met.has(hash)) return true;
  TOPK_ASSIGN(bool const is_known, store_.keys().has(partition));
  if (is_known) keys_.met.note(hash);
  return is_known;
}

}  // namespace topk::live
