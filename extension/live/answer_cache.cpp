// Two lists, most recently used first, with one clock of uses between them:
//
//   windows   [12h, all] [1h, all] [1h, 'de'] [24h, all]     found by length and partition: the
//   used           9          8         6          2         window of now is that of a second
//                                                            ago, moved on
//   answers   [12h, k=10] [1h, k=5]                          found by span, partition and k, and
//   used           9          7                              gone as soon as an event comes
//
// One budget is charged for all of it, and for windows while they are merged. Where it has no room,
// what was used longest ago goes, of either list. A window in use is in neither list and stays.
//
//   window kept               moved on, and ranked
//   fits                      merged, kept, ranked
//   does not fit by itself    answered by slices (stream/window_slices.hpp), which need less memory
//                             and more time, and give the same rows; nothing is kept but the rows
//
// So what is kept never changes an answer.
#include "live/answer_cache.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/hash.hpp"

namespace topk::live {
namespace {

using stream::time_span;
using stream::window_source;
using stream::window_sum;

constexpr std::size_t most_misfits = 32;
// Items that a series is read for in addition to the one asked for.
constexpr std::size_t most_shown = 100;
// A window that did not fit is tried again after so many folds: it may have become smaller.
constexpr std::uint64_t retried_after = 16;
// What a list and its index take for one entry, besides what is in it.
constexpr std::size_t place_bytes = 128;

std::uint64_t mixed(std::uint64_t into, std::uint64_t value) noexcept {
  into = (into ^ value) * 0x9E3779B97F4A7C15u;
  return into ^ into >> 32;
}

std::uint64_t key_of(std::int64_t length, std::optional<item> const& partition) noexcept {
  std::uint64_t const of_partition = partition ? hash_item(partition->view(), 1) : 0;
  return mixed(mixed(0, of_partition), static_cast<std::uint64_t>(length));
}

// A baseline moves on together with its window, and may have the same length.
std::uint64_t baseline_key(time_span baseline, std::optional<item> const& partition) noexcept {
  return mixed(key_of(baseline.until - baseline.since, partition), 1);
}

std::size_t heap_bytes(std::optional<item> const& partition) noexcept {
  return partition ? partition->heap_bytes() : 0;
}

std::size_t bytes_of(std::vector<stream::ranked_item> const& rows) noexcept {
  std::size_t bytes = heap_bytes_of(sizeof(std::vector<stream::ranked_item>) + 16) +
                      heap_bytes_of(rows.capacity() * sizeof(stream::ranked_item));
  for (auto const& row : rows) bytes += row.key.heap_bytes();
  return bytes;
}

}  // namespace

// Takes the window out of its list while it is moved and asked: making room must not take it, and a
// read that fails may roll back the host's transaction, and with it all that is in the lists.
class answer_cache::use {
 public:
  use(answer_cache& of, window_source const& source, time_span span,
      std::optional<item> const& partition)
      : use(of, source, span, partition, key_of(span.until - span.since, partition)) {}
  use(answer_cache& of, window_source const& source, time_span span,
      std::optional<item> const& partition, std::uint64_t key)
      : of_(of), key_(key) {
    auto const* const known = of_.misfit_of(key_);
    std::size_t const expected = known == nullptr ? 0 : known->items + known->items / 32;
    bool const is_hopeless = known != nullptr && expected == 0 &&
                             source.head.generation - known->generation < retried_after;
    if (is_hopeless) return;
    auto const at = of_.windows_by_key_.find(key_);
    if (at == of_.windows_by_key_.end()) {
      make(partition);
      if (!mine_.empty()) mine_.front().window.expect(expected);
      return;
    }
    mine_.splice(mine_.begin(), of_.windows_, at->second);
    of_.windows_by_key_.erase(at);
    auto const& found = mine_.front().window;
    bool const is_it = found.length() == span.until - span.since && found.partition() == partition;
    if (is_it) return;
    mine_.clear();  // two keys that are equal by chance: one of them is kept
    make(partition);
  }
  use(use const&) = delete;
  use& operator=(use const&) = delete;

  // Null: it is to be answered by slices.
  result<window_sum const*> sum(window_source const& source, time_span span) {
    if (mine_.empty()) return static_cast<window_sum const*>(nullptr);
    TOPK_ASSIGN(auto const* const sum, mine_.front().window.sum_of(source, span));
    if (sum == nullptr) {
      mine_.clear();
      of_.note_misfit(key_, source.head.generation, 1);
    }
    return sum;
  }
  // Puts it back, as the one used last.
  void keep() {
    if (mine_.empty()) return;
    mine_.front().used = ++of_.uses_;
    of_.windows_by_key_[key_] = mine_.begin();
    of_.windows_.splice(of_.windows_.begin(), mine_);
  }

 private:
  void make(std::optional<item> const& partition) {
    std::size_t const bytes =
        heap_bytes_of(sizeof(kept_window)) + heap_bytes(partition) + place_bytes;
    mine_.emplace_front(partition, key_, of_.budget_);
    try {
      mine_.front().charge.add(bytes);
    } catch (over_budget const&) {
      mine_.clear();
    }
  }

  answer_cache& of_;
  std::uint64_t key_;
  window_list mine_;
};

answer_cache::answer_cache(std::size_t limit) noexcept : budget_(limit) {
  budget_.reclaim_with(
      [](void* of) noexcept { return static_cast<answer_cache*>(of)->give_up_oldest(); }, this);
}

result<fast_answer> answer_cache::top(window_source const& source, time_span span,
                                      std::optional<item> const& partition, std::size_t k) {
  follow(source);
  auto const key = mixed(
      mixed(key_of(span.until - span.since, partition), static_cast<std::uint64_t>(span.until)), k);
  if (auto* const kept = find_answer(key, span, partition, k)) return kept->given;
  fast_answer given;
  {
    use window(*this, source, span, partition);
    TOPK_ASSIGN(auto const* const sum, window.sum(source, span));
    if (sum != nullptr) {
      given.rows = std::make_shared<std::vector<stream::ranked_item> const>(sum->top(k));
      given.total = sum->total();
      window.keep();
    }
  }
  if (given.rows == nullptr) {
    auto const window_key = key_of(span.until - span.since, partition);
    auto const* const known = misfit_of(window_key);
    unsigned halvings = known == nullptr ? 1 : known->halvings;
    TOPK_ASSIGN(auto found, slices(source, span, partition, k, halvings));
    given.rows = std::make_shared<std::vector<stream::ranked_item> const>(std::move(found.rows));
    given.total = found.total;
    if (auto* const noted = misfit_of(window_key)) {
      noted->halvings = halvings;
      // If it was tried at its size, it is too large; else it is worth a try.
      bool const was_tried = std::exchange(noted->items, 0) > 0;
      bool const may_fit = found.items < budget_.limit() / sizeof(stream::panes_sum::held) / 3;
      if (!was_tried && may_fit) noted->items = found.items;
    }
  }
  keep_answer(key, span, partition, k, given);
  return given;
}

result<stream::ranked_item> answer_cache::estimate(window_source const& source, time_span span,
                                                   std::optional<item> const& partition,
                                                   item_view const& item, std::uint64_t hash) {
  use window(*this, source, span, partition);
  TOPK_ASSIGN(auto const* const sum, window.sum(source, span));
  if (sum == nullptr) return stream::estimate_alone(source, span, partition, item, hash);
  auto row = sum->estimate(item, hash);
  window.keep();
  return row;
}

result<sketch::bounds> answer_cache::total(window_source const& source, time_span span,
                                           std::optional<item> const& partition) {
  use window(*this, source, span, partition);
  TOPK_ASSIGN(auto const* const sum, window.sum(source, span));
  if (sum == nullptr) return stream::total_alone(source, span, partition);
  auto const total = sum->total();
  window.keep();
  return total;
}

result<std::optional<std::vector<std::byte>>> answer_cache::state(
    window_source const& source, time_span span, std::optional<item> const& partition,
    stream::state_form const& form) {
  use window(*this, source, span, partition);
  TOPK_ASSIGN(auto const* const sum, window.sum(source, span));
  if (sum != nullptr) {
    try {
      auto body = stream::state_of(*sum, form, budget_);
      window.keep();
      return body;
    } catch (over_budget const&) {
    }
    window.keep();
  }
  auto part = part_of(budget_, 4);
  return stream::state_by_slices(source, span, partition, form, part);
}

result<trend::trend_answer> answer_cache::trend(trend::trend_form const& form,
                                                window_source const& source, time_span span,
                                                time_span baseline,
                                                std::optional<item> const& partition) {
  follow(source);
  bool const has_baseline = baseline.since < baseline.until;
  std::optional<trend::trend_answer> given;
  {
    window_sum const nothing;
    use window(*this, source, span, partition);
    TOPK_ASSIGN(auto const* const sum, window.sum(source, span));
    if (sum != nullptr && !has_baseline) given = rank_trend(form, *sum, nothing);
    if (sum != nullptr && has_baseline) {
      use before(*this, source, baseline, partition, baseline_key(baseline, partition));
      TOPK_ASSIGN(auto const* const other, before.sum(source, baseline));
      if (other != nullptr) given = rank_trend(form, *sum, *other);
      before.keep();
    }
    window.keep();
  }
  if (given) return *std::move(given);
  return trend_slices(form, {source, span}, {source, baseline}, partition);
}

// As the slices of one window; how narrow they had to be is noted for the two together.
result<trend::trend_answer> answer_cache::trend_slices(trend::trend_form const& form,
                                                       trend::trend_window const& window,
                                                       trend::trend_window const& baseline,
                                                       std::optional<item> const& partition) {
  auto const& span = window.span;
  auto const key =
      mixed(key_of(span.until - span.since, partition), baseline_key(baseline.span, partition));
  note_misfit(key, window.source.head.generation, 1);
  auto const* const known = misfit_of(key);
  unsigned halvings = known == nullptr ? 1 : known->halvings;
  auto part = part_of(budget_, 4);
  auto given = trend::trend_by_slices(form, window, baseline, partition, part, halvings);
  if (auto* const noted = misfit_of(key)) noted->halvings = halvings;
  return given;
}

status answer_cache::add_panes(window_source const& source, std::optional<item> const& partition,
                               item_view const* wanted, stream::series_sum& into) {
  follow(source);
  series_used_ = ++uses_;
  bool const reads = !series_.has(source, into.steps(), partition, wanted);
  return series_.add_panes(source, partition, wanted,
                           reads ? shown_of_late(partition) : std::vector<item>{}, into);
}

// The items of kept answers, those used last first.
std::vector<item> answer_cache::shown_of_late(std::optional<item> const& partition) const {
  std::vector<item> out;
  for (auto const& answer : answers_) {
    if (answer.partition != partition) continue;
    for (auto const& row : *answer.given.rows) {
      if (out.size() == most_shown) return out;
      out.push_back(row.key);
    }
  }
  return out;
}

result<answer_quality> answer_cache::quality(window_source const& source, time_span span,
                                             std::size_t k, std::size_t item_bytes) {
  stream_state const now{source.head.generation, source.events_epoch, source.events.size()};
  if (quality_ && quality_->as_of == now && quality_->span == span && quality_->k == k) {
    return quality_->given;
  }
  memory_charge rows(&budget_);
  std::size_t const row_bytes = 2 * sizeof(stream::ranked_item) + heap_bytes_of(item_bytes);
  try {
    rows.add(std::min(k * row_bytes, budget_.limit() / 2));
  } catch (over_budget const&) {  // a window in use takes more, which is accepted
  }
  unsigned halvings = 0;
  TOPK_ASSIGN(auto const found, slices(source, span, std::nullopt, k, halvings));
  answer_quality given{.max_error = found.unknown_upper};
  std::int64_t proven = 0;
  for (auto const& row : found.rows) {
    given.max_error = std::max(given.max_error, row.upper - row.lower);
    proven += row.is_proven ? 1 : 0;
  }
  if (!found.rows.empty()) {
    given.proven_share = static_cast<double>(proven) / static_cast<double>(found.rows.size());
  }
  quality_ = {now, span, k, given};
  return given;
}

// In the room that is free, or in a quarter of all: then the windows used last stay.
result<stream::window_answer> answer_cache::slices(window_source const& source, time_span span,
                                                   std::optional<item> const& partition,
                                                   std::size_t k, unsigned& halvings) {
  auto part = part_of(budget_, 4);
  return stream::top_by_slices(source, span, partition, k, part, halvings);
}

// Answers hold as long as panes and events are those they were computed from.
void answer_cache::follow(window_source const& source) noexcept {
  stream_state const now{source.head.generation, source.events_epoch, source.events.size()};
  if (now == answers_as_of_) return;
  answers_as_of_ = now;
  answers_by_key_.clear();
  answers_.clear();
}

answer_cache::kept_answer* answer_cache::find_answer(std::uint64_t key, time_span span,
                                                     std::optional<item> const& partition,
                                                     std::size_t k) noexcept {
  auto const at = answers_by_key_.find(key);
  if (at == answers_by_key_.end()) return nullptr;
  auto& kept = *at->second;
  if (kept.span != span || kept.k != k || kept.partition != partition) return nullptr;
  kept.used = ++uses_;
  answers_.splice(answers_.begin(), answers_, at->second);
  return &kept;
}

// Not where it takes more than a quarter of the budget: windows serve more questions.
void answer_cache::keep_answer(std::uint64_t key, time_span span,
                               std::optional<item> const& partition, std::size_t k,
                               fast_answer const& given) {
  std::size_t const bytes = heap_bytes_of(sizeof(kept_answer)) + heap_bytes(partition) +
                            place_bytes + bytes_of(*given.rows);
  if (bytes > budget_.limit() / 4) return;
  memory_charge charge(&budget_);
  try {
    charge.add(bytes);
  } catch (over_budget const&) {
    return;
  }
  if (auto const at = answers_by_key_.find(key); at != answers_by_key_.end()) {
    forget_answer(at->second);
  }
  answers_.push_front({.charge = std::move(charge),
                       .key = key,
                       .span = span,
                       .partition = partition,
                       .k = k,
                       .given = given,
                       .used = ++uses_});
  try {
    answers_by_key_[key] = answers_.begin();
  } catch (...) {
    answers_.pop_front();
    throw;
  }
}

void answer_cache::set_limit(std::size_t bytes) noexcept {
  budget_.set_limit(bytes);
  while (budget_.used() > bytes && give_up_oldest()) {
  }
}

answer_cache::misfit* answer_cache::misfit_of(std::uint64_t key) noexcept {
  auto const at = std::find_if(misfits_.begin(), misfits_.end(),
                               [&](misfit const& one) { return one.key == key; });
  return at == misfits_.end() ? nullptr : &*at;
}

// In place of the one noted longest ago, where there are many.
void answer_cache::note_misfit(std::uint64_t key, std::uint64_t generation,
                               unsigned halvings) noexcept {
  if (auto* const known = misfit_of(key)) {
    known->generation = generation;
    return;
  }
  try {
    misfits_.reserve(most_misfits);
  } catch (...) {  // noting it saves time only
    return;
  }
  if (misfits_.size() == most_misfits) misfits_.erase(misfits_.begin());
  misfits_.push_back({key, generation, halvings});
}

bool answer_cache::give_up_oldest() noexcept {
  auto const used_first = [](auto const& list) {
    return list.empty() ? std::numeric_limits<std::uint64_t>::max() : list.back().used;
  };
  if (!series_.is_empty() && series_used_ < std::min(used_first(windows_), used_first(answers_))) {
    series_.clear();
    return true;
  }
  if (windows_.empty() && answers_.empty()) return false;
  if (answers_.empty() || (!windows_.empty() && windows_.back().used < answers_.back().used)) {
    forget_window(std::prev(windows_.end()));
  } else {
    forget_answer(std::prev(answers_.end()));
  }
  return true;
}

void answer_cache::forget_window(window_list::iterator at) noexcept {
  windows_by_key_.erase(at->key);
  windows_.erase(at);
}

void answer_cache::forget_answer(answer_list::iterator at) noexcept {
  answers_by_key_.erase(at->key);
  answers_.erase(at);
}

void answer_cache::clear() noexcept {
  windows_by_key_.clear();
  windows_.clear();
  answers_by_key_.clear();
  answers_.clear();
  quality_.reset();
  series_.clear();
  try {
    windows_by_key_.rehash(0);
    answers_by_key_.rehash(0);
  } catch (...) {  // the places of an index that is empty stay
  }
}

}  // namespace topk::live
