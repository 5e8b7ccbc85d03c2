// topk_state() against the model: every item of the window, whether the state has it or not.
#include <sqlite3.h>

#include <algorithm>

#include "checker.hpp"

namespace topk::test {
namespace {

// The arguments of topk_state() for the window of a question.
std::string state_call(drawn_question const& asked, std::string const& rest) {
  return "topk_state(" + asked.window + ", " + asked.stream + ", " + asked.at + ", " +
         asked.partition.literal() + rest + ")";
}

}  // namespace

void checker::check_state(drawn_question const& asked, answer const& fast, database& whom,
                          world const& seen) {
  if (asked.partition == without_partition || !seen.model.reference()) return;
  span const of = span_of(asked, fast, seen);
  if (!of.is_known) return;
  std::int64_t const least = random_.percent(30) ? random_.between(1, 4) : 0;
  std::string const call =
      state_call(asked, ", " + random_.pick<std::string>({"NULL", "1", "5", "5000"}) + ", " +
                            (least == 0 ? "NULL" : std::to_string(least)));
  outcome const made = on_.ask(whom, "SELECT " + call);
  if (made.code == SQLITE_BUSY && may_be_busy(whom)) return;
  micros const begin = asked_start(asked, of.until, seen);
  bool const has_begun_to_expire = begin < seen.model.floor() && of.until > seen.model.floor();
  if (!made.ok()) {
    done_.states_refused += 1;
    if (says(made, "begins before what is retained") && has_begun_to_expire) return;
    if (says(made, "cuts a pane of") && !has_begun_to_expire) return;
    disagree(call, "failed with code " + std::to_string(made.code) + ": " + made.message);
  }
  if (has_begun_to_expire) disagree(call, "a state of what is left of a window");
  value const& state = made.rows.at(0).at(0);
  if (state.is_null() != (of.until <= seen.model.floor())) {
    disagree(call, "NULL stands for a window that has expired, and for nothing else");
  }
  if (state.is_null()) return;
  done_.states += 1;
  bool const is_calm = &whom == &on_.db() && !on_.in_transaction() && !on_.has_snapshot();
  if (is_calm && random_.percent(40)) {
    outcome const other = on_.ask(on_.other(), "SELECT " + call);
    if (other.ok() && other.rows.at(0).at(0) != state) {
      disagree(call, "other bytes from the other connection");
    }
  }
  check_state_rows(call, state, seen.fast(of.since, of.until, asked.partition), least, whom);
}

void checker::check_state_rows(std::string const& call, value const& state, tally const& truth,
                               std::int64_t least, database& whom) {
  auto const rows = whom.query(
      "SELECT item, signed_lower, signed_upper, total_lower, total_upper FROM topk_each(?1, "
      "1048576)",
      {state});
  auto const check_item = [&](value const& item, std::int64_t sum, value const& lower,
                              value const& upper) {
    if (lower.as_integer() <= sum && sum <= upper.as_integer()) return;
    disagree(call, item.literal() + " has " + std::to_string(sum) + ", which is not from " +
                       lower.literal() + " to " + upper.literal());
  };
  std::map<value, std::int64_t> left;
  for (row const& each : truth.sums()) left[each.at(0)] = each.at(1).as_integer();
  for (row const& each : rows) {
    if (each.at(0).is_null()) continue;  // the last row: what an item has that is not there
    auto const found = left.extract(each.at(0));
    check_item(each.at(0), found ? found.mapped() : 0, each.at(1), each.at(2));
    done_.state_inexact += each.at(1).as_integer() < each.at(2).as_integer() ? 1 : 0;
    if (least > 0 && each.at(1).as_integer() < least) {
      disagree(call, each.at(0).literal() + " may have less than `least`");
    }
  }
  row const& last = rows.back();
  for (auto const& [item, sum] : left) check_item(item, sum, last.at(1), last.at(2));
  if (truth.total() < last.at(3).as_integer() || truth.total() > last.at(4).as_integer()) {
    disagree(call, "the total is " + std::to_string(truth.total()));
  }
}

}  // namespace topk::test
