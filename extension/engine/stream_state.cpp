#include "engine/stream_state.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "sqlite/values.hpp"
#include "storage/batch_feed.hpp"

namespace topk::engine {
namespace {

using storage::shadow_store;

constexpr std::int64_t format = 1;

// One commit forms at most this many panes and erases at most this many rows beyond what it adds:
// the rest waits for the next commits.
constexpr std::int64_t formed_at_a_commit = 64;
constexpr std::int64_t expired_at_a_commit = 256;

bool is_time(micros t) noexcept { return t >= earliest_time && t <= latest_time; }

// Few rows one by one, many by one statement where that is allowed.
status put_rows(storage::shadow_store& store, storage::batch_feed& rows, bool may_feed,
                status (storage::shadow_store::*one)(sqlite::tail_row const&),
                status (storage::shadow_store::*all)(sqlite::row_feed&, std::int64_t)) {
  constexpr std::int64_t many = 16;
  if (may_feed && rows.count() >= many) return (store.*all)(rows, rows.count());
  for (sqlite::tail_row row; rows.next(row);) {
    if (auto put = (store.*one)(row); !put) return put;
  }
  return {};
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

stream_state::stream_state(host_connection& host, std::string schema, std::string table,
                           stream::stream_options options)
    : host_(host), clock_(host.clock_of(schema, table)),
      store_(host.db(), std::move(schema), std::move(table), options.log), panes_(store_, levels_),
      options_(std::move(options)), levels_(stream::plan_levels(options_)),
      plan_(stream::plan_memory(options_)) {
  live_.levels.reserve(levels_.size());  // so that recount() never allocates
}

std::uint64_t stream_state::hash_of(item_view const& item) const noexcept {
  return hash_item(item, seed_);
}

status stream_state::create() {
  if (auto made = store_.create(options_.log); !made) return made;
  std::int64_t seed = 0;
  if (options_.seed) {
    seed = *options_.seed;
  } else {
    sqlite3_randomness(sizeof(seed), &seed);
  }
  if (auto put = store_.put_config("format", format); !put) return put;
  if (auto put = store_.put_config("seed", seed); !put) return put;
  std::int64_t identity = 0;
  sqlite3_randomness(sizeof(identity), &identity);
  if (auto put = store_.put_config("identity", identity); !put) return put;
  identity_ = identity;
  is_newborn_ = true;
  clock_->belongs_to(identity);
  clock_->saw(host_.now(), 0);
  stream::stream_head head;
  head.levels.resize(levels_.size());
  return store_head(head);
}

result<bool> stream_state::is_current() {
  if (!is_newborn_) return true;
  auto stored = store_.config_integer("identity");
  if (!stored && stored.error().code != errc::corrupt) return std::move(stored).error();
  return stored && *stored == identity_;
}

status stream_state::rename(std::string const& to) {
  if (auto flushed = flush(moment::statement); !flushed) return flushed;
  schema_readings_ = -1;  // the statements that count them are new
  return store_.rename(to);
}

status stream_state::store_head(stream::stream_head const& head) {
  auto const bytes = head.encode();
  has_written_ = true;
  return store_.put_config("head", byte_view(bytes));
}

// A trigger or a view on a shadow table may ask for the stream in the middle of our own statement:
// to go on would chase what that statement makes, or never end.
status stream_state::refuse_reentry() const {
  if (!store_.is_running()) return {};
  return failure(errc::corrupt,
                 "stream " + store_.name() +
                     " is used by a trigger or a view of its own shadow tables; drop it");
}

status stream_state::refresh() {
  if (auto allowed = refuse_reentry(); !allowed) return allowed;
  if (is_writing_ && !is_stale_) return {};
  // What memory answers must stay true as long as what tables answer.
  if (is_loaded_ && !is_stale_) {
    if (auto held = store_.hold(); !held) return held;
  }
  // Nothing was committed at all, by whomever: that costs less to know than whether others did.
  auto const commits = store_.commits();
  bool const is_replaced = store_.schema_readings() != schema_readings_ || store_.is_deserialized();
  if (is_loaded_ && !is_stale_ && !is_doubtful_ && !is_replaced && commits && commits == commits_)
    return {};
  commits_.reset();
  auto version = store_.data_version();
  if (!version) return std::move(version).error();
  if (is_doubtful_ || (is_replaced && !is_writing_)) forget_memory();
  if (!is_stale_ && *version == data_version_) {
    commits_ = commits;
    return {};
  }
  is_stale_ = true;
  if (auto loaded = load(); !loaded) return loaded;
  if (auto held = store_.hold(); !held) return held;  // from now on it tells of a schema read anew
  auto const dirty = store_.reads_uncommitted();
  if (!dirty) return dirty.error();
  data_version_ = *version;
  schema_readings_ = store_.schema_readings();
  is_stale_ = false;
  bool const is_own = sqlite3_txn_state(host_.db(), store_.schema().c_str()) == SQLITE_TXN_WRITE;
  is_doubtful_ = !is_writing_ && (is_own || *dirty);
  return {};
}

status stream_state::begin_anew() {
  if (auto allowed = refuse_reentry(); !allowed) return allowed;
  if (is_writing_ && !is_stale_) return {};
  (void)host_.now();
  if (auto fresh = refresh(); !fresh) return fresh;
  is_writing_ = true;
  has_written_ = has_written_ || is_doubtful_;
  return {};
}

status stream_state::load_options() {
  auto stored_format = store_.config_integer("format");
  if (!stored_format) return std::move(stored_format).error();
  if (!*stored_format) {
    return failure(errc::corrupt,
                   store_.shadow("config") + " has no format: the stream is damaged");
  }
  if (**stored_format != format) {
    return failure(errc::unsupported_version,
                   "stream " + store_.name() + " has format " + std::to_string(**stored_format) +
                       ", this library reads format " + std::to_string(format));
  }
  auto seed = store_.config_integer("seed");
  if (!seed) return std::move(seed).error();
  if (!*seed) {
    return failure(errc::corrupt, store_.shadow("config") + " has no seed: the stream is damaged");
  }
  seed_ = static_cast<std::uint64_t>(**seed);
  // A table of the same name, made anew or brought back by a rollback: nothing in memory is its.
  auto identity = store_.config_integer("identity");
  if (!identity) return std::move(identity).error();
  if (identity_ != identity->value_or(0)) {
    if (identity_ != 0) forget_memory();
    identity_ = identity->value_or(0);
  }
  clock_->belongs_to(identity_);
  return {};
}

status stream_state::load() {
  if (!is_loaded_) {
    if (auto sound = store_.check_tables(); !sound) return sound;
  }
  if (auto known = load_options(); !known) return known;
  if (is_loaded_ && has_pending()) return {};  // the same table, and nobody else can have written
  auto bytes = store_.config_blob("head");
  if (!bytes) return std::move(bytes).error();
  if (!*bytes) {
    return failure(errc::corrupt, store_.shadow("config") + " has no head: the stream is damaged");
  }
  auto head = stream::stream_head::decode(**bytes, levels_.size());
  if (!head) {
    auto failed = std::move(head).error();
    failed.message = store_.shadow("config") + ": " + failed.message;
    return failed;
  }
  bool const same_fold =
      is_loaded_ && head->generation == stored_.generation && head->last_seq == stored_.last_seq;
  stored_ = *std::move(head);
  if (!same_fold) {
    drop_events();
    keys_ = {};
  }
  if (auto loaded = load_tail(); !loaded) return loaded;
  is_loaded_ = true;
  return {};
}

// Reads the rows of the tail that memory does not have, and drops those that are there no more.
status stream_state::load_tail() {
  auto last = store_.last_tail_seq();
  if (!last) return std::move(last).error();
  std::size_t kept = events_.size();
  while (kept > 0 && events_[kept - 1].seq > *last) --kept;
  if (kept < events_.size()) {
    events_.truncate(kept);
    ++events_epoch_;
  }
  has_held_ = false;
  std::int64_t gross = stored_.gross;
  std::int64_t after = kept == 0 ? stored_.last_seq : events_[kept - 1].seq;
  auto seen = store_.tail_after(after, [&](sqlite::tail_row const& row) -> status {
    bool const is_sound = row.weight >= -greatest_weight && row.weight <= greatest_weight &&
                          is_time(row.ts) && (!row.now || is_time(*row.now)) &&
                          row.seq < stream::stream_head::gross_limit;
    if (is_sound) gross += row.weight < 0 ? -row.weight : row.weight;
    if (!is_sound || gross >= stream::stream_head::gross_limit) {
      return failure(errc::corrupt, "a row of " + store_.shadow("tail") + " is damaged");
    }
    events_.append(fields_of(row));
    return {};
  });
  if (!seen) return seen;
  for (std::size_t i = 0; i < events_.size(); ++i) has_held_ = has_held_ || events_[i].held;
  auto held = store_.held_count(stored_.last_seq);
  if (!held) return std::move(held).error();
  has_held_ = has_held_ || *held > 0;
  flushed_ = events_.size();
  next_seq_ = std::max(stored_.last_seq, *last) + 1;
  recount();
  clock_->saw(host_.now(), live_.events);
  return {};
}

void stream_state::recount() noexcept {
  live_ = stored_;
  for (std::size_t i = 0; i < events_.size(); ++i) live_.count(events_[i], options_.log);
}

void stream_state::drop_folded(std::size_t count) {
  events_.drop_front(count);
  ++events_epoch_;
  flushed_ = 0;
}

void stream_state::drop_events() noexcept {
  events_.clear();
  ++events_epoch_;
  flushed_ = 0;
}

status stream_state::load_keys() {
  if (keys_.epoch != stored_.key_epoch)
    keys_ = {.hashes = {}, .last_id = 0, .epoch = stored_.key_epoch};
  return store_.keys_after(keys_.last_id, [&](std::int64_t id, item_view const& partition) {
    keys_.hashes.insert(hash_of(partition));
    keys_.last_id = id;
  });
}

status stream_state::check_partition(item_view const& partition) {
  auto const hash = hash_of(partition);
  if (keys_.hashes.contains(hash)) return {};
  if (auto loaded = load_keys(); !loaded) return loaded;
  if (keys_.hashes.contains(hash)) return {};
  if (static_cast<std::int64_t>(keys_.hashes.size()) >= options_.max_partitions) {
    return failure(
        errc::constraint,
        "partition: stream " + store_.name() + " has " + std::to_string(keys_.hashes.size()) +
            " partitions, and max_partitions=" + std::to_string(options_.max_partitions) +
            " allows no more; the command 'prune' forgets those that have expired");
  }
  new_keys_.emplace_back(partition);
  keys_.hashes.insert(hash);
  return {};
}

status stream_state::add(new_event const& event) {
  if (auto begun = begin(); !begun) return begun;
  micros const now = host_.now_against(event.ts);
  if (event.ts > now && event.ts - now > options_.max_skew) {
    return failure(errc::constraint, "ts is " + std::to_string((event.ts - now) / second) +
                                         " s ahead of the clock; max_skew='" +
                                         spell_duration(options_.max_skew) + "' allows no more");
  }
  if (event.weight == 0) return {};
  micros const reference = std::max(live_.reference, std::min(event.ts, now));
  if (event.ts <= reference - options_.retain) {
    ++live_.late;
    return {};
  }
  std::int64_t const gross = event.weight < 0 ? -event.weight : event.weight;
  if (live_.gross >= stream::stream_head::gross_limit - gross) {
    return failure(errc::constraint, "weight=" + std::to_string(event.weight) +
                                         ": the sum of all weights of stream " + store_.name() +
                                         " would pass 2^62");
  }
  if (event.partition) {
    if (auto known = check_partition(*event.partition); !known) return known;
  }
  stream::event_fields fields{
      .seq = next_seq_, .ts = event.ts, .weight = event.weight, .item = event.item};
  if (event.partition) {
    fields.partition = *event.partition;
    fields.has_partition = true;
  }
  if (event.ts > now) fields.now = now;
  events_.append(fields);
  ++next_seq_;
  live_.count(fields, options_.log);
  return {};
}

// Gives each pending event its row in the log, or holds it in the tail while a running statement
// reads the log; `to_tail` gives it a row in the tail in any case.
status stream_state::write_pending(moment at, bool to_tail, std::size_t count) {
  for (auto const& key : new_keys_) {
    if (auto put = store_.put_key(key); !put) return put;
  }
  has_written_ = true;
  unlogged_ = 0;
  bool hold = false;
  if (options_.log && at == moment::statement && flushed_ < count) {
    auto root = store_.log_root();
    if (!root) return std::move(root).error();
    auto read = host_.is_being_read(store_.schema(), *root);
    if (!read) return std::move(read).error();
    hold = *read;
  }
  bool const logs = options_.log && !hold;
  // A statement of many rows opens a statement journal. In xSavepoint SQLite has numbered that of
  // the user's statement but not opened it: ours would open both, and the user's statement, if it
  // fails, would undo these rows as its own.
  bool const may_feed = at == moment::commit || is_spilling || is_reissued;
  // What a fold follows for is not logged if it has expired: the fold would erase it at once.
  micros const expired = to_tail || live_.reference == stream::no_time
                             ? stream::no_time
                             : live_.retained_after(options_.retain);
  storage::batch_feed rows(events_, flushed_, count, hold);
  if (to_tail || hold) {
    if (auto put = put_rows(store_, rows, may_feed, &storage::shadow_store::put_tail,
                            &storage::shadow_store::put_tail);
        !put)
      return put;
  }
  if (logs) {
    rows.restart(expired);
    if (auto put = put_rows(store_, rows, may_feed, &storage::shadow_store::put_log,
                            &storage::shadow_store::put_log);
        !put)
      return put;
    unlogged_ = static_cast<std::int64_t>(count - flushed_) - rows.count();
  }
  for (std::size_t i = flushed_; hold && i < count; ++i) events_.set_held(i, true);
  has_held_ = has_held_ || hold;
  new_keys_.clear();
  return {};
}

status stream_state::flush(moment at) {
  if (store_.is_running()) return {};  // a savepoint of a foreign trigger: the flush is under way
  if (at == moment::commit) (void)host_.now();  // committed() takes the time from here
  auto const current = is_current();
  if (!current) return current.error();
  if (!*current) {  // the table these events went to was undone with its transaction
    forget_memory();
    return {};
  }
  bool const counted = counts_changed();
  if (!has_pending() && !counted && !(has_held_ && at == moment::commit)) return {};
  bool const folds = at == moment::commit && events_.size() >= plan_.tail_rows;
  auto const pending = static_cast<std::int64_t>(events_.size() - flushed_);
  if (auto written = write_pending(at, !folds, events_.size()); !written) return written;
  if (at == moment::commit && has_held_) {
    if (auto logged = store_.log_held(stored_.last_seq); !logged) return logged;
    for (std::size_t i = 0; i < events_.size(); ++i) events_.set_held(i, false);
    has_held_ = false;
  }
  if (folds) {
    return fold({.formed_panes = formed_at_a_commit + pending,
                 .expired_panes = expired_at_a_commit + pending},
                events_.size());
  }
  flushed_ = events_.size();
  if (counted) {
    auto head = stored_;
    head.late = live_.late;
    head.rejected = live_.rejected;
    if (auto put = store_head(head); !put) return put;
    stored_ = std::move(head);
  }
  return {};
}

bool stream_state::counts_changed() const noexcept {
  return is_loaded_ && !is_stale_ &&
         (live_.late != stored_.late || live_.rejected != stored_.rejected);
}

// How many of the events, from the first on, are better folded now. An event that has left the
// horizon of a level skips that level, so the younger ones wait: behind the widest horizon that
// leaves enough of the batch to fold, else nothing waits.
std::size_t stream_state::ripe_events() const noexcept {
  std::size_t const enough = events_.size() / 16;
  for (std::size_t level = levels_.size(); level-- > 0;) {
    micros const horizon = stream::horizon_at(levels_, level, live_.reference);
    std::size_t ripe = 0;
    while (ripe < events_.size() && events_.ts_of(ripe) <= horizon) ++ripe;
    if (ripe >= enough && ripe >= flushed_) return ripe;
  }
  return events_.size();
}

status stream_state::spill() {
  if (auto begun = begin(); !begun) return begun;
  std::size_t const ripe = ripe_events();
  if (auto written = write_pending(moment::statement, false, ripe); !written) return written;
  return fold({.form_parents = false, .reference = live_.reference}, ripe);
}

status stream_state::fold_all() {
  if (auto begun = begin(); !begun) return begun;
  auto written = write_pending(moment::statement, false, events_.size());
  if (!written) return written;
  return fold({}, events_.size());
}

// Folds the first `count` events: all that the tail holds, or more. Memory changes only when all is
// written.
status stream_state::fold(stream::fold_limits const& limits, std::size_t count) {
  auto head = stored_;
  head.late = live_.late;
  head.rejected = live_.rejected;
  stream::folder folder(levels_, seed_, options_.log, panes_, head);
  if (auto taken = folder.take(events_, count, limits); !taken) return taken;
  auto const counted = head;
  if (options_.log && head.reference != stream::no_time) {
    auto const limit = limits.expired_panes == stream::fold_limits::unlimited
                           ? limits.expired_panes
                           : limits.expired_panes + static_cast<std::int64_t>(count);
    auto erased = store_.expire_log(head.retained_after(options_.retain), limit);
    if (!erased) return std::move(erased).error();
    *erased += std::exchange(unlogged_, 0);
    if (head.log_rows > 0) {
      head.log_bytes -= head.log_bytes / head.log_rows * std::min(*erased, head.log_rows);
    }
    head.log_rows = std::max<std::int64_t>(head.log_rows - *erased, 0);
  }
  if (flushed_ > 0 || has_held_) {
    if (auto dropped = store_.drop_tail(head.last_seq); !dropped) return dropped;
  }
  if (auto put = store_head(head); !put) return put;
  drop_folded(count);
  // Every event is counted in already: only what the fold itself has changed is new.
  live_.generation = head.generation;
  live_.last_seq = head.last_seq;
  live_.evictions = head.evictions;
  live_.log_rows -= counted.log_rows - head.log_rows;
  live_.log_bytes -= counted.log_bytes - head.log_bytes;
  live_.levels = head.levels;
  stored_ = std::move(head);
  return {};
}

void stream_state::committed() noexcept {
  is_writing_ = is_doubtful_ = has_written_ = is_newborn_ = false;
  host_.transaction_ended();
  if (is_loaded_ && !is_stale_) clock_->saw(host_.last_now(), live_.events);
}

void stream_state::reconnected() noexcept {
  may_be_gone = false;
  has_written_ = true;
  if (has_pending()) {
    is_stale_ = true;
  } else {
    forget_memory();
  }
}

void stream_state::rolled_back() noexcept {
  may_be_gone = true;
  new_keys_.clear();
  keys_ = {};
  if (has_written_) {
    forget_memory();
  } else if (is_loaded_ && !is_stale_) {
    events_.truncate(flushed_);
    ++events_epoch_;
    next_seq_ -= next_seq_ - 1 - (events_.empty() ? stored_.last_seq : events_[flushed_ - 1].seq);
    recount();
  }
}

void stream_state::forget_memory() noexcept {
  windows_.clear();
  answers_.clear();
  drop_events();
  keys_ = {};
  is_loaded_ = false;
  is_stale_ = true;
}

stream::window_source stream_state::source() noexcept {
  return {levels_, seed_, stored_, panes_, events_, events_epoch_};
}

result<stream::window_sum const*> stream_state::sum_of(stream::time_span span,
                                                       std::optional<item> const& partition) {
  auto const same = [&](stream::window_cache const& cache) {
    return cache.partition() == partition;
  };
  // Windows of one partition differ in length: the same one moves on cheaply, another merges anew.
  auto at = std::find_if(windows_.begin(), windows_.end(), [&](stream::window_cache const& cache) {
    return same(cache) && cache.length() == span.until - span.since;
  });
  // Out of reach while it is filled: a read that fails may roll back the host's transaction, and
  // with it all that is in windows_.
  std::list<stream::window_cache> mine;
  if (at == windows_.end()) {
    mine.emplace_front(partition);
  } else {
    mine.splice(mine.begin(), windows_, at);
  }
  auto sum = mine.front().sum_of(source(), span);
  if (!sum) return sum;
  windows_.splice(windows_.begin(), mine);
  if (windows_.size() > kept_windows) windows_.pop_back();
  return sum;
}

std::shared_ptr<std::vector<stream::ranked_item> const> stream_state::kept_top(
    stream::time_span span, std::optional<item> const& partition, std::size_t k,
    stream::window_sum const& sum) {
  answers_.remove_if([&](kept_answer const& kept) {
    return kept.generation != stored_.generation || kept.events_epoch != events_epoch_ ||
           kept.events != events_.size();
  });
  for (auto const& kept : answers_) {
    if (kept.span == span && kept.k == k && kept.partition == partition) return kept.rows;
  }
  auto rows = std::make_shared<std::vector<stream::ranked_item> const>(sum.top(k));
  answers_.push_front(
      {span, partition, k, stored_.generation, events_epoch_, events_.size(), rows});
  if (answers_.size() > kept_windows) answers_.pop_back();
  return rows;
}

std::size_t stream_state::memory_bytes() const noexcept {
  std::size_t bytes =
      sizeof(*this) + sizeof(*clock_) + events_.memory_bytes() + keys_.hashes.size() * 32;
  for (auto const& window : windows_) bytes += window.memory_bytes();
  return bytes;
}

}  // namespace topk::engine
