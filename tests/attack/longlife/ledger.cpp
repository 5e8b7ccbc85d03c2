#include "ledger.hpp"

#include <algorithm>
#include <utility>

namespace topk::test {

window_tally::window_tally(std::vector<counted> sums) : sums_(std::move(sums)) {
  std::sort(sums_.begin(), sums_.end(),
            [](counted const& a, counted const& b) { return a.item < b.item; });
  std::size_t used = 0;
  for (std::size_t at = 0; at < sums_.size(); ++at) {
    total_ += sums_[at].count;
    if (used > 0 && sums_[used - 1].item == sums_[at].item) {
      sums_[used - 1].count += sums_[at].count;
    } else {
      sums_[used++] = sums_[at];
    }
  }
  sums_.resize(used);
}

std::int64_t window_tally::count(std::int64_t item) const noexcept {
  auto const at = std::lower_bound(sums_.begin(), sums_.end(), item,
                                   [](counted const& a, std::int64_t b) { return a.item < b; });
  return at == sums_.end() || at->item != item ? 0 : std::max<std::int64_t>(0, at->count);
}

std::vector<counted> window_tally::top(std::size_t k) const {
  std::vector<counted> all;
  for (counted const& each : sums_) {
    if (each.count > 0) all.push_back(each);
  }
  std::sort(all.begin(), all.end(), [](counted const& a, counted const& b) {
    return a.count != b.count ? a.count > b.count : a.item < b.item;
  });
  all.resize(std::min(k, all.size()));
  return all;
}

void ledger::offer(ledger_entry const& entry, micros now) {
  if (entry.weight == 0) return;  // checked and then forgotten
  reference_ = std::max(reference_, std::min(entry.ts, now));
  if (entry.ts <= floor()) {
    ++late_;
    return;
  }
  take(entry);
}

void ledger::take(ledger_entry const& entry) {
  entries_.push_back(entry);
  ++events_;
  weight_ += entry.weight;
}

void ledger::prune(micros now) noexcept {
  if (has_begun()) reference_ = std::max(reference_, now);
}

void ledger::forget(std::int64_t item) {
  std::erase_if(entries_, [&](ledger_entry const& each) { return each.item == item; });
}

void ledger::rebuild(std::vector<ledger_entry> const& from, micros now) {
  for (ledger_entry const& each : from) reference_ = std::max(reference_, std::min(each.ts, now));
  entries_.clear();
  events_ = weight_ = 0;
  for (ledger_entry const& each : from) {
    if (each.ts > floor()) take(each);
  }
}

void ledger::rebuild_from_log(micros now) {
  drop_expired();
  rebuild(std::exchange(entries_, {}), now);
}

void ledger::rebuild_from_content(std::vector<ledger_entry> const& content, micros now) {
  late_ = 0;
  rebuild(content, now);
}

void ledger::drop_expired() {
  std::erase_if(entries_, [this](ledger_entry const& each) { return each.ts <= floor(); });
}

window_tally ledger::count(micros since, micros until, std::int64_t partition) const {
  std::vector<counted> sums;
  for (ledger_entry const& each : entries_) {
    if (each.ts <= std::max(since, floor()) || each.ts > until) continue;
    if (partition == 0 || each.partition == partition) sums.push_back({each.item, each.weight});
  }
  return window_tally(std::move(sums));
}

}  // namespace topk::test
