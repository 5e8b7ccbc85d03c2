#include "events.hpp"

#include <array>
#include <cstdio>

namespace topk::test {
namespace {

struct civil {
  std::int64_t year, month, day;
};

// Days since 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
civil civil_of(std::int64_t days) {
  days += 719468;
  std::int64_t const era = (days >= 0 ? days : days - 146096) / 146097;
  std::int64_t const of_era = days - era * 146097;
  std::int64_t const year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  std::int64_t const of_year = of_era - (365 * year + year / 4 - year / 100);
  std::int64_t const month = (5 * of_year + 2) / 153;
  std::int64_t const day = of_year - (153 * month + 2) / 5 + 1;
  std::int64_t const real_month = month < 10 ? month + 3 : month - 9;
  return {year + era * 400 + (real_month <= 2 ? 1 : 0), real_month, day};
}

std::string print(char const* format, auto... values) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

}  // namespace

std::string columns::list() const {
  std::string out = "item";
  if (ts) out += ", ts";
  if (weight) out += ", weight";
  if (partition) out += ", partition";
  return out;
}

std::vector<value> written_row::values(columns const& named) const {
  std::vector<value> out = {item};
  if (named.ts) out.push_back(ts);
  if (named.weight) out.push_back(weight);
  if (named.partition) out.push_back(partition);
  return out;
}

std::string written_row::literals(columns const& named) const {
  std::string out;
  for (value const& each : values(named)) {
    if (!out.empty()) out += ", ";
    out += each.literal();
  }
  return out;
}

// One date, as the clock stands that many minutes east of Greenwich.
std::string local_date_text(micros local, char const* separator) {
  std::int64_t const days = local / (86'400 * second);
  std::int64_t const of_day = local / second % 86'400;
  civil const date = civil_of(days);
  std::string out = print("%04lld-%02lld-%02lld", static_cast<long long>(date.year),
                          static_cast<long long>(date.month), static_cast<long long>(date.day));
  out += separator;
  out += print("%02lld:%02lld:%02lld", static_cast<long long>(of_day / 3600),
               static_cast<long long>(of_day / 60 % 60), static_cast<long long>(of_day % 60));
  auto const part = static_cast<long long>(local % second);
  if (part != 0 && part % 1000 == 0) out += print(".%03lld", part / 1000);
  else if (part != 0) out += print(".%06lld", part);
  return out;
}

std::string plain_date_text(micros time) { return local_date_text(time, " "); }

std::string date_text(micros time, random_source& random) {
  std::int64_t const offset_minutes = random.percent(20) ? random.between(-12, 12) * 30 : 0;
  std::string const out =
      local_date_text(time + offset_minutes * 60 * second, random.percent(30) ? "T" : " ");
  if (offset_minutes == 0) return out + (random.percent(20) ? "Z" : "");
  auto const distance =
      static_cast<long long>(offset_minutes < 0 ? -offset_minutes : offset_minutes);
  return out + (offset_minutes < 0 ? "-" : "+") +
         print("%02lld:%02lld", distance / 60, distance % 60);
}

std::string seconds_literal(micros time) {
  if (time % second == 0) return std::to_string(time / second);
  bool const is_negative = time < 0;
  auto const distance = static_cast<long long>(is_negative ? -time : time);
  return (is_negative ? "-" : "") + print("%lld.%06lld", distance / second, distance % second);
}

value seconds_value(micros time, bool is_short) {
  if (is_short && time % second == 0) return value::integer(time / second);
  return value::real(static_cast<double>(time / second) + static_cast<double>(time % second) / 1e6);
}

value time_value(micros time, random_source& random) {
  if (random.percent(20)) return value::text(date_text(time, random));
  if (random.percent(10)) return value::text(seconds_literal(time));
  return seconds_value(time, random.percent(80));
}

columns event_source::draw_columns() {
  return {random_.percent(75), random_.percent(60),
          !plan_.partitions.empty() && random_.percent(80)};
}

value event_source::draw_item() {
  value const& drawn = plan_.items[random_.skewed(plan_.items.size())];
  if (drawn.type() != value_type::integer || !random_.percent(20)) return drawn;
  // The same item as a REAL, where that is exact.
  value const as_real = value::real(drawn.as_real());
  return as_real == drawn ? as_real : drawn;
}

value event_source::stored(value const& given) const {
  bool const is_text = given.type() == value_type::text && plan_.encoding != "UTF-8";
  return is_text ? value::text(stored_text(given.bytes())) : given;
}

value event_source::draw_partition() {
  if (plan_.partitions.empty() || random_.percent(25)) return {};
  return plan_.partitions[random_.skewed(plan_.partitions.size())];
}

micros event_source::draw_time(world const& in, micros now) {
  micros const retain = plan_.limits.retain;
  micros const reference = in.model.reference().value_or(now);
  std::uint64_t const drawn = random_.below(100);
  micros time = now;
  if (drawn < 30) time = now - random_.between(0, plan_.windows.front().length);
  else if (drawn < 45) time = now - random_.between(0, random_.pick(plan_.windows).length);
  else if (drawn < 60) time = reference - random_.between(0, retain);
  else if (drawn < 70) time = now - now % (60 * second) - 60 * second * random_.between(0, 3);
  else if (drawn < 78) time = reference - retain + random_.between(-1, 2);
  else if (drawn < 83) time = reference - retain - random_.between(0, retain);
  else if (drawn < 93) time = now + random_.between(0, plan_.limits.max_skew);
  if (random_.percent(50)) time -= time % second;
  else if (random_.percent(50)) time -= time % 1000;
  else if (random_.percent(30)) time = time - time % second + random_.between(-1, 1);
  time = std::min(time, now + plan_.limits.max_skew);
  return plan_.is_far ? as_real_has_it(time - 1) : time;
}

void event_source::set_weight(written_row& of) {
  std::uint64_t const drawn = random_.below(100);
  if (drawn < 40) return;  // NULL
  std::int64_t weight = 1;
  if (drawn < 60) weight = random_.between(1, 10);
  else if (drawn < 68) weight = random_.between(1, largest_weight);
  else if (drawn < 70) weight = largest_weight;
  else if (drawn < 74) weight = 0;
  else if (drawn < 88) weight = -random_.between(1, 5);
  else if (drawn < 91) weight = -random_.between(1, largest_weight);
  std::string const text = std::to_string(weight);
  of.weight =
      random_.percent(85)
          ? value::integer(weight)
          : random_.pick(std::vector<value>{value::text(text), value::text(" " + text + "\t"),
                                            value::text(text + ".0"), value::text(text + "."),
                                            value::text(text + "e0"), value::text(text + "0E-1")});
  of.meaning.weight = weight;
}

written_row event_source::draw(world const& in, micros now, columns const& named) {
  written_row out;
  out.item = draw_item();
  out.meaning.item = stored(out.item);
  if (named.weight) set_weight(out);
  if (named.partition) out.meaning.partition = out.partition = draw_partition();
  if (named.ts && random_.percent(85)) {
    micros const time = draw_time(in, now);
    out.ts = time_value(time, random_);
    out.meaning.ts = time;
  }
  return out;
}

written_row event_source::draw_bad(world const& in, micros now) {
  written_row out = draw(in, now, {});
  static std::vector<value> const bad_weights = {value::real(1.5),
                                                 value::text("abc"),
                                                 value::blob("1"),
                                                 value::text("1.5"),
                                                 value::text("+-5"),
                                                 value::text("0x10"),
                                                 value::integer(largest_weight + 1),
                                                 value::integer(-largest_weight - 1)};
  static std::vector<value> const bad_times = {value::text("12:00"), value::text("yesterday"),
                                               value::blob("1800000000"), value::text("")};
  switch (random_.below(5)) {
    case 0: out.item = out.meaning.item = value(); break;
    case 1: {
      auto const size = static_cast<std::size_t>(plan_.limits.max_item_bytes) + 1;
      out.item = random_.percent(50) ? value::text(std::string(size, 'x'))
                                     : value::blob(std::string(size, 'x'));
      out.meaning.item = out.item;
      break;
    }
    case 2:
      out.weight = random_.pick(bad_weights);
      out.meaning.weight_readable = false;
      break;
    case 3:
      out.ts = random_.pick(bad_times);
      out.meaning.ts_readable = false;
      break;
    default: {
      micros const ahead =
          random_.percent(30) ? 1000 : random_.between(1000, 100 * 86'400 * second);
      out.meaning.ts = now + plan_.limits.max_skew + ahead;
      out.ts = time_value(*out.meaning.ts, random_);
    }
  }
  return out;
}

written_row event_source::draw_retraction(world const& in) {
  event const& undone = random_.pick(in.model.events());
  written_row out;
  out.item = out.meaning.item = in.model.items()[undone.item];
  out.weight = value::integer(-undone.weight);
  out.meaning.weight = -undone.weight;
  out.ts = time_value(undone.ts, random_);
  out.meaning.ts = undone.ts;
  if (undone.partition >= 0) {
    out.partition = in.model.partitions()[static_cast<std::uint32_t>(undone.partition)];
    out.meaning.partition = out.partition;
  }
  return out;
}

std::string flood::select(bool with_i) const {
  std::string const d = std::to_string(distinct);
  std::string const b = std::to_string(base);
  std::string const items[] = {b + " + i % " + d, "'f' || (" + b + " + i % " + d + ")",
                               "(i * i) % " + d, "'s' || ((i * i * 7) % " + d + ")",
                               "printf('%040d', " + b + " + i % " + d + ")"};
  std::string const weights[] = {"1", "1 + i % 3", "CASE WHEN i % 10 = 9 THEN -1 ELSE 1 END"};
  std::string const n = std::to_string(count);
  std::string const order = shuffled ? "((i * 7919) % " + n + ")" : "i";
  std::string const ms = "((" + std::to_string(start_ms) + " + " + order + " * " +
                         std::to_string(span_ms) + " / " + n + ") / " + std::to_string(step_ms) +
                         " * " + std::to_string(step_ms) + ")";
  std::string const ts = text_times
                             ? "strftime('%Y-%m-%d %H:%M:%f', " + ms + " / 1000.0, 'unixepoch')"
                             : ms + " / 1000.0";
  std::string const partition = partitions == 0 ? "NULL" : "i % " + std::to_string(partitions);
  return "WITH RECURSIVE c(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM c WHERE i + 1 < " + n +
         ") SELECT " + (with_i ? "i, " : "") + items[item_kind] + " AS item, " + ts + " AS ts, " +
         weights[weight_kind] + " AS weight, " + partition + " AS part FROM c";
}

offer flood::at(std::int64_t i) const {
  offer out;
  std::int64_t const number = base + i % distinct;
  if (item_kind == 0) out.item = value::integer(number);
  else if (item_kind == 1) out.item = value::text("f" + std::to_string(number));
  else if (item_kind == 2) out.item = value::integer((i * i) % distinct);
  else if (item_kind == 3) out.item = value::text("s" + std::to_string((i * i * 7) % distinct));
  else out.item = value::text(print("%040lld", static_cast<long long>(number)));
  std::int64_t const order = shuffled ? (i * 7919) % count : i;
  out.ts = (start_ms + order * span_ms / count) / step_ms * step_ms * 1000;
  if (weight_kind == 0) out.weight = 1;
  else if (weight_kind == 1) out.weight = 1 + i % 3;
  else out.weight = i % 10 == 9 ? -1 : 1;
  if (partitions != 0) out.partition = value::integer(i % partitions);
  return out;
}

flood draw_flood(profile const& plan, random_source& random, micros now) {
  flood out;
  out.count = random.percent(5) ? plan.flood * 6 : random.between(plan.flood / 10, plan.flood);
  out.base = random.between(0, 50) * 1000;
  out.distinct = random.percent(40) ? out.count : random.between(2, 1 + out.count / 3);
  // Numbers of an i*i flood stay small, so that floods share items with each other.
  out.item_kind = static_cast<int>(random.below(5));
  if (out.item_kind == 4 && plan.limits.max_item_bytes < 40) out.item_kind = 1;
  micros const longest = plan.limits.retain;
  micros const span =
      random.pick<micros>({plan.windows.front().length / 10, plan.windows.front().length,
                           plan.longest_window(), longest + longest / 10, 1'000'000});
  out.span_ms = std::max<std::int64_t>(1, span / 1000);
  out.start_ms = now / 1000 - out.span_ms;
  if (random.percent(20)) out.start_ms -= random.between(0, plan.longest_window() / 1000);
  if (random.percent(15)) out.start_ms += plan.limits.max_skew / 1000;
  out.shuffled = random.percent(40);
  out.weight_kind = static_cast<int>(random.below(3));
  if (!plan.partitions.empty() && random.percent(50)) {
    out.partitions = static_cast<std::int64_t>(plan.partitions.size());
  }
  out.text_times = plan.content_text_times;
  if (plan.is_far) out.step_ms = 1000;
  return out;
}

}  // namespace topk::test
