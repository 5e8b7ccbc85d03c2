#include "kit/oracle.hpp"

#include <algorithm>
#include <utility>

namespace topk::test {

std::uint32_t dictionary::number_of(value const& of) {
  auto const [at, is_new] =
      numbers_.try_emplace(of.canonical(), static_cast<std::uint32_t>(values_.size()));
  if (is_new) values_.push_back(&at->first);
  return at->second;
}

std::optional<std::uint32_t> dictionary::find(value const& of) const {
  auto const at = numbers_.find(of);
  return at == numbers_.end() ? std::nullopt : std::optional(at->second);
}

tally::tally(std::shared_ptr<dictionary const> items) : items_(std::move(items)) {}

tally::tally(std::vector<row> const& sums) {
  auto items = std::make_shared<dictionary>();
  std::vector<event> events;
  for (row const& each : sums) {
    events.push_back({0, each.at(1).as_integer(), items->number_of(each.at(0))});
  }
  items_ = std::move(items);
  for (event const& each : events) add(each);
}

void tally::add(event const& each) {
  if (each.item >= sum_.size()) {
    sum_.resize(items_->size());
    has_event_.resize(items_->size());
  }
  if (!has_event_[each.item]) counted_.push_back(each.item);
  has_event_[each.item] = true;
  sum_[each.item] += each.weight;
  total_ += each.weight;
}

std::int64_t tally::count(std::uint32_t item) const noexcept {
  return item < sum_.size() ? std::max<std::int64_t>(0, sum_[item]) : 0;
}

std::int64_t tally::count(value const& item) const {
  auto const number = items_->find(item);
  return number ? count(*number) : 0;
}

std::vector<counted_item> tally::top(std::size_t k) const {
  std::vector<counted_item> all;
  for (std::uint32_t const item : counted_) {
    if (sum_[item] > 0) all.push_back({item, sum_[item]});
  }
  auto const before = [this](counted_item const& a, counted_item const& b) {
    if (a.count != b.count) return a.count > b.count;
    return (*items_)[a.item] < (*items_)[b.item];
  };
  auto const kept = std::min(k, all.size());
  auto const middle = all.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(all.begin(), middle, all.end(), before);
  all.erase(middle, all.end());
  return all;
}

bool tally::any_positive() const noexcept {
  return std::any_of(counted_.begin(), counted_.end(),
                     [this](std::uint32_t item) { return sum_[item] > 0; });
}

std::vector<row> tally::sums() const {
  std::vector<row> out;
  for (std::uint32_t const item : counted_) {
    out.push_back({(*items_)[item], value::integer(sum_[item])});
  }
  std::sort(out.begin(), out.end(), [](row const& a, row const& b) { return a[0] < b[0]; });
  return out;
}

oracle::oracle(stream_limits limits)
    : limits_(limits), items_(std::make_shared<dictionary>()),
      partitions_(std::make_shared<dictionary>()) {}

row_outcome oracle::outcome_of(offer const& given, micros now) const {
  if (given.item.is_null()) return row_outcome::null_item;
  auto const longest = static_cast<std::size_t>(limits_.max_item_bytes);
  if (!given.item.is_number() && given.item.byte_size() > longest)
    return row_outcome::item_too_long;
  if (!given.weight_readable) return row_outcome::bad_weight;
  std::int64_t const weight = given.weight.value_or(1);
  if (weight > largest_weight || weight < -largest_weight) return row_outcome::bad_weight;
  if (!given.ts_readable) return row_outcome::bad_ts;
  if (given.ts && *given.ts > now + limits_.max_skew) return row_outcome::too_far_ahead;
  return weight == 0 ? row_outcome::ignored : row_outcome::stored;
}

row_outcome oracle::accept(offer const& given, micros now) {
  row_outcome const expected = outcome_of(given, now);
  if (expected != row_outcome::stored) return expected;
  micros const whole_now = now - ((now % 1'000'000) + 1'000'000) % 1'000'000;
  micros const ts = given.ts.value_or(whole_now);
  raise(ts, now);
  if (is_expired(ts)) {
    ++life_.late;
    note_dropped(ts);
    return row_outcome::late;
  }
  store(to_event(given, ts));
  return row_outcome::stored;
}

event oracle::to_event(offer const& given, micros ts) const {
  event out{ts, given.weight.value_or(1), items_->number_of(given.item), -1};
  if (!given.partition.is_null()) {
    out.partition = static_cast<std::int32_t>(partitions_->number_of(given.partition));
  }
  return out;
}

void oracle::store(event const& each) {
  events_.push_back(each);
  if (!newest_ || each.ts >= *newest_) {
    newest_ = each.ts;
    newest_is_certain_ = true;
  }
  life_.first = life_.stored == 0 ? each.ts : std::min(life_.first, each.ts);
  life_.last = life_.stored == 0 ? each.ts : std::max(life_.last, each.ts);
  ++life_.stored;
  life_.weight += each.weight;
  if (seen_.size() < items_->size()) seen_.resize(items_->size());
  if (!seen_[each.item]) {
    seen_[each.item] = true;
    ++life_.distinct_items;
    life_.item_bytes += (*items_)[each.item].byte_size();
  }
}

void oracle::raise(micros ts, micros now) {
  micros const to = std::min(ts, now);
  if (reaches(to)) {
    reference_ = std::max(reference_.value_or(to), to);
    if (jump_ && reaches(jump_->to)) jump_.reset();
    return;
  }
  if (!own_jump_ || !jump_) own_jump_ = now;
  micros const clock = *own_jump_;
  if (!jump_ || clock < jump_->seen) {
    jump_ = {std::min(ts, clock), clock};
  } else if (clock - jump_->seen < 60'000'000) {
    jump_->to = std::max(jump_->to, std::min(ts, clock));
  } else {
    agree(std::min(ts, clock), clock);
  }
}

// A later commit says that R is at least the lesser of the two times.
void oracle::agree(micros to, micros clock) {
  micros const greater = std::max(jump_->to, to);
  reference_ = std::min(jump_->to, to);
  jump_.reset();
  if (reaches(greater)) {
    reference_ = greater;
  } else {
    jump_ = {greater, clock};
  }
}

void oracle::recount(micros now) {
  std::optional<micros> near;
  std::optional<micros> all;
  for (event const& each : events_) {
    if (is_expired(each.ts) || each.ts > now + limits_.max_skew) continue;
    micros const to = std::min(each.ts, now);
    all = std::max(all.value_or(to), to);
    if (reaches(to)) near = std::max(near.value_or(to), to);
  }
  bool const waits = jump_ && near;
  micros const seen = waits ? jump_->seen : 0;
  std::vector<event> const there = events_;
  if (!all && !there.empty()) all = now;
  refill(there, waits ? near : all);
  if (waits && !reaches(*all)) jump_ = {*all, seen};
}

void oracle::has_come(micros ts) {
  if (reaches(ts)) reference_ = std::max(reference_.value_or(ts), ts);
  if (!newest_ || ts > *newest_) {
    newest_ = ts;
    newest_is_certain_ = true;
  }
}

void oracle::expect(offer const& given) {
  life_.is_whole = false;
  life_.first = life_.stored == 0 ? *given.ts : std::min(life_.first, *given.ts);
  life_.last = life_.stored == 0 ? *given.ts : std::max(life_.last, *given.ts);
  event const each = to_event(given, *given.ts);
  if (seen_.size() < items_->size()) seen_.resize(items_->size());
  ++life_.stored;
  if (seen_[each.item]) return;
  seen_[each.item] = true;
  ++life_.distinct_items;
  life_.item_bytes += (*items_)[each.item].byte_size();
}

void oracle::forget(value const& item) {
  auto const number = items_->find(item);
  if (!number) return;
  life_.is_whole = false;
  for (event const& each : events_) {
    if (each.item == *number && each.ts == newest_) newest_is_certain_ = false;
  }
  std::erase_if(events_, [&](event const& each) { return each.item == *number; });
}

void oracle::clear() {
  events_.clear();
  reference_.reset();
  jump_.reset();
  newest_.reset();
  newest_is_certain_ = true;
  newest_dropped_.reset();
  life_ = {};
  seen_.clear();
}

void oracle::refill(std::vector<event> const& with, std::optional<micros> reference) {
  std::optional<micros> const newest = newest_;
  std::int64_t const late = life_.late;
  auto const dropped = newest_dropped();
  clear();
  reference_ = reference;
  // A watermark that falls back takes in again what is there, and what is not was never there.
  if (dropped && reference) newest_dropped_ = std::min(*dropped, floor());
  life_.late = late;
  for (event const& each : with) {
    is_expired(each.ts) ? note_dropped(each.ts) : store(each);
  }
  if (!newest || (newest_ && *newest_ >= *newest)) return;
  newest_ = newest;
  newest_is_certain_ = false;
}

void oracle::note_dropped(micros ts) {
  newest_dropped_ = std::max(newest_dropped_.value_or(ts), ts);
}

std::optional<micros> oracle::newest_dropped() const {
  std::optional<micros> newest = newest_dropped_;
  for (event const& each : events_) {
    if (is_expired(each.ts)) newest = std::max(newest.value_or(each.ts), each.ts);
  }
  return newest;
}

void oracle::compact() {
  if (!reference_) return;
  newest_dropped_ = newest_dropped();
  std::erase_if(events_, [this](event const& each) { return is_expired(each.ts); });
}

void oracle::renumber() {
  auto const old_items = std::exchange(items_, std::make_shared<dictionary>());
  auto const old_partitions = std::exchange(partitions_, std::make_shared<dictionary>());
  for (event& each : events_) {
    each.item = items_->number_of((*old_items)[each.item]);
    if (each.partition < 0) continue;
    value const& partition = (*old_partitions)[static_cast<std::uint32_t>(each.partition)];
    each.partition = static_cast<std::int32_t>(partitions_->number_of(partition));
  }
  seen_.assign(items_->size(), true);
  life_.distinct_items = items_->size();
  life_.item_bytes = 0;
  for (std::uint32_t item = 0; item < items_->size(); ++item) {
    life_.item_bytes += (*items_)[item].byte_size();
  }
}

tally oracle::count(micros since, micros until, value const& partition) const {
  tally out(items_);
  std::optional<std::int32_t> wanted;
  if (partition == without_partition) {
    wanted = -1;
  } else if (!partition.is_null()) {
    auto const number = partitions_->find(partition);
    if (!number) return out;
    wanted = static_cast<std::int32_t>(*number);
  }
  for (event const& each : events_) {
    if (each.ts <= since || each.ts > until || is_expired(each.ts)) continue;
    if (!wanted || each.partition == *wanted) out.add(each);
  }
  return out;
}

}  // namespace topk::test
