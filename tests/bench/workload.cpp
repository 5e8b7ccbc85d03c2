#include "workload.hpp"

#include <cmath>
#include <cstdio>
#include <random>

namespace topk::bench {

std::int64_t zipf_rank(double uniform, double skew, std::int64_t distinct) {
  auto const n = static_cast<double>(distinct);
  if (skew == 0) return static_cast<std::int64_t>(uniform * n);
  double const rank = std::abs(skew - 1.0) < 1e-9
                          ? std::pow(n, uniform)
                          : std::pow((std::pow(n, 1.0 - skew) - 1) * uniform + 1, 1.0 / (1.0 - skew));
  return static_cast<std::int64_t>(rank);
}

std::string item_name(std::int64_t rank) {
  char name[32];
  std::snprintf(name, sizeof name, "item%011lld", static_cast<long long>(rank));
  return name;
}

void make_events(connection const& db, workload const& of, std::string const& schema) {
  db.exec("CREATE TABLE " + schema + ".src(ts INTEGER, item TEXT); BEGIN");
  auto put = db.prepare("INSERT INTO " + schema + ".src VALUES(?1, ?2)");
  std::mt19937_64 random(42);
  std::string item;
  for (std::int64_t i = 0; i < of.events; ++i) {
    double const uniform = (static_cast<double>(random() >> 11) + 1) * 0x1p-53;
    std::int64_t rank = zipf_rank(uniform, of.skew, of.distinct);
    if (of.drift != 0) rank = (rank + i * of.drift / of.events * 37) % of.distinct;
    item = item_name(rank);
    put.bind(1, first_second + i * of.seconds / of.events).bind(2, item).run();
  }
  db.exec("COMMIT");
}

}  // namespace topk::bench
