#include "power_disk.hpp"

#include <algorithm>

namespace topk::test {

void disk_file::apply(std::string& to, change const& each) {
  if (each.truncates) {
    to.resize(std::min(to.size(), each.at));
    return;
  }
  if (to.size() < each.at + each.bytes.size()) to.resize(each.at + each.bytes.size());
  to.replace(each.at, each.bytes.size(), each.bytes);
}

void disk_file::apply_by_chance(std::string& to, change const& each, random_source& random) {
  if (each.truncates) {
    if (random.percent(50)) apply(to, each);
    return;
  }
  std::size_t const end = each.at + each.bytes.size();
  // The size may be on the disk without what was to fill it.
  if (to.size() < end && random.percent(30)) to.resize(end);
  for (std::size_t from = each.at; from < end;) {
    std::size_t const to_where = std::min(end, (from / sector_size + 1) * sector_size);
    std::size_t first = from;
    std::size_t last = to_where;
    std::uint64_t const fate = random.below(8);
    if (fate == 0) first = from + (to_where - from) / 2;
    if (fate == 1) last = from + (to_where - from) / 2;
    if (fate < 5) apply(to, {first, each.bytes.substr(first - each.at, last - first), false});
    from = to_where;
  }
}

void disk_file::write(std::size_t at, std::string_view bytes) {
  since_.push_back({at, std::string(bytes), false});
  apply(now_, since_.back());
}

void disk_file::truncate(std::size_t size) {
  since_.push_back({size, {}, true});
  apply(now_, since_.back());
}

void disk_file::sync() {
  for (change const& each : since_) apply(synced_, each);
  since_.clear();
}

std::shared_ptr<disk_file> disk_file::after_cut(cut how, random_source& random) const {
  auto left = std::make_shared<disk_file>();
  left->now_ = how == cut::all ? now_ : synced_;
  if (how == cut::chance) {
    for (change const& each : since_) apply_by_chance(left->now_, each, random);
  }
  left->synced_ = left->now_;
  return left;
}

std::shared_ptr<disk_file> power_disk::find(std::string const& name) const {
  auto const at = now_.find(name);
  return at == now_.end() ? nullptr : at->second;
}

std::shared_ptr<disk_file> power_disk::make(std::string const& name) {
  auto& file = now_[name];
  file = std::make_shared<disk_file>();
  auto made = file;
  since_.push_back(now_);
  return made;
}

void power_disk::remove(std::string const& name) {
  if (now_.erase(name) > 0) since_.push_back(now_);
}

void power_disk::sync_directory() {
  synced_ = now_;
  since_.clear();
}

void power_disk::settle() {
  for (auto const& [name, file] : now_) file->sync();
  sync_directory();
}

power_disk power_disk::after_cut(disk_file::cut how, random_source& random) const {
  names const* kept = how == disk_file::cut::all ? &now_ : &synced_;
  if (how == disk_file::cut::chance && !since_.empty()) {
    auto const changes = random.below(since_.size() + 1);
    if (changes > 0) kept = &since_[static_cast<std::size_t>(changes - 1)];
  }
  power_disk left;
  for (auto const& [name, file] : *kept) left.now_[name] = file->after_cut(how, random);
  left.synced_ = left.now_;
  return left;
}

}  // namespace topk::test
