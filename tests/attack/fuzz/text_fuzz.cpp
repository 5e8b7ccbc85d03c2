// What people write: durations, options, times, windows, weights, numbers, modes, names.
#include <algorithm>
#include <memory>

#include "base/time.hpp"
#include "fuzz.hpp"
#include "sqlite/api.hpp"
#include "sqlite/values.hpp"
#include "stream/pane_levels.hpp"
#include "surface/options.hpp"

using namespace topk;
using namespace topk::fuzz;

namespace {

struct value_deleter {
  void operator()(sqlite3_value* value) const noexcept { sqlite3_value_free(value); }
};
using owned_value = std::unique_ptr<sqlite3_value, value_deleter>;

sqlite3* database() {
  static sqlite3* const db = [] {
    sqlite3* opened = nullptr;
    require(sqlite3_open(":memory:", &opened) == SQLITE_OK, "SQLite opens");
    return opened;
  }();
  return db;
}

// The input as a value of each type.
owned_value value_of(int type, source in) {
  static sqlite3_stmt* const echo = [] {
    sqlite3_stmt* stmt = nullptr;
    sqlite3_prepare_v2(database(), "SELECT ?1", -1, &stmt, nullptr);
    return stmt;
  }();
  std::string const bytes = in.rest();
  switch (type) {
    case 0:
      sqlite3_bind_text64(echo, 1, bytes.data(), bytes.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    case 1: sqlite3_bind_blob64(echo, 1, bytes.data(), bytes.size(), SQLITE_TRANSIENT); break;
    case 2: sqlite3_bind_int64(echo, 1, source(in).integer()); break;
    default: {
      double number = 0;
      std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
      sqlite3_bind_double(echo, 1, number);
    }
  }
  sqlite3_step(echo);
  owned_value out(sqlite3_value_dup(sqlite3_column_value(echo, 0)));
  sqlite3_reset(echo);
  return out;
}

template <class T>
void is_clear(result<T> const& got) {
  require(got.has_value() || !got.error().message.empty(), "refused with a word");
}

void take_arguments(source const& in) {
  for (int type = 0; type < 4; ++type) {
    auto const value = value_of(type, in);
    if (value == nullptr) continue;
    sqlite::value_reader values(database());
    auto const time = values.time(value.get(), 0, "ts");
    is_clear(time);
    require(!time || (*time >= earliest_time && *time <= latest_time), "a time in range");
    auto const weight = sqlite::value_reader::weight(value.get());
    is_clear(weight);
    require(!weight || (*weight >= -topk::greatest_weight && *weight <= topk::greatest_weight),
            "a weight in range");
    auto const window = sqlite::window_of(value.get());
    is_clear(window);
    require(!window || !*window || **window > 0, "a window has a length");
    auto const k = sqlite::k_of(value.get());
    is_clear(k);
    require(!k || (*k >= 1 && *k <= 100'000), "a k in range");
    is_clear(sqlite::mode_of(value.get()));
    (void)sqlite::shown(value.get());
  }
}

void take_options(std::string_view text) {
  // As SQLite splits them, more or less: at commas.
  std::vector<std::string_view> arguments;
  for (std::string_view rest = text; arguments.size() < 20;) {
    auto const comma = rest.find(',');
    arguments.push_back(rest.substr(0, comma));
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
  }
  auto const options = surface::parse_stream_options(arguments);
  is_clear(options);
  if (!options) return;
  auto const levels = stream::plan_levels(*options);
  require(!levels.empty() && levels.size() <= 17, "at most 17 levels");
  for (std::size_t l = 0; l < levels.size(); ++l) {
    require(levels[l].width > 0 && levels[l].keep > 0 && levels[l].live.entries >= 1,
            "sound levels");
    require(l == 0 || levels[l].width % levels[l - 1].width == 0, "levels nest");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  if (auto const length = parse_duration(text)) {
    require(parse_duration(spell_duration(*length)) == length, "a length is spelled right");
  }
  is_clear(sqlite::table_name_of(text));
  take_arguments(source(data, size));
  take_options(text);
  return 0;
}
