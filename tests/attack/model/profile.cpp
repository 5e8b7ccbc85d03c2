#include "profile.hpp"

#include "kit/database.hpp"

#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>

namespace topk::test {
namespace {

constexpr micros minute = 60 * second;
constexpr micros hour = 60 * minute;
constexpr micros day = 24 * hour;

struct choice_of_windows {
  std::vector<window_option> windows;
  std::vector<window_option> retain;  // beyond the longest window; may be empty
};

std::vector<choice_of_windows> const& window_choices() {
  static std::vector<choice_of_windows> const choices = {
      {{{"10s", 10 * second}, {"1min", minute}}, {{"3min", 3 * minute}, {"65s", 65 * second}}},
      {{{"5min", 5 * minute}}, {{"7min", 7 * minute}}},
      {{{"1min", minute}, {"5min", 5 * minute}, {"1hour", hour}, {"1day", day}},
       {{"2 days", 2 * day}}},
      {{{"90s", 90 * second}, {"20min", 20 * minute}}, {{"1 hour", hour}}},
      {{{"1min", minute}, {"1hour", hour}}, {{"100min", 100 * minute}}},
      {{{"1s", second}, {"30s", 30 * second}}, {{"45s", 45 * second}}},
      {{{"1hour", hour}, {"1day", day}, {"1week", 7 * day}}, {}},
  };
  return choices;
}

std::vector<value> all_items(std::int64_t longest_item) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  auto const longest = static_cast<std::size_t>(longest_item);
  std::vector<value> items = {
      value::integer(0), value::integer(1), value::integer(-1), value::integer(2),
      value::integer(least), value::integer(most), value::integer(9007199254740993),
      value::real(-0.0), value::real(1.0), value::real(0.5), value::real(-2.25), value::real(1e300),
      value::real(9223372036854775808.0), value::real(std::numeric_limits<double>::infinity()),
      value::text(""), value::text("1"), value::text("1.0"), value::text("a"), value::text("A"),
      value::text("ab"), value::text("it's"), value::text("\"q\""),
      value::text("\xC3\xA9t\xC3\xA9"), value::text("\xF0\x9F\x98\x80"),
      value::text(std::string("a\0b", 3)), value::text(std::string("a\0c", 3)),
      value::text(std::string("\0", 1)),
      // Ill-formed: half a surrogate pair, no character, no UTF-8.
      value::text("\xED\xA0\xBD"), value::text("a\xEF\xBF\xBE"), value::text("a\xEF\xBF\xBD"),
      value::text("\xFFz"), value::text("\xC5\x81\xC3\xB3"), value::text("Z\xC3\xBC"),
      value::text("\xEF\xBC\xA1"), value::text(std::string(longest, 'l')),
      value::text(std::string(longest / 2, 'm')), value::blob(""), value::blob("1"),
      value::blob("a"), value::blob(std::string("\0", 1)), value::blob("\xFF\xFE"),
      value::blob(std::string(longest, '\x01'))};
  for (int i = 0; i < 20; ++i) items.push_back(value::text("tag" + std::to_string(i)));
  return items;
}

void choose_items(profile& to, random_source& random) {
  std::vector<value> const all = all_items(to.limits.max_item_bytes);
  std::size_t const count = static_cast<std::size_t>(random.between(3, 40));
  for (std::size_t i = 0; i < count; ++i) to.items.push_back(random.pick(all));
}

void choose_partitions(profile& to, random_source& random) {
  if (to.kind == stream_kind::content && !to.content_has_partition) return;
  std::uint64_t const drawn = random.below(10);
  if (drawn < 4) return;
  if (drawn < 8) {
    to.partitions = {value::text("de"), value::integer(1), value::text("1"), value::real(0.5),
                     value::blob(std::string("\0p", 2))};
    return;
  }
  for (int i = 0; i < 150; ++i) to.partitions.push_back(value::integer(i));
}

void choose_windows(profile& to, random_source& random) {
  if (to.kind == stream_kind::default_stream) {
    to.windows = window_choices()[2].windows;
    to.limits.retain = to.longest_window();
    return;
  }
  choice_of_windows const& chosen = random.pick(window_choices());
  to.windows = chosen.windows;
  to.limits.retain = to.longest_window();
  to.options = "windows='";
  for (window_option const& each : to.windows) {
    if (&each != &to.windows.front()) to.options += ",";
    to.options += each.name;
  }
  to.options += "'";
  if (chosen.retain.empty() || random.percent(40)) return;
  window_option const& retain = random.pick(chosen.retain);
  to.options += ", retain='" + retain.name + "'";
  to.limits.retain = retain.length;
}

void choose_limits(profile& to, random_source& random) {
  if (to.kind == stream_kind::default_stream) {
    to.is_roomy = true;
    return;
  }
  std::uint64_t const drawn = random.below(10);
  to.is_roomy = drawn >= 7;
  if (!to.is_roomy) to.options += drawn < 5 ? ", memory=16384" : ", memory=65536";
  if (random.percent(60)) to.options += ", k=" + std::to_string(random.pick<int>({1, 3, 5, 20}));
  if (random.percent(50)) {
    to.limits.max_item_bytes = random.pick<std::int64_t>({64, 200, 1000});
    to.options += ", max_item_bytes=" + std::to_string(to.limits.max_item_bytes);
  }
  if (random.percent(50)) {
    std::int64_t const seconds = random.pick<std::int64_t>({1, 10, 120, 3600});
    to.limits.max_skew = seconds * second;
    to.options += ", max_skew=" + std::to_string(seconds) + (random.percent(50) ? "" : " s");
  }
  to.options += ", seed=" + std::to_string(random.below(1'000'000));
}

void choose_content(profile& to, random_source& random) {
  to.has_log = false;
  to.content_without_rowid = random.percent(30);
  to.content_text_times = random.percent(30);
  to.content_one_form = random.percent(60);
  to.content_has_weight = random.percent(70);
  to.content_has_partition = random.percent(70);
  to.content_generates_item = random.percent(30);
  to.content_weighs_id = to.content_has_weight && !to.content_without_rowid && random.percent(25);
  to.content_has_code = random.percent(60);
  to.options += ", content='history', item='song', ts='played at'";
  if (to.content_has_weight) to.options += to.content_weighs_id ? ", weight='id'" : ", weight='n'";
  if (!to.content_has_partition) return;
  to.options += ", partition='country'";
  if (random.percent(50)) return;
  to.content_max_partitions = random.pick<std::int64_t>({1, 2, 4, 30});
  to.options += ", max_partitions=" + std::to_string(to.content_max_partitions);
}

}  // namespace

profile make_profile(std::uint64_t seed) {
  random_source random(mix_seeds(seed, 0xA11CE));
  profile out;
  out.seed = seed;
  draw_encoding(seed / 2);  // beside the journal mode
  out.encoding = encoding_in_use();
  out.is_far = seed % 8 == 5;
  out.wal = seed % 2 == 0;
  char const* const asked = std::getenv("TOPK_MODEL_KIND");
  bool const is_content = asked != nullptr && std::string_view(asked) == "content";
  std::uint64_t const drawn = random.below(10);
  std::uint64_t const kind = is_content ? 9 : drawn;
  out.kind = kind < 6   ? stream_kind::created
             : kind < 8 ? stream_kind::default_stream
                        : stream_kind::content;
  choose_windows(out, random);
  choose_limits(out, random);
  if (out.kind == stream_kind::content) choose_content(out, random);
  if (out.kind == stream_kind::created) {
    out.has_log = random.percent(65);
    if (!out.has_log || random.percent(50)) {
      out.options += out.has_log ? ", log=on" : ", log=off";
    }
  }
  bool const is_odd = random.percent(25);
  out.name = is_odd ? "we\"ird 'n" : "plays";
  out.other_name = is_odd ? "o'd.d \"two" : "plays_two";
  if (out.kind == stream_kind::default_stream) out.name = out.other_name = "topk_events";
  choose_items(out, random);
  choose_partitions(out, random);
  micros const shortest = out.windows.front().length;
  out.pace = random.pick<micros>(
      {shortest / 20, shortest / 3, shortest, out.limits.retain / 40, out.limits.retain / 5});
  out.flood = random.pick<std::int64_t>({300, 1000, 2500});
  out.has_feed = out.kind != stream_kind::content && random.percent(50);
  out.recursive_triggers = random.percent(50);
  // Drawn apart, so that the other draws stay what they were.
  out.is_first_format = out.kind == stream_kind::created && out.has_log &&
                        random_source(mix_seeds(seed, 0xF1257)).percent(30);
  if (out.kind == stream_kind::default_stream) return out;
  constexpr std::array<char const*, 4> pasts = {"", ", past=0", ", past=1000", ", past='20KiB'"};
  auto const past = random_source(mix_seeds(seed, 0x9A57)).below(pasts.size());
  out.options += out.is_first_format ? ", past=0" : pasts[past];
  return out;
}

std::string profile::describe() const {
  std::string out = "seed " + std::to_string(seed) + ": ";
  out += kind == stream_kind::created          ? "created stream"
         : kind == stream_kind::default_stream ? "default stream through cms_add"
                                               : "content stream";
  out += wal ? ", WAL, " : ", rollback journal, ";
  out += encoding + (is_far ? ", in 2300" : "");
  out += has_log ? ", logged" : ", no log of its own";
  out += is_first_format ? " in the first format" : "";
  out += recursive_triggers ? ", recursive triggers" : "";
  return out + ", " + quoted_name(name) + " (" + options + ")";
}

}  // namespace topk::test
