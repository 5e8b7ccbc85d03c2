#include "question.hpp"

#include <cmath>

#include "events.hpp"

namespace topk::test {
namespace {

constexpr micros second = 1'000'000;

void set_window(question& to, profile const& plan, std::size_t which, random_source& random) {
  std::size_t const declared = plan.windows.size();
  if (which < declared) {
    window_option const& chosen = plan.windows[which];
    to.length = chosen.length;
    to.is_declared = true;
    to.window = value::text(chosen.name).literal();
    if (random.percent(20)) to.window = std::to_string(chosen.length / second);
    if (which + 1 == declared && random.percent(20)) to.window = "NULL";
  } else if (which == declared) {
    to.window = "'all'";
  } else {
    to.length = second * random.between(1, plan.limits.retain / second);
    if (random.percent(30)) to.length = plan.limits.retain;
    to.window = std::to_string(*to.length / second);
    if (random.percent(50)) to.window = "'" + to.window + "s'";
  }
}

void set_time(question& to, profile const& plan, world const& in, std::uint64_t which,
              random_source& random, micros now) {
  micros const reference = in.model.reference().value_or(now);
  to.at_literal = "NULL";
  if (which == 0) return;
  if (which == 1) {
    to.when = as_of::latest;
    to.at_literal = "'latest'";
    return;
  }
  to.when = as_of::given;
  micros const length = to.length.value_or(plan.limits.retain);
  if (which == 2) {
    to.at = reference - random.between(0, plan.limits.retain);
    if (random.percent(50)) to.at = reference - random.between(0, length);
    auto const& events = in.model.events();
    if (random.percent(40) && !events.empty()) {  // an event on an edge, or just beside it
      to.at = random.pick(events).ts + random.between(-1, 1);
      if (random.percent(50)) to.at += length;
    }
    if (random.percent(20)) to.at -= to.at % (60 * second);
  } else {
    to.at = now + random.between(0, length + 2 * second);
  }
  if (random.percent(40)) to.at -= to.at % second;
  to.at_literal = to.at % 1000 == 0 && random.percent(20)
                      ? value::text(date_text(to.at, random)).literal()
                      : seconds_literal(to.at);
}

void set_rest(question& to, profile const& plan, world const& in, random_source& random) {
  to.k = random.pick<std::int64_t>({1, 3, 10, 100});
  to.stream = stream_literal(plan, in, random);
}

}  // namespace

std::string stream_literal(profile const& plan, world const& in, random_source& random) {
  if (plan.kind == stream_kind::default_stream && random.percent(50)) return "NULL";
  bool const is_plain = in.name.find_first_of("\"'. ") == std::string::npos;
  std::string const spelled = is_plain && random.percent(60) ? in.name : quoted_name(in.name);
  return value::text((random.percent(30) ? "main." : "") + spelled).literal();
}

question draw_question(profile const& plan, world const& in, random_source& random, micros now) {
  question out;
  set_window(out, plan, random.below(plan.windows.size() + 3), random);
  set_time(out, plan, in, random.below(4), random, now);
  if (!plan.partitions.empty() && random.percent(40)) out.partition = random.pick(plan.partitions);
  set_rest(out, plan, in, random);
  return out;
}

std::vector<question> all_questions(profile const& plan, world const& in, random_source& random,
                                    micros now) {
  std::vector<question> out;
  for (std::size_t window = 0; window < plan.windows.size() + 2; ++window) {
    for (std::uint64_t time = 0; time < 4; ++time) {
      for (int partition = 0; partition < (plan.partitions.empty() ? 1 : 2); ++partition) {
        question& each = out.emplace_back();
        set_window(each, plan, window, random);
        set_time(each, plan, in, time, random, now);
        if (partition == 1) each.partition = plan.partitions[random.skewed(plan.partitions.size())];
        set_rest(each, plan, in, random);
      }
    }
  }
  return out;
}

std::string question::select(std::string const& mode) const {
  return "SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, since, until, "
         "confidence, source FROM topk(" +
         window + ", " + std::to_string(k) + ", " + stream + ", '" + mode + "', " + at_literal +
         ", " + partition.literal() + ")";
}

std::string question::select_count(std::string const& mode, value const& item) const {
  return "SELECT count, lower, upper FROM topk_count(" + window + ", " + item.literal() + ", " +
         stream + ", '" + mode + "', " + at_literal + ", " + partition.literal() + ")";
}

answer read_answer(std::string const& sql, std::vector<row> raw) {
  answer out;
  out.sql = sql;
  for (row const& each : raw) {
    for (std::size_t const at : {0U, 2U, 3U, 4U, 5U, 6U, 7U}) {
      if (each[at].type() != value_type::integer) {
        throw disagreement("column " + std::to_string(at) + " is not an INTEGER: " + sql);
      }
    }
    if (each[1].is_null()) throw disagreement("a NULL item: " + sql);
    if (!each[8].is_number() || !each[9].is_number()) throw disagreement("no since, until: " + sql);
    out.rows.push_back({each[0].as_integer(), each[1], each[2].as_integer(), each[3].as_integer(),
                        each[4].as_integer(), each[5].as_integer()});
    if (&each == &raw.front()) continue;
    for (std::size_t at = 6; at < each.size(); ++at) {
      if (each[at] != raw.front()[at]) throw disagreement("hidden results differ by row: " + sql);
    }
  }
  if (!raw.empty()) {
    row const& first = raw.front();
    out.total_lower = first[6].as_integer();
    out.total_upper = first[7].as_integer();
    out.since = std::llround(first[8].as_real() * 1e6);
    out.until = std::llround(first[9].as_real() * 1e6);
    out.confidence = first[10].as_real();
    out.source = first[11].bytes();
  }
  out.raw = std::move(raw);
  return out;
}

}  // namespace topk::test
