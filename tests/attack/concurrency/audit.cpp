#include "audit.hpp"

#include <map>
#include <stdexcept>

#include "script.hpp"
#include "snapshot.hpp"

namespace topk::test {
namespace {

using counts = std::map<value, std::int64_t>;

void compare(std::string const& what, std::int64_t got, std::int64_t wanted) {
  if (got == wanted) return;
  throw std::runtime_error(what + " is " + std::to_string(got) + ", not " + std::to_string(wanted));
}

void compare(std::string const& what, counts const& got, counts const& wanted) {
  for (auto const& [item, count] : wanted) {
    auto const at = got.find(item);
    compare(what + ": the count of " + item.literal(), at == got.end() ? 0 : at->second, count);
  }
  for (auto const& [item, count] : got) {
    if (!wanted.contains(item)) compare(what + ": the count of " + item.literal(), count, 0);
  }
}

counts counted(database& db, std::string const& sql) {
  counts got;
  for (row const& each : db.query(sql)) {
    if (each[1].as_integer() != 0) got[each[0]] = each[1].as_integer();
  }
  return got;
}

// What the writers' scripts leave.
struct books {
  std::array<counts, concurrent_streams.size()> items;
  std::array<std::int64_t, concurrent_streams.size()> events{};

  books(std::uint64_t seed, std::vector<std::int64_t> const& acknowledged) {
    for (std::size_t at = 0; at < acknowledged.size(); ++at) {
      for (std::int64_t number = 1; number <= acknowledged[at]; ++number) {
        auto const made = script_of(seed, static_cast<std::int64_t>(at) + 1, number);
        for (auto const& each : made.leaves) items[each.stream][each.item] += each.weight;
        for (std::size_t stream = 0; stream < events.size(); ++stream)
          events[stream] += made.events[stream];
      }
    }
    for (auto& of_one : items) {
      std::erase_if(of_one, [](auto const& each) { return each.second == 0; });
    }
  }
};

void check_fast(database& db, std::string const& stream, counts const& truth) {
  std::int64_t sum = 0;
  for (auto const& [item, count] : truth) sum += count;
  auto const rows =
      db.query("SELECT item, lower, upper, total_lower, total_upper FROM topk('all', 100000, '" +
               stream + "', 'fast', 'latest')");
  if (rows.empty() && sum > 0)
    throw std::runtime_error(stream + ": no rows for " + std::to_string(sum));
  for (row const& each : rows) {
    auto const at = truth.find(each[0]);
    std::int64_t const count = at == truth.end() ? 0 : at->second;
    if (count < each[1].as_integer() || count > each[2].as_integer() ||
        sum < each[3].as_integer() || sum > each[4].as_integer()) {
      throw std::runtime_error(stream + ": " + to_text({each}) + " is without the count " +
                               std::to_string(count) + " or the total " + std::to_string(sum));
    }
  }
}

}  // namespace

std::int64_t audit(database& db, std::uint64_t seed,
                   std::vector<std::int64_t> const& acknowledged) {
  random_source random(seed);
  snapshot seen(db, random);
  seen.bring_into_step();
  seen.check_integrity();
  known_scripts scripts(seed, static_cast<std::int64_t>(acknowledged.size()));
  auto const last = seen.check_transactions(scripts);
  for (std::size_t at = 0; at < last.size(); ++at) {
    if (last[at] > acknowledged[at])
      compare("the last transaction of a writer", last[at], acknowledged[at]);
  }

  books const wanted(seed, acknowledged);
  std::int64_t events = 0;
  for (std::size_t at = 0; at < concurrent_streams.size(); ++at) {
    std::string const stream = concurrent_streams[at];
    if (!seen.exists(stream)) {
      compare(stream + ": missing, the number of items", 0, std::ssize(wanted.items[at]));
      continue;
    }
    if (at == bare) {
      compare("tally", counted(db, "SELECT item, weight FROM tally"), wanted.items[at]);
    } else if (at != brief) {
      compare(stream, counted(db, "SELECT item, sum(weight) FROM " + stream + " GROUP BY item"),
              wanted.items[at]);
    }
    if (at != brief) check_fast(db, stream, wanted.items[at]);
    row const stats =
        db.query("SELECT events, late FROM topk_stats WHERE stream = '" + stream + "'").at(0);
    std::int64_t came = stats[0].as_integer() + stats[1].as_integer();
    if (at == many) came -= db.scalar("SELECT forgotten FROM mark").as_integer();
    // A rebuild counts the rows of the table, not what triggers have told.
    if (at != toggled) compare(stream + ": the number of events", came, wanted.events[at]);
    events += wanted.events[at];
  }
  for (int turn = 0; turn < 20; ++turn) seen.check_something(scripts, [] {});
  return events;
}

}  // namespace topk::test
