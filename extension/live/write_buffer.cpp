// An event's way from add() to the tables:
//
//   add() --> pending, in memory --+-- savepoint: flush() --> rows of the tail
//                                  |-- commit:    flush() --> rows of the tail; where it is long or
//                                  |                          full by then, panes and blocks of
//                                  |                          the log
//                                  '-- is_full(): spill() --> panes and blocks of the log
//
// After a flush the pager alone can undo what was written, as it undoes the user's own tables.
//
// In a stream of format 1 the log has a row for each event, from the flush on; what is pending at a
// fold gets its row first. While a statement is reading that table, a row inserted there would run
// ahead of its cursor: such events are "deferred", with rows in the tail only, until the commit
// copies them to the log.
//
// The phases of a transaction, and what moves it from one to the next:
//
//                 begin()                 pages written     reconnected     commit, rollback
//   idle          buffering | written*    changed           changed         idle
//   changed       written                 changed           changed         idle
//   buffering     buffering               written           written**       idle
//   written       written                 written           changed         idle
//
//   *  where memory was loaded inside the transaction, so that a rollback undoes what it knows
//   ** changed, where nothing is pending. SQLite reports rollbacks to objects that have begun, and
//      the new one has not: what is loaded from now on is provisional.
//
// A rollback in `buffering` drops the pending events and keeps the rest; in `changed` and `written`
// it drops all of memory. A rollback to a savepoint does the same and leaves the phase as it is.
#include "live/write_buffer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>

#include "storage/batch_feed.hpp"

namespace topk::live {
namespace {

using stream::fold_limits;
using stream::stream_head;

// One commit forms at most this many panes and erases at most this many rows beyond what it adds:
// the rest waits for the next commits.
constexpr std::int64_t formed_at_a_commit = 64;
constexpr std::int64_t expired_at_a_commit = 256;

// The drawing above: a row for each phase before, a column for each one after.
[[maybe_unused]] constexpr std::array<std::array<bool, 4>, 4> allowed = {{
    // idle, changed, buffering, written
    {true, true, true, true},   // from idle
    {true, true, false, true},  // from changed
    {true, true, true, true},   // from buffering
    {true, true, false, true},  // from written
}};

// Few rows one by one, many by one statement where that is allowed.
template <class Table>
status put_rows(Table& table, storage::batch_feed& rows, bool may_feed) {
  constexpr std::int64_t many = 16;
  if (may_feed && rows.count() >= many) return table.put(rows, rows.count());
  for (sqlite::tail_row row; rows.next(row);) TOPK_TRY(table.put(row));
  return {};
}

}  // namespace

write_buffer::write_buffer(host_connection& host, definition& what, storage::shadow_store& store,
                           event_log& log, storage::stored_panes& panes, page_cache& cache)
    : host_(host), definition_(what), store_(store), log_(log), panes_(panes), cache_(cache),
      tail_(cache.tail()) {}

void write_buffer::enter(phase next) noexcept {
  assert(allowed[static_cast<std::size_t>(phase_)][static_cast<std::size_t>(next)]);
  phase_ = next;
}

status write_buffer::begin_slowly() {
  TOPK_TRY(cache_.refuse_reentry());
  if (is_writing() && cache_.is_current()) return {};
  (void)host_.now();
  TOPK_TRY(cache_.refresh(is_writing()));
  bool const may_be_undone = phase_ == phase::changed || phase_ == phase::written;
  enter(may_be_undone || cache_.is_provisional() ? phase::written : phase::buffering);
  return {};
}

// ---- taking events

status write_buffer::check_time(new_event const& event, micros now) const {
  auto const& options = definition_.options();
  if (event.ts <= now || event.ts - now <= options.max_skew) return {};
  return failure(errc::constraint, "ts is " + std::to_string((event.ts - now) / second) +
                                       " s ahead of the clock; max_skew='" +
                                       spell_duration(options.max_skew) + "' allows no more");
}

result<bool> write_buffer::admit_partition(item_view const& partition) {
  TOPK_ASSIGN(bool const is_known, knows_partition(partition));
  if (is_known) return true;
  if (partition_count() >= definition_.options().max_partitions) return false;
  TOPK_TRY(store_.keys().create());
  new_partitions_.add(partition, definition_.hash_of(partition));
  return true;
}

result<bool> write_buffer::knows_partition(item_view const& partition) {
  auto const hash = definition_.hash_of(partition);
  if (new_partitions_.has(hash)) return true;
  return cache_.knows_partition(partition, hash);
}

// Those of the table, as last counted, and those it does not have yet.
std::int64_t write_buffer::partition_count() const noexcept {
  return cache_.partition_count() + static_cast<std::int64_t>(new_partitions_.items().size());
}

status write_buffer::check_partition(item_view const& partition) {
  TOPK_ASSIGN(bool const is_admitted, admit_partition(partition));
  if (is_admitted) return {};
  return failure(errc::constraint,
                 "partition: stream " + store_.name() + " has " +
                     std::to_string(partition_count()) + " partitions, and max_partitions=" +
                     std::to_string(definition_.options().max_partitions) +
                     " allows no more; the command 'prune' forgets those that have expired");
}

// What is older than the watermark retains. Where the clock says that the watermark itself is
// ahead, and nothing was folded by it, the event moves it back instead.
bool write_buffer::is_late(micros ts, micros now) const noexcept {
  auto const& live = tail_.live();
  micros const retain = definition_.options().retain;
  if (live.reference == stream::no_time || ts > live.reference - retain) return false;
  return live.is_folded() || now > live.reference - retain;
}

// The clock where head.count() has to know it: no_time for most events.
micros write_buffer::clock_to_tell(micros ts, micros now) {
  micros const to = std::min(ts, now);
  if (tail_.live().reaches(to, definition_.options().retain)) {
    return ts > now ? now : stream::no_time;
  }
  // One commit does not agree with itself, however long it takes.
  micros& own_jump = host_.own_jump(definition_.identity());
  bool const is_first = own_jump == stream::no_time || !tail_.live().has_jump();
  if (is_first) own_jump = host_.now();
  return own_jump;
}

status write_buffer::add(new_event const& event) {
  TOPK_TRY(begin());
  micros const now = host_.now_against(event.ts);
  if (event.ts > now) TOPK_TRY(check_time(event, now));
  if (event.weight == 0) return {};
  if (is_late(event.ts, now)) {
    tail_.count_late(event.weight);
    return {};
  }
  auto const& live = tail_.live();
  std::int64_t const gross = event.weight < 0 ? -event.weight : event.weight;
  if (live.gross >= greatest_sum - gross) {
    return failure(errc::constraint, "weight=" + std::to_string(event.weight) +
                                         ": the sum of all weights of stream " + store_.name() +
                                         " would pass 2^62");
  }
  if (event.partition) TOPK_TRY(check_partition(*event.partition));
  stream::event_fields fields{
      .seq = tail_.next_seq(), .ts = event.ts, .weight = event.weight, .item = event.item};
  if (event.partition) {
    fields.partition = *event.partition;
    fields.has_partition = true;
  }
  fields.now = clock_to_tell(event.ts, now);
  append(fields);
  return {};
}

// ---- flush: pending events get their rows

// Whether a running statement reads the log, so that rows for it have to wait.
result<bool> write_buffer::must_defer(moment at, std::size_t count) {
  bool const has_rows = tail_.flushed() < count;
  bool const logs_rows = store_.log() == storage::log_form::rows;
  if (!logs_rows || at != moment::statement || !has_rows) return false;
  TOPK_ASSIGN(auto const root, store_.rows().root());
  return host_.is_being_read(store_.schema(), root);
}

// Gives each pending event up to `count` a row in the tail if `to_tail`; and, in a stream of format
// 1, its row in the log, or defers that.
status write_buffer::write_pending(moment at, bool to_tail, std::size_t count) {
  auto const& options = definition_.options();
  for (auto const& partition : new_partitions_.items()) TOPK_TRY(store_.keys().put(partition));
  wrote();
  unlogged_ = 0;
  TOPK_ASSIGN(bool const defers, must_defer(at, count));
  // A statement of many rows opens a statement journal. In xSavepoint SQLite has numbered that of
  // the user's statement but not opened it: ours would open both, and the user's statement, if it
  // fails, would undo these rows as its own. The same goes for a command, which runs in a statement
  // of ours; a fold comes when that is open.
  bool const may_feed = at == moment::commit || !to_tail;
  // Before a fold, what has expired is not logged: the fold would erase it at once.
  micros const expired = to_tail || tail_.live().reference == stream::no_time
                             ? stream::no_time
                             : tail_.live().retained_after(options.retain);
  storage::batch_feed rows(tail_.events(), tail_.flushed(), count, defers);
  if (to_tail || defers) {
    TOPK_TRY(put_rows(store_.tail(), rows, may_feed));
  }
  if (store_.log() == storage::log_form::rows && !defers) {
    rows.restart(expired);
    TOPK_TRY(put_rows(store_.rows(), rows, may_feed));
    unlogged_ = static_cast<std::int64_t>(count - tail_.flushed()) - rows.count();
  }
  if (defers) tail_.defer(count);
  new_partitions_.clear();
  return {};
}

status write_buffer::flush(moment at) {
  if (store_.is_running()) return {};  // a savepoint of a foreign trigger: the flush is under way
  if (at == moment::commit) (void)host_.now();  // the end of the transaction takes the time of this
  TOPK_ASSIGN(bool const is_current, definition_.is_current(store_));
  if (!is_current) {  // the table these events went to was undone with its transaction
    cache_.forget();
    return {};
  }
  bool const has_counts = cache_.is_current() && tail_.has_new_counts();
  bool const logs_deferred = at == moment::commit && tail_.has_deferred();
  bool const has_pending = tail_.has_pending() || !new_partitions_.empty();
  if (!has_pending && !has_counts && !logs_deferred) return {};
  std::size_t const count = tail_.events().size();
  auto const pending = static_cast<std::int64_t>(count - tail_.flushed());
  bool const folds = at == moment::commit && (count >= definition_.plan().tail_rows || is_full());
  TOPK_TRY(write_pending(at, !folds, count));
  if (at == moment::commit && tail_.has_deferred()) {
    TOPK_TRY(store_.log_held(tail_.stored().last_seq));
    tail_.all_logged();
  }
  if (folds) {
    return fold({.formed_panes = formed_at_a_commit + pending,
                 .expired_panes = expired_at_a_commit + pending},
                count);
  }
  tail_.all_flushed();
  if (has_counts) {
    auto head = tail_.counted_head();
    TOPK_TRY(store_head(head));
    tail_.set_stored(std::move(head));
  }
  return {};
}

status write_buffer::store_head(stream_head const& head) {
  auto const bytes = head.encode();
  wrote();
  return store_.config().put("head", byte_view(bytes));
}

// ---- fold: events go into panes

// Length of the prefix to fold now. An event past a level's horizon skips that level, so holding
// back the youngest saves writes: use the coarsest horizon that still releases a sixteenth of the
// batch, else fold all.
std::size_t write_buffer::ripe_events() const noexcept {
  auto const& events = tail_.events();
  std::size_t const enough = events.size() / 16;
  for (std::size_t level = definition_.levels().size(); level-- > 0;) {
    micros const horizon = stream::wanted_horizon(definition_.levels(), level, tail_.live());
    std::size_t ripe = 0;
    while (ripe < events.size() && events.ts_of(ripe) <= horizon) ++ripe;
    if (ripe >= enough && ripe >= tail_.flushed()) return ripe;
  }
  return events.size();
}

status write_buffer::spill() {
  TOPK_TRY(begin());
  std::size_t const ripe = ripe_events();
  TOPK_TRY(write_pending(moment::statement, false, ripe));
  return fold({.form_parents = false, .live = &tail_.live()}, ripe);
}

status write_buffer::fold_all() {
  TOPK_TRY(begin());
  std::size_t const count = tail_.events().size();
  TOPK_TRY(write_pending(moment::statement, false, count));
  return fold({}, count);
}

// Folds the first `count` events: all that the tail table holds, or more. Memory changes only when
// all is written.
status write_buffer::fold(fold_limits const& limits, std::size_t count) {
  cache_.drop_answers();
  auto head = tail_.counted_head();
  stream::pane_fold fold(definition_.levels(), definition_.seed(), definition_.options().log,
                         panes_, head);
  std::int64_t const log_bytes = head.log_bytes;
  TOPK_TRY(fold.take(tail_.events(), count, limits));
  auto const counted = head;
  if (log_.is_in_blocks()) TOPK_TRY(write_log(head, log_bytes, count));
  TOPK_TRY(expire_log(head, limits.expired_panes, count));
  if (tail_.flushed() > 0 || tail_.has_deferred()) TOPK_TRY(store_.tail().drop(head.last_seq));
  TOPK_TRY(store_head(head));
  tail_.folded(count, counted, std::move(head));
  return {};
}

// The events of a fold become blocks. The head has counted them one by one, each with a guess at
// its bytes; `log_bytes` is what it stated before.
status write_buffer::write_log(stream_head& head, std::int64_t log_bytes, std::size_t count) {
  micros const expired = head.retained_after(definition_.options().retain);
  TOPK_ASSIGN(auto const logged, log_.append(tail_.events(), count, expired));
  head.log_rows -= static_cast<std::int64_t>(count) - logged.rows;
  head.log_bytes = log_bytes + logged.bytes;
  return {};
}

status write_buffer::log_all() {
  if (!log_.is_in_blocks()) return {};
  wrote();
  TOPK_TRY(log_.append(tail_.events(), tail_.events().size(), stream::no_time));
  return {};
}

// Erases what is no longer retained, at most `most` rows more than were added.
status write_buffer::expire_log(stream_head& head, std::int64_t most, std::size_t count) {
  head.unlog(std::exchange(unlogged_, 0));
  auto const limit =
      most == fold_limits::unlimited ? most : most + static_cast<std::int64_t>(count);
  return log_.expire(head, limit);
}

// ---- the end of a transaction, or of a part of it

void write_buffer::rolled_back() noexcept {
  new_partitions_.clear();
  cache_.forget_partitions();
  if (phase_ == phase::changed || phase_ == phase::written) {
    cache_.forget();
  } else if (cache_.is_current()) {
    tail_.drop_pending();
  }
}

void write_buffer::reconnected() noexcept {
  if (tail_.has_pending()) {
    wrote();
    cache_.invalidate();
  } else {
    enter(phase::changed);
    cache_.forget();
  }
}

}  // namespace topk::live
