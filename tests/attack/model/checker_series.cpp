// topk_series() against the model: the steps lie side by side, and each of them is a window.
#include <sqlite3.h>

#include <algorithm>

#include "checker.hpp"
#include "events.hpp"

namespace topk::test {
namespace {

micros time_in(value const& of) {
  return of.type() == value_type::integer ? of.as_integer() * second : micros_of(of.as_real());
}

}  // namespace

void checker::check_series(drawn_question const& asked, database& whom, world const& seen) {
  micros const length = asked.length.value_or(plan_.limits.retain);
  micros step = std::max<micros>(length / random_.between(1, 30), second / 1000);
  if (random_.percent(50)) step = std::min(length, std::max(second, step - step % second));
  std::string const text = seconds_literal(step);
  std::vector<std::string> modes = {"fast", "fast"};
  if (plan_.has_exact()) modes.insert(modes.end(), {"exact", "hybrid"});
  std::string const mode = random_.pick(modes);
  dictionary const& known = seen.model.items();
  for (int i = 0; i < 3; ++i) {  // the second and the third may be answered from what is kept
    value item;
    if (random_.percent(80)) {
      bool const has_some = known.size() > 0 && random_.percent(90);
      item = has_some ? known[static_cast<std::uint32_t>(random_.skewed(known.size()))]
                      : value::text("never seen");
    }
    std::string const sql = asked.select_series(mode, text, item);
    outcome const got = on_.ask(whom, sql);
    if (got.code == SQLITE_BUSY && may_be_busy(whom)) return;
    if (!got.ok() && !asked.length && seen.model.reference()) {
      // From what a watermark retains to a time that it may not jump to there are too many steps.
      micros const latest = std::max(
          {session::now() + plan_.limits.max_skew, asked.time, seen.model.newest().value_or(0)});
      bool const are_many = (latest - seen.model.floor()) / step >= 99'999;
      if (are_many && got.message.find("a series has at most") != got.message.npos) return;
    }
    if (!got.ok()) {
      disagree(sql, "failed with code " + std::to_string(got.code) + ": " + got.message);
    }
    check_series_rows(sql, got.rows, item, asked, step, mode != "fast", seen);
    done_.steps += static_cast<std::int64_t>(got.rows.size());
  }
}

void checker::check_series_rows(std::string const& sql, std::vector<row> const& rows,
                                value const& item, drawn_question const& asked, micros step,
                                bool exactly, world const& seen) const {
  micros before = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    micros since = time_in(rows[i][4]);
    micros until = time_in(rows[i][5]);
    bool const follows = since <= until && (i == 0 || since == before);
    if (!follows) disagree(sql, "steps do not lie side by side: " + to_text(rows));
    before = until;
    // Far from now a REAL is coarser than a step may be.
    if (asked.when == as_of::given) {
      until = asked.time - static_cast<micros>(rows.size() - 1 - i) * step;
      bool const is_there = i == 0 || is_near(since, until - step);
      if (!is_there || !is_near(time_in(rows[i][5]), until)) {
        disagree(sql, "a step is not where it should be: " + to_text(rows));
      }
      since = i == 0 && asked.length ? std::max(until - step, asked.time - *asked.length)
                                     : until - step;
    }
    if (seen.model.reference()) since = std::max(since, seen.model.floor());
    std::int64_t count = 0;
    if (since < until) {
      tally const truth = exactly ? seen.exact(since, until, asked.partition)
                                  : seen.fast(since, until, asked.partition);
      count = item.is_null() ? truth.total() : truth.count(item);
    }
    check_count(sql, {{rows[i][0], rows[i][1], rows[i][2], rows[i][3]}}, count, exactly);
  }
}

}  // namespace topk::test
