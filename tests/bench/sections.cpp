#include "sections.hpp"

#include <memory>

namespace topk::bench {

contestant asking(connection const& db, std::string const& name, std::string const& sql,
                  int times) {
  auto const statement = std::make_shared<query>(db.get(), sql);
  return {name,
          {},
          [statement, times] {
            for (int i = 0; i < times; ++i) statement->run();
          },
          static_cast<double>(times)};
}

std::vector<double> each_cost(int times, std::function<void()> const& before,
                              std::function<void()> const& timed) {
  std::vector<double> costs;
  costs.reserve(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    before();
    double const start = cpu_seconds();
    timed();
    costs.push_back(cpu_seconds() - start);
  }
  return costs;
}

double stream_bytes(connection const& db, std::string const& stream) {
  double bytes = 0;
  for (char const* const suffix : {"_pane", "_part", "_tail", "_config"})
    bytes += table_bytes(db, stream + suffix);
  std::string const keys = stream + "_keys";  // only where there are partitions
  bool const is_parted =
      db.number("SELECT count(*) FROM sqlite_schema WHERE name = '" + keys + "'") > 0;
  if (is_parted) bytes += table_bytes(db, keys);
  return bytes;
}
double table_bytes(connection const& db, std::string const& table) {
  double const bytes = db.number(
      "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name "
      "= '" +
      table + "')");
  if (bytes == 0) give_up("no pages of " + table);
  return bytes;
}

}  // namespace topk::bench
