#include "question.hpp"

#include "events.hpp"

namespace topk::test {
namespace {

void set_window(drawn_question& to, profile const& plan, std::size_t which, random_source& random) {
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

void set_time(drawn_question& to, profile const& plan, world const& in, std::uint64_t which,
              random_source& random, micros now) {
  micros const reference = in.model.reference().value_or(now);
  to.at = "NULL";
  if (which == 0) return;
  if (which == 1) {
    to.when = as_of::latest;
    to.at = "'latest'";
    return;
  }
  to.when = as_of::given;
  micros const length = to.length.value_or(plan.limits.retain);
  if (which == 2) {
    to.time = reference - random.between(0, plan.limits.retain);
    if (random.percent(50)) to.time = reference - random.between(0, length);
    auto const& events = in.model.events();
    if (random.percent(40) && !events.empty()) {  // an event on an edge, or just beside it
      to.time = random.pick(events).ts + random.between(-1, 1);
      if (random.percent(50)) to.time += length;
    }
    if (random.percent(20)) to.time -= to.time % (60 * second);
  } else {
    to.time = now + random.between(0, length + 2 * second);
  }
  if (random.percent(40)) to.time -= to.time % second;
  to.time = as_real_has_it(to.time);
  to.at = random.percent(20) ? value::text(date_text(to.time, random)).literal()
                             : seconds_literal(to.time);
}

void set_rest(drawn_question& to, profile const& plan, world const& in, random_source& random) {
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

drawn_question draw_question(profile const& plan, world const& in, random_source& random,
                             micros now) {
  drawn_question out;
  set_window(out, plan, random.below(plan.windows.size() + 3), random);
  set_time(out, plan, in, random.below(4), random, now);
  if (!plan.partitions.empty() && random.percent(40)) out.partition = random.pick(plan.partitions);
  if (random.percent(15)) out.partition = without_partition;
  set_rest(out, plan, in, random);
  return out;
}

std::vector<drawn_question> all_questions(profile const& plan, world const& in,
                                          random_source& random, micros now) {
  std::vector<drawn_question> out;
  for (std::size_t window = 0; window < plan.windows.size() + 2; ++window) {
    for (std::uint64_t time = 0; time < 4; ++time) {
      for (int partition = 0; partition < (plan.partitions.empty() ? 1 : 2); ++partition) {
        drawn_question& each = out.emplace_back();
        set_window(each, plan, window, random);
        set_time(each, plan, in, time, random, now);
        if (partition == 1) each.partition = plan.partitions[random.skewed(plan.partitions.size())];
        if (random.percent(15)) each.partition = without_partition;
        set_rest(each, plan, in, random);
      }
    }
  }
  return out;
}

}  // namespace topk::test
