// A year of events in one INSERT .. SELECT, compared with the same events in one day.
#include <optional>

#include "sections.hpp"

namespace topk::bench {

void measure_history(settings const& how, report& into) {
  into.heading("History");
  work_folder const folder;
  make_events(connection(folder.file("day.db"), how.with), {.events = how.fewer_events});
  make_events(connection(folder.file("year.db"), how.with),
              {.events = how.fewer_events, .seconds = 365 * day});
  std::optional<connection> db;
  auto const load = [&](std::string const& options, std::string const& from) {
    return contestant{from + ", " + options,
                      [&, options, from] {
                        db.reset();
                        folder.remove("into.db");
                        db.emplace(folder.file("into.db"), how.with);
                        db->exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options +
                                 "); ATTACH '" + folder.file(from + ".db") + "' AS source");
                      },
                      [&] { db->exec("INSERT INTO s(item, ts) SELECT item, ts FROM source.src"); },
                      static_cast<double>(how.fewer_events)};
  };
  auto const cost = duel({load("log=off", "year"), load("log=off", "day"), load("log=on", "year"),
                          load("log=on", "day")},
                         how.rounds, 0);
  into.row(ratio_figure("one year of events in one INSERT .. SELECT, log=off, a row",
                        "the same events in one day", cost, 0, 1, 1.3));
  into.row(ratio_figure("one year of events in one INSERT .. SELECT, log=on, a row",
                        "the same events in one day", cost, 2, 3, 1.3));
}

}  // namespace topk::bench
