#include "workload.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "measure.hpp"

namespace topk::bench {

std::int64_t zipf_rank(double uniform, double skew, std::int64_t distinct) {
  auto const n = static_cast<double>(distinct);
  if (skew == 0) return static_cast<std::int64_t>(uniform * n);
  double const rank =
      std::abs(skew - 1.0) < 1e-9
          ? std::pow(n, uniform)
          : std::pow((std::pow(n, 1.0 - skew) - 1) * uniform + 1, 1.0 / (1.0 - skew));
  return static_cast<std::int64_t>(rank);
}

item_name::item_name(std::int64_t rank) noexcept {
  std::memcpy(text, "item00000000000", sizeof text);
  for (char* digit = text + item_bytes; rank > 0; rank /= 10)
    *--digit = static_cast<char>('0' + rank % 10);
}

void event_source::next() {
  double const uniform = (static_cast<double>(random_() >> 11) + 1) * 0x1p-53;
  rank_ = zipf_rank(uniform, of_.skew, of_.distinct);
  if (of_.drift != 0) rank_ = (rank_ + next_ * of_.drift / of_.events * 69'811) % of_.distinct;
  // The last event is at the end of the time, so that a window as of it holds them all.
  ++next_;
  second_ = of_.start + 1 + (next_ * of_.seconds - 1) / of_.events;
}

void make_events(connection const& db, workload const& of, std::string const& schema) {
  db.exec("CREATE TABLE " + schema + ".src(ts INTEGER, item TEXT); BEGIN");
  auto put = db.prepare("INSERT INTO " + schema + ".src VALUES(?1, ?2)");
  std::int64_t made = 0;
  for (event_source from(of); !from.is_at_end();) {
    from.next();
    item_name const item(from.rank());
    put.bind(1, from.second()).bind(2, item.text, item_bytes);
    put.run();
    if (++made % 100'000 == 0)
      say_progress("making events: " + std::to_string(made) + " of " + std::to_string(of.events));
  }
  db.exec("COMMIT");
}

event_list::event_list(workload const& of) {
  items_.reserve(static_cast<std::size_t>(of.events) * item_bytes);
  seconds_.reserve(static_cast<std::size_t>(of.events));
  for (event_source from(of); !from.is_at_end();) {
    from.next();
    item_name const item(from.rank());
    items_.insert(items_.end(), item.text, item.text + item_bytes);
    seconds_.push_back(from.second());
  }
}

// A line of names, then ts and item.
bool each_recorded(std::string const& name,
                   std::function<void(std::int64_t, std::string const&)> const& visit) {
  char const* const folder = std::getenv("TOPK_SHARED_DATA");
  auto const file =
      std::string(folder == nullptr ? TOPK_SHARED_DATA_PATH : folder) + "/" + name + ".tsv.gz";
  if (access(file.c_str(), R_OK) != 0) return false;
  std::FILE* const pipe = popen(("gzip -dc '" + file + "'").c_str(), "r");
  if (pipe == nullptr) give_up("gzip does not run");
  char line[4096];
  for (bool is_header = true; std::fgets(line, sizeof line, pipe) != nullptr; is_header = false) {
    std::string const text(line);
    auto const tab = text.find('\t');
    if (is_header || tab == std::string::npos) continue;
    visit(std::atoll(line), text.substr(tab + 1, text.find_last_not_of("\r\n") - tab));
  }
  pclose(pipe);
  return true;
}

}  // namespace topk::bench
