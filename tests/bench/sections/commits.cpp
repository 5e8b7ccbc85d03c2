// Events in, each in a transaction of its own, and what a commit a second writes to the WAL.
#include <memory>

#include "sections.hpp"

namespace topk::bench {
namespace {

// A program that commits each event: one file, one prepared statement, turn after turn.
struct committer {
  committer(settings const& how, work_folder const& folder, std::string const& name,
            std::string const& schema, std::string const& sql)
      : db(folder.file(name), how.with) {
    db.exec(schema);
    put = std::make_unique<query>(db.get(), sql);
  }
  void take(event_list const& events, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++next) {
      put->bind(1, events.item(next), item_bytes).bind(2, events.second(next));
      put->run();
    }
  }
  connection db;
  std::unique_ptr<query> put;
  std::size_t next = 0;
};

// The WAL's bytes for each event at `rate` a second, one commit a second, without checkpoints; and
// the CPU time.
struct written {
  double bytes = 0;
  double cpu = 0;
};
written second_by_second(settings const& how, work_folder const& folder, std::string const& name,
                         std::string const& schema, std::string const& sql,
                         event_list const& events, std::size_t warm_up) {
  connection db(folder.file(name), how.with);
  db.exec(schema);
  auto put = db.prepare(sql);
  auto const take = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to;) {
      db.exec("BEGIN");
      for (auto const now = events.second(i); i < to && events.second(i) == now; ++i) {
        put.bind(1, events.item(i), item_bytes).bind(2, events.second(i));
        put.run();
      }
      db.exec("COMMIT");
    }
  };
  take(0, warm_up);
  // The log starts from its beginning with the next commit, and no checkpoint makes it do so again.
  db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0");
  double const start = cpu_seconds();
  take(warm_up, events.size());
  auto const count = static_cast<double>(events.size() - warm_up);
  return {static_cast<double>(folder.bytes(name + "-wal")) / count,
          (cpu_seconds() - start) / count};
}

}  // namespace

void measure_commits(settings const& how, report& into) {
  into.heading("Ingest: an event in a transaction, a commit a second");
  work_folder const folder;
  // The first of the events of a day of 10 million.
  std::size_t const each = how.is_quick ? 3'000 : 50'000;
  auto const turns = static_cast<std::size_t>(how.rounds) + 1;
  event_list const events({.events = static_cast<std::int64_t>(each * turns),
                           .seconds = static_cast<std::int64_t>(each * turns * day / 10'000'000)});
  committer plain(how, folder, "plain.db", "CREATE TABLE plain(item, ts, weight, partition)",
                  "INSERT INTO plain(item, ts) VALUES (?1, ?2)");
  committer off(how, folder, "off.db", "CREATE VIRTUAL TABLE s USING topk_stream(log=off)",
                "INSERT INTO s(item, ts) VALUES (?1, ?2)");
  committer on(how, folder, "on.db", "CREATE VIRTUAL TABLE s USING topk_stream()",
               "INSERT INTO s(item, ts) VALUES (?1, ?2)");
  auto const contest = [&](std::string const& name, committer& who) {
    return contestant{name, {}, [&, each] { who.take(events, each); }, static_cast<double>(each)};
  };
  auto const cost =
      duel({contest("plain table, a commit an event", plain),
            contest("log=off, a commit an event", off), contest("log=on, a commit an event", on)},
           how.rounds);
  into.row(ratio_figure("one event per transaction, WAL, synchronous=NORMAL, log=off",
                        "one row into a plain table without index", cost, 1, 0, 1.3));
  into.row(ratio_figure("one event per transaction, WAL, synchronous=NORMAL, log=on",
                        "one row into a plain table without index", cost, 2, 0, 1.5));

  std::int64_t const seconds = how.is_quick ? 90 : 600;
  std::int64_t const warm_up = how.is_quick ? 30 : 180;
  event_list const stream({.events = seconds * 1000, .seconds = seconds});
  say("a commit a second");
  auto const ours = second_by_second(
      how, folder, "wal_on.db", "CREATE VIRTUAL TABLE s USING topk_stream()",
      "INSERT INTO s(item, ts) VALUES (?1, ?2)", stream, static_cast<std::size_t>(warm_up) * 1000);
  auto const unlogged = second_by_second(
      how, folder, "wal_off.db", "CREATE VIRTUAL TABLE s USING topk_stream(log=off)",
      "INSERT INTO s(item, ts) VALUES (?1, ?2)", stream, static_cast<std::size_t>(warm_up) * 1000);
  auto const counted = second_by_second(
      how, folder, "wal_counter.db",
      "CREATE TABLE counter(minute INTEGER, item TEXT, n INTEGER, PRIMARY KEY(minute, item)) "
      "WITHOUT ROWID",
      "INSERT INTO counter VALUES (?2 / 60, ?1, 1) ON CONFLICT DO UPDATE SET n = n + 1", stream,
      static_cast<std::size_t>(warm_up) * 1000);
  into.row({"WAL bytes per event, 1,000 events a second, one commit a second, log included",
            "per-minute counter upsert", as_bytes(ours.bytes), as_bytes(counted.bytes),
            ours.bytes / counted.bytes, as_ratio(ours.bytes / counted.bytes),
            target{0.5, true, "0.50x"}});
  into.table({"1,000 events a second, one commit a second", "WAL bytes per event", "CPU per event"},
             {{"log=on", as_bytes(ours.bytes), as_time(ours.cpu)},
              {"log=off", as_bytes(unlogged.bytes), as_time(unlogged.cpu)},
              {"per-minute counter upsert", as_bytes(counted.bytes), as_time(counted.cpu)}});
}

}  // namespace topk::bench
