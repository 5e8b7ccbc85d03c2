#include "sqlite/values.hpp"

#include <charconv>

#include "sqlite/statement.hpp"

namespace topk::sqlite {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  auto const blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view text_of(sqlite3_value* value) {
  auto const* text = reinterpret_cast<char const*>(sqlite3_value_text(value));
  if (text == nullptr) throw std::bad_alloc();
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// The text as an integer, if all of it is one.
std::optional<std::int64_t> whole_number(std::string_view text) noexcept {
  text = trimmed(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The real as an integer, if it is one of at most `most` in magnitude. (std::floor needs libm.)
std::optional<std::int64_t> whole_number(double real, std::int64_t most) noexcept {
  auto const limit = static_cast<double>(most);
  if (!(real >= -limit && real <= limit)) return std::nullopt;
  auto const number = static_cast<std::int64_t>(real);
  if (static_cast<double>(number) != real) return std::nullopt;
  return number;
}

std::string_view without_digits(std::string_view text) noexcept {
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  return text;
}

// Whether all of the text is a number as SQLite spells a REAL: 1, 1.5, .5, 1., -1e5.
bool is_real_number(std::string_view text) noexcept {
  auto const take_sign = [&] {
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  };
  take_sign();
  auto rest = without_digits(text);
  std::size_t digits = text.size() - rest.size();
  if (!rest.empty() && rest.front() == '.') {
    text = rest.substr(1);
    rest = without_digits(text);
    digits += text.size() - rest.size();
  }
  if (digits == 0 || rest.empty()) return digits > 0;
  if (rest.front() != 'e' && rest.front() != 'E') return false;
  text = rest.substr(1);
  take_sign();
  return !text.empty() && without_digits(text).empty();
}

// The text as a REAL, if all of it is one. (sqlite3_value_numeric_type would change the user's
// value, and crashes of a copy of it in SQLite 3.53, where it looks for the connection's mutex.)
std::optional<double> real_number(sqlite3_value* value) {
  if (!is_real_number(trimmed(text_of(value)))) return std::nullopt;
  return sqlite3_value_double(value);
}

bool begins_with_a_date(std::string_view text) noexcept {
  if (text.size() < 10) return false;
  for (std::size_t i = 0; i < 10; ++i) {
    bool const dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
  }
  return true;
}

// SQLite's own reading of a date: whole seconds, and the fraction it keeps, in milliseconds.
result<std::optional<micros>> date_of(sqlite3* db, std::string_view text) {
  statement once(db, "SELECT unixepoch(?1), strftime('%f', ?1)");
  auto use = once.begin();
  auto row = use.bind(1, text).step();
  if (!row) return std::move(row).error();
  if (!*row || use.is_null(0)) return std::optional<micros>{};
  auto const seconds = use.text(1);
  micros fraction = 0;
  if (auto const dot = seconds.find('.'); dot != seconds.npos) {
    fraction = whole_number(seconds.substr(dot + 1)).value_or(0) * 1000;
  }
  return std::optional<micros>(use.integer(0) * second + fraction);
}

}  // namespace

std::string lowercase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string shown(sqlite3_value* value) {
  constexpr std::size_t most = 60;
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return "NULL";
    case SQLITE_BLOB: return "a BLOB of " + std::to_string(sqlite3_value_bytes(value)) + " bytes";
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return std::string(text_of(value));
    default: break;
  }
  auto text = text_of(value);
  std::string const more = text.size() > most ? "..." : "";
  text = text.substr(0, most);
  return "'" + std::string(text) + more + "'";
}

result<micros> time_of(sqlite3* db, sqlite3_value* value, micros now, std::string_view what) {
  std::optional<micros> time;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    time = time_from_seconds(std::int64_t{sqlite3_value_int64(value)});
  } else if (type == SQLITE_FLOAT) {
    time = time_from_seconds(sqlite3_value_double(value));
  } else if (type == SQLITE_TEXT) {
    auto const text = trimmed(text_of(value));
    if (auto const integer = whole_number(text)) {
      time = time_from_seconds(*integer);
    } else if (auto const real = real_number(value)) {
      time = time_from_seconds(*real);
    } else if (lowercase(text) == "now") {
      time = round_down(now, second);
    } else if (begins_with_a_date(text)) {
      auto date = date_of(db, text);
      if (!date) return std::move(date).error();
      time = *date;
    }
  }
  if (time) return *time;
  return failure(
      errc::constraint,
      std::string(what) + "=" + shown(value) +
          " is no time: expected unix seconds in the years 0 to 9999, a text that begins "
          "with a full date (YYYY-MM-DD), or 'now'");
}

result<std::int64_t> weight_of(sqlite3_value* value) {
  std::optional<std::int64_t> weight;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    weight = sqlite3_value_int64(value);
  } else if (type == SQLITE_FLOAT) {
    weight = whole_number(sqlite3_value_double(value), greatest_weight);
  } else if (type == SQLITE_TEXT) {
    weight = whole_number(text_of(value));
  }
  if (weight && *weight >= -greatest_weight && *weight <= greatest_weight) return *weight;
  return failure(errc::constraint,
                 "weight=" + shown(value) +
                     ": expected an integer from -1099511627776 to 1099511627776 (2^40)");
}

result<std::optional<micros>> window_of(sqlite3_value* value) {
  std::optional<micros> window;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
    double const seconds = sqlite3_value_double(value);
    if (seconds > 0) window = time_from_seconds(seconds);
    if (window && *window == 0) window.reset();
  } else if (type == SQLITE_TEXT) {
    auto const text = trimmed(text_of(value));
    if (lowercase(text) == "all") return std::optional<micros>{};
    window = parse_duration(text);
  }
  if (window) return window;
  return failure(errc::invalid_argument,
                 "window=" + shown(value) +
                     ": expected a length such as '90s', '1min', '1hour', '1day', '2 weeks' or "
                     "'PT15M', a number of seconds above 0, or 'all'");
}

result<std::size_t> k_of(sqlite3_value* value) {
  std::optional<std::int64_t> k;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    k = sqlite3_value_int64(value);
  } else if (type == SQLITE_FLOAT) {
    k = whole_number(sqlite3_value_double(value), greatest_k);
  } else if (type == SQLITE_TEXT) {
    k = whole_number(text_of(value));
  }
  if (k && *k >= 1 && *k <= greatest_k) return static_cast<std::size_t>(*k);
  return failure(
      errc::invalid_argument,
      "k=" + shown(value) + ": expected a whole number from 1 to " + std::to_string(greatest_k));
}

result<answer_mode> mode_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    auto const mode = lowercase(text_of(value));
    if (mode == "fast") return answer_mode::fast;
    if (mode == "exact" || mode == "accurate") return answer_mode::exact;
    if (mode == "hybrid") return answer_mode::hybrid;
  }
  return failure(errc::invalid_argument,
                 "mode=" + shown(value) + ": expected 'fast', 'exact' ('accurate') or 'hybrid'");
}

result<table_name> table_name_of(std::string_view text) {
  std::string parts[2];
  std::size_t part = 0;
  bool in_quotes = false;
  bool was_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '"') {
      if (in_quotes && i + 1 < text.size() && text[i + 1] == '"') {
        parts[part] += c;
        ++i;
        continue;
      }
      in_quotes = !in_quotes;
      was_quoted = true;
    } else if (c == '.' && !in_quotes && part == 0) {
      part = 1;
    } else {
      parts[part] += c;
    }
  }
  bool const is_empty = parts[part].empty() || (part == 1 && parts[0].empty());
  if (in_quotes || (is_empty && !was_quoted)) {
    return failure(errc::invalid_argument, "stream='" + std::string(text) +
                                               "': expected a name, or a schema and a name with a "
                                               "dot between");
  }
  if (part == 0) return table_name{std::nullopt, parts[0]};
  return table_name{parts[0], parts[1]};
}

}  // namespace topk::sqlite
