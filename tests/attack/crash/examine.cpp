#include "examine.hpp"

#include "kit/clock_vfs.hpp"

namespace topk::test {
namespace {

constexpr std::int64_t seconds_apart = 30;  // two thousand transactions stay within a day

void check_file(database& db, workload& work, std::int64_t least, std::int64_t most,
                std::int64_t& last) {
  check_integrity(db);
  if (exists(db, "mark")) last = check_transactions(db, work).front();
  std::string const number = std::to_string(last);
  if (last < least) {
    throw disagreement("lost: the last transaction is " + number + " of " + std::to_string(least));
  }
  if (last > most) {
    throw disagreement("never run: transaction " + number + " after " + std::to_string(most));
  }
  if (last >= 0) {
    check_state(db, work, {last});
  } else if (value const left = db.scalar("SELECT name FROM sqlite_schema"); !left.is_null()) {
    throw disagreement("left of nothing: " + left.bytes());
  }
}

}  // namespace

workload crash_workload(std::uint64_t seed) {
  return {seed,
          {.windows = "1min,10min",
           .brief = "windows='1min,10min'",
           .brief_keeps = 600 / seconds_apart,
           .has_toggled = false,
           .has_commands = true,
           .least_burst = 40,
           .most_burst = 120,
           .burst_seconds = 300}};
}

std::int64_t time_ms_of(std::int64_t number) noexcept {
  return 1000 * (1'800'000'000 + seconds_apart * number);
}

verdict examine(database& db, workload& work, std::int64_t least, std::int64_t most) {
  verdict found;
  try {
    set_clock_ms(time_ms_of(most + 1));
    check_file(db, work, least, most, found.last);
  } catch (std::exception const& error) {
    found.complaint = error.what();
  }
  return found;
}

void run(database& db, workload const& work, std::int64_t number) {
  set_clock_ms(time_ms_of(number));
  for (step const& each : work.transaction(1, number).steps) {
    static_cast<void>(db.query(each.sql, each.parameters));
  }
}

}  // namespace topk::test
