// Options of topk_stream: each has one reader in a table, by its name.
//
// An argument is name=value; blanks and case of the name do not matter, the value may be quoted.
// After all are read, those that exclude each other are compared, and defaults are derived.
#include "surface/options.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace topk::surface {
namespace {

constexpr micros least_window = second;
constexpr micros greatest_window = greatest_window_days * day;
constexpr micros greatest_skew = greatest_skew_days * day;

// What has been read so far, and what finish() needs to know about how it was given.
struct draft {
  stream::stream_options options;
  std::optional<micros> retain;
  std::optional<std::int64_t> memory;
  std::optional<std::string> content, item, ts, weight, partition;
  bool log_is_on = false;  // asked for, not by default
};

// ---- text

status refused(std::string text) {
  return failure(errc::invalid_argument, "topk_stream: " + std::move(text));
}

status bad_value(std::string_view name, std::string_view value, std::string const& expected) {
  return refused(std::string(name) + "=" + shown(value) + ": expected " + expected);
}

// The value without its quotes; nullopt if they are open or something follows them.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.empty() || std::string_view("'\"`[").find(text.front()) == text.npos) {
    return std::string(text);
  }
  auto value = take_quoted(text);
  return text.empty() ? value : std::nullopt;
}

// ---- values

status read_whole(std::string_view name, std::string_view value, std::int64_t least,
                  std::int64_t greatest, std::int64_t& out) {
  auto const number = parse_integer(value);
  if (!number || *number < least || *number > greatest) {
    return bad_value(
        name, value,
        "a whole number from " + std::to_string(least) + " to " + std::to_string(greatest));
  }
  out = *number;
  return {};
}

// Bytes: a whole number and, perhaps, a unit. kB is 1000 bytes, KiB 1024.
std::optional<std::int64_t> byte_count(std::string_view text) {
  struct unit {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr std::array<unit, 10> units{{
      {"", 1},
      {"b", 1},
      {"kb", 1'000},
      {"kib", std::int64_t{1} << 10},
      {"mb", 1'000'000},
      {"mib", std::int64_t{1} << 20},
      {"gb", 1'000'000'000},
      {"gib", std::int64_t{1} << 30},
      {"tb", 1'000'000'000'000},
      {"tib", std::int64_t{1} << 40},
  }};
  auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto const number = parse_integer(text.substr(0, digits));
  auto const name = lowercase(trimmed(text.substr(digits)));
  auto const known =
      std::find_if(units.begin(), units.end(), [&](unit const& each) { return each.name == name; });
  if (!number || known == units.end() || *number > greatest_memory / known->bytes) {
    return std::nullopt;
  }
  return *number * known->bytes;
}

// As parse_duration, and zero in any unit: '0', '0s'.
std::optional<micros> duration_or_zero(std::string_view text) {
  bool const is_zero = text.starts_with('0') && text.find_first_of("123456789") == text.npos;
  if (!is_zero) return parse_duration(text);
  // A zero is well written if a one in its place is.
  std::string one(text);
  one.front() = '1';
  return parse_duration(one) ? std::optional<micros>(0) : std::nullopt;
}

// ---- one reader for each option

status read_windows(draft& into, std::string_view value) {
  std::vector<micros> windows;
  bool good = true;
  std::string_view rest = value;
  while (good) {
    auto const comma = rest.find(',');
    auto const length = parse_duration(rest.substr(0, comma));
    good = length && *length >= least_window && *length <= greatest_window;
    if (good) windows.push_back(*length);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  std::sort(windows.begin(), windows.end());
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  if (!good || windows.size() > most_windows) {
    return bad_value("windows", value,
                     "1 to 16 lengths of time from 1 second to 3653 days, such as "
                     "'1min,5min,1hour,1day'");
  }
  into.options.windows = std::move(windows);
  return {};
}

status read_k(draft& into, std::string_view value) {
  return read_whole("k", value, 1, greatest_k, into.options.k);
}

status read_log(draft& into, std::string_view value) {
  auto const word = lowercase(value);
  bool const on = word == "on" || word == "true" || word == "1";
  bool const off = word == "off" || word == "false" || word == "0";
  if (!on && !off) return bad_value("log", value, "on or off");
  into.options.log = on;
  into.log_is_on = on;
  return {};
}

status read_retain(draft& into, std::string_view value) {
  into.retain = parse_duration(value);
  if (into.retain) return {};
  return bad_value("retain", value,
                   "a length of time such as '90s', '1day' or '2 weeks' (no months or years)");
}

status read_memory(draft& into, std::string_view value) {
  into.memory = byte_count(value);
  if (into.memory && *into.memory >= least_memory && *into.memory <= greatest_memory) return {};
  return bad_value("memory", value,
                   "bytes from 16KiB to 1TiB, such as 4194304, '512KiB' or '4MiB'");
}

status read_past(draft& into, std::string_view value) {
  auto const bytes = byte_count(value);
  if (!bytes) {
    return bad_value("past", value, "bytes from 0 to 1TiB, such as 0, '512KiB' or '4MiB'");
  }
  into.options.past = *bytes;
  return {};
}

status read_max_item_bytes(draft& into, std::string_view value) {
  return read_whole("max_item_bytes", value, 1, greatest_item_bytes, into.options.max_item_bytes);
}

status read_max_skew(draft& into, std::string_view value) {
  auto const length = duration_or_zero(value);
  if (!length || *length > greatest_skew) {
    return bad_value("max_skew", value, "a length of time from 0 to 1 week");
  }
  into.options.max_skew = *length;
  return {};
}

status read_max_partitions(draft& into, std::string_view value) {
  return read_whole("max_partitions", value, 0, greatest_partitions, into.options.max_partitions);
}

status read_seed(draft& into, std::string_view value) {
  into.options.seed = parse_integer(value);
  if (into.options.seed) return {};
  return bad_value("seed", value,
                   "a whole number from -9223372036854775808 to 9223372036854775807");
}

template <std::optional<std::string> draft::*Name>
status read_name(draft& into, std::string_view value) {
  into.*Name = std::string(value);
  return {};
}

enum class value_kind { plain, name };  // blanks belong to a quoted name, and to nothing else

struct option {
  std::string_view name;
  status (*read)(draft&, std::string_view value);
  value_kind kind = value_kind::plain;
};

constexpr std::array<option, 15> known_options{{
    {"windows", read_windows},
    {"k", read_k},
    {"log", read_log},
    {"retain", read_retain},
    {"memory", read_memory},
    {"past", read_past},
    {"max_item_bytes", read_max_item_bytes},
    {"max_skew", read_max_skew},
    {"max_partitions", read_max_partitions},
    {"seed", read_seed},
    {"content", read_name<&draft::content>, value_kind::name},
    {"item", read_name<&draft::item>, value_kind::name},
    {"ts", read_name<&draft::ts>, value_kind::name},
    {"weight", read_name<&draft::weight>, value_kind::name},
    {"partition", read_name<&draft::partition>, value_kind::name},
}};

std::string allowed_options() {
  std::string names;
  for (auto const& each : known_options) {
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return names;
}

// ---- one argument, and what the arguments mean together

using seen_options = std::bitset<known_options.size()>;

status read_argument(std::string_view argument, draft& into, seen_options& seen) {
  auto const equals = argument.find('=');
  if (equals == std::string_view::npos) {
    return refused(shown(argument) +
                   ": expected key=value; a list is quoted, as in windows='1min,5min'");
  }
  auto const given_name = trimmed(argument.substr(0, equals));
  auto const name = lowercase(given_name);
  auto const known = std::find_if(known_options.begin(), known_options.end(),
                                  [&](option const& each) { return each.name == name; });
  if (known == known_options.end()) {
    return refused("unknown option " + shown(given_name) + "; allowed: " + allowed_options());
  }
  auto const which = static_cast<std::size_t>(known - known_options.begin());
  if (seen[which]) return refused("option '" + name + "' is given twice");
  seen[which] = true;

  auto const value = unquoted(trimmed(argument.substr(equals + 1)));
  if (!value) return refused(shown(argument) + ": the value's quotes do not match");
  auto const text = known->kind == value_kind::name ? std::string_view(*value) : trimmed(*value);
  if (text.empty()) return refused(name + "='': expected a value");
  return known->read(into, text);
}

status take_content(draft& from) {
  if (!from.content) {
    for (auto const& [name, column] :
         {std::pair{"item", &from.item}, std::pair{"ts", &from.ts},
          std::pair{"weight", &from.weight}, std::pair{"partition", &from.partition}}) {
      if (*column) {
        return bad_value(name, **column, "content= as well; this names a column of that table");
      }
    }
    return {};
  }
  if (from.log_is_on) {
    return refused("log='on': expected 'off' with content=, whose table is the log");
  }
  from.options.log = false;
  stream::external_content content;
  content.table = *std::move(from.content);
  if (from.item) content.item = *std::move(from.item);
  if (from.ts) content.ts = *std::move(from.ts);
  content.weight = std::move(from.weight);
  content.partition = std::move(from.partition);
  from.options.content = std::move(content);
  return {};
}

// The defaults that depend on other options.
status settle(draft& from) {
  auto& options = from.options;
  micros const longest = options.windows.back();
  options.retain = from.retain.value_or(longest);
  if (options.retain < longest) {
    return bad_value("retain", spell_duration(options.retain),
                     "at least the longest window, " + spell_duration(longest));
  }
  options.memory = from.memory.value_or(std::max(options.memory, memory_per_k * options.k));
  return take_content(from);
}

}  // namespace

result<stream::stream_options> parse_stream_options(std::span<std::string_view const> arguments) {
  draft read;
  seen_options seen;
  for (auto const argument : arguments) {
    auto const text = trimmed(argument);
    if (text.empty()) continue;
    TOPK_TRY(read_argument(text, read, seen));
  }
  TOPK_TRY(settle(read));
  return std::move(read.options);
}

}  // namespace topk::surface
