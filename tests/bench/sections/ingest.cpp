// Events in, many in a transaction: INSERT .. SELECT and prepared INSERTs, compared with tables
// that take the same rows and do nothing, keep them, or count them.
#include <optional>

#include "sections.hpp"

namespace topk::bench {
namespace {

char const* const upsert = "ON CONFLICT DO UPDATE SET n = n + 1";

std::vector<destination> const all_destinations = {
    {"empty virtual table", "", "INSERT INTO empty_vtab(item, ts) SELECT item, ts FROM source.src",
     "INSERT INTO empty_vtab(item, ts) VALUES (?1, ?2)"},
    {"stream, log=off", "CREATE VIRTUAL TABLE s USING topk_stream(log=off)",
     "INSERT INTO s(item, ts) SELECT item, ts FROM source.src",
     "INSERT INTO s(item, ts) VALUES (?1, ?2)"},
    {"plain table", "CREATE TABLE plain(item, ts, weight, partition)",
     "INSERT INTO plain(item, ts) SELECT item, ts FROM source.src",
     "INSERT INTO plain(item, ts) VALUES (?1, ?2)"},
    {"stream, log=on", "CREATE VIRTUAL TABLE s USING topk_stream()",
     "INSERT INTO s(item, ts) SELECT item, ts FROM source.src",
     "INSERT INTO s(item, ts) VALUES (?1, ?2)"},
    {"per-minute counter upsert",
     "CREATE TABLE counter(minute INTEGER, item TEXT, n INTEGER, PRIMARY KEY(minute, item)) "
     "WITHOUT ROWID",
     std::string("INSERT INTO counter SELECT ts / 60, item, 1 FROM source.src WHERE true ") +
         upsert,
     std::string("INSERT INTO counter VALUES (?2 / 60, ?1, 1) ") + upsert},
    {"per-minute counters, grouped first",
     "CREATE TABLE counter(minute INTEGER, item TEXT, n INTEGER, PRIMARY KEY(minute, item)) "
     "WITHOUT ROWID",
     "INSERT INTO counter SELECT ts / 60, item, count(*) FROM source.src GROUP BY 1, 2", ""},
};

class fresh_file {
 public:
  fresh_file(settings const& how, work_folder const& folder, std::string const& source)
      : how_(how), folder_(folder), source_(source) {}
  void renew(std::string const& schema) {
    db_.reset();
    folder_.remove("into.db");
    db_.emplace(folder_.file("into.db"), how_.with);
    db_->exec(schema);
    if (!source_.empty()) db_->exec("ATTACH '" + folder_.file(source_) + "' AS source");
  }
  [[nodiscard]] connection const& db() const { return *db_; }

 private:
  settings const& how_;
  work_folder const& folder_;
  std::string source_;
  std::optional<connection> db_;
};

void show(report& into, outcome const& cost, std::size_t count) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back({destinations()[i].name, as_time(cost.cost(i)), as_ratio(cost.ratio(i, empty)),
                    as_ratio(cost.ratio(i, plain))});
  }
  into.table({"a row into", "CPU time", "of the empty virtual table", "of the plain table"}, rows);
}

// What one INSERT .. SELECT of all events writes to the write-ahead log.
double wal_bytes(settings const& how, work_folder const& folder, destination const& of) {
  fresh_file file(how, folder, "source.db");
  file.renew(of.schema);
  file.db().exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0");
  file.db().exec(of.bulk);
  return static_cast<double>(folder.bytes("into.db-wal"));
}

}  // namespace

std::vector<destination> const& destinations() { return all_destinations; }

void insert_all(connection const& db, std::string const& sql, event_list const& events) {
  db.exec("BEGIN");
  {
    auto put = db.prepare(sql);
    for (std::size_t i = 0; i < events.size(); ++i) {
      put.bind(1, events.item(i), item_bytes).bind(2, events.second(i));
      put.run();
    }
  }
  db.exec("COMMIT");
}

void measure_ingest(settings const& how, report& into) {
  into.heading("Ingest: many events in a transaction");
  work_folder const folder;
  workload const of{.events = how.events};
  make_events(connection(folder.file("source.db"), how.with), of);
  auto const rows = static_cast<double>(how.events);
  fresh_file bulk_file(how, folder, "source.db");
  std::vector<contestant> bulk, single;
  for (auto const& one : destinations()) {
    bulk.push_back({"INSERT .. SELECT, " + one.name, [&] { bulk_file.renew(one.schema); },
                    [&] { bulk_file.db().exec(one.bulk); }, rows});
  }
  auto const all = duel(bulk, how.rounds, 0);
  into.row(ratio_figure("INSERT INTO s SELECT, log=off, a row", "empty virtual table", all, off,
                        empty, 2.2));
  into.row(ratio_figure("INSERT INTO s SELECT, log=on, a row", "plain table, same columns", all, on,
                        plain, 1.1));
  into.row(gain_figure("INSERT INTO s SELECT, log=off, a row", "per-minute counter upsert", all,
                       off, counter, 4));
  into.row(plain_figure("INSERT INTO s SELECT, log=off, a row",
                        "per-minute counters, GROUP BY first", all, off, grouped));
  show(into, all, destinations().size());
  double const wal = wal_bytes(how, folder, destinations()[on]) / rows;
  double const plain_wal = wal_bytes(how, folder, destinations()[plain]) / rows;
  into.row({"WAL bytes of INSERT INTO s SELECT, log=on, a row", "plain table, same columns",
            as_bytes(wal), as_bytes(plain_wal), wal, as_ratio(wal / plain_wal),
            target{20, true, "20 B"}});

  event_list const events(of);
  fresh_file single_file(how, folder, "");
  for (auto const& one : destinations()) {
    if (one.single.empty()) continue;
    single.push_back({"prepared INSERT, " + one.name, [&] { single_file.renew(one.schema); },
                      [&] { insert_all(single_file.db(), one.single, events); }, rows});
  }
  auto const each = duel(single, how.rounds, 0);
  into.row(ratio_figure("prepared INSERT an event, one transaction, log=off", "empty virtual table",
                        each, off, empty, 1.6));
  into.row(ratio_figure("prepared INSERT an event, one transaction, log=on",
                        "plain table, same columns", each, on, plain, 0.7));
  into.row(gain_figure("prepared INSERT an event, one transaction, log=off",
                       "per-minute counter upsert", each, off, counter, 2.5));
  show(into, each, single.size());
}

}  // namespace topk::bench
