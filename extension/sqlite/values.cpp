// Each kind of value is read here and nowhere else, so that an option, an argument and a column of
// the same meaning accept the same spellings and are refused in the same words.
//
// Dates are read by base/date, integers by base/text, which depend on no locale; SQLite is asked
// for the REAL in a text, and for dates in a form that we do not know. A text is always taken with
// its length: a NUL inside belongs to it.
#include "sqlite/values.hpp"

#include "base/date.hpp"

namespace topk::sqlite {
namespace {

// The text as an integer, if all of it but blanks around is one.
std::optional<std::int64_t> whole_number(std::string_view text) noexcept {
  return parse_integer(trimmed(text));
}

bool is_weight(std::int64_t weight) noexcept {
  return weight >= -greatest_weight && weight <= greatest_weight;
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
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
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
std::optional<double> real_number(sqlite3_value* value, std::string_view text) {
  if (!is_real_number(trimmed(text))) return std::nullopt;
  return sqlite3_value_double(value);
}

}  // namespace

std::string_view text_of(sqlite3_value* value) {
  auto const* text = reinterpret_cast<char const*>(sqlite3_value_text(value));
  if (text == nullptr) throw std::bad_alloc();
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::optional<item_view> stored_item_of(sqlite3_value* value, char (&number)[8]) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return std::nullopt;
    case SQLITE_INTEGER: return integer_view(sqlite3_value_int64(value), number);
    case SQLITE_FLOAT: return real_view(sqlite3_value_double(value), number);
    case SQLITE_TEXT: return item_view{item_type::text, text_of(value)};
    default: return item_view{item_type::blob, bytes_of(value)};
  }
}

bool value_reader::keeps_utf8() {
  if (!keeps_utf8_) {
    statement encoding(db_, "PRAGMA encoding");
    auto use = encoding.begin();
    auto const row = use.step();
    keeps_utf8_ = row && *row && use.text(0) == "UTF-8";
  }
  return *keeps_utf8_;
}

std::string_view value_reader::text_in(sqlite3_value* value) {
  return keeps_utf8_ && *keeps_utf8_ ? bytes_of(value) : text_of(value);
}

std::optional<item_view> value_reader::other_item(sqlite3_value* value, item_buffer& buffer) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return stored_item_of(value, buffer.number);
  auto text = text_in(value);
  bool const stays = (keeps_utf8_ && *keeps_utf8_) || survives_utf16(text) || keeps_utf8();
  if (!stays) text = buffer.text = text_through_utf16(text);
  return item_view{item_type::text, text};
}

void result_item(sqlite3_context* context, item_view const& item) {
  switch (item.type) {
    case item_type::integer: sqlite3_result_int64(context, integer_of(item)); return;
    case item_type::real: sqlite3_result_double(context, real_of(item)); return;
    case item_type::text:
      sqlite3_result_text64(context, address_of(item.bytes), item.bytes.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8);
      return;
    case item_type::blob:
      sqlite3_result_blob64(context, address_of(item.bytes), item.bytes.size(), SQLITE_TRANSIENT);
      return;
    case item_type::null: return;
  }
}

std::string shown_time(micros time) {
  return in_seconds(time, [](auto const seconds) {
    if constexpr (std::is_same_v<std::decay_t<decltype(seconds)>, std::int64_t>) {
      return std::to_string(seconds);
    } else {
      owned_text const text(sqlite3_mprintf("%!.6f", seconds));
      if (text == nullptr) throw std::bad_alloc();
      return std::string(text.get());
    }
  });
}

void result_time(sqlite3_context* context, micros time) {
  struct setter {
    sqlite3_context* context;
    void operator()(std::int64_t seconds) const { sqlite3_result_int64(context, seconds); }
    void operator()(double seconds) const { sqlite3_result_double(context, seconds); }
  };
  in_seconds(time, setter{context});
}

std::string shown(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return "NULL";
    case SQLITE_BLOB: return "a BLOB of " + std::to_string(sqlite3_value_bytes(value)) + " bytes";
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return std::string(text_of(value));
    default: return shown(text_of(value));
  }
}

// SQLite's own reading of a date: whole seconds, and the fraction it keeps, in milliseconds.
result<std::optional<micros>> value_reader::ask_sqlite(std::string_view date) {
  if (!unixepoch_) unixepoch_.emplace(db_, "SELECT unixepoch(?1), strftime('%f', ?1)");
  auto use = unixepoch_->begin();
  TOPK_ASSIGN(bool const has_row, use.bind(1, date).step());
  if (!has_row || use.is_null(0)) return std::optional<micros>{};
  auto const whole = time_from_seconds(use.integer(0));
  auto const digits = use.text(1);
  micros milliseconds = 0;
  if (auto const dot = digits.find('.'); dot != digits.npos) {
    milliseconds = whole_number(digits.substr(dot + 1)).value_or(0);
  }
  return whole ? std::optional(*whole + milliseconds * 1000) : std::nullopt;
}

result<micros> value_reader::time(sqlite3_value* value, std::optional<micros> now,
                                  std::string_view what) {
  std::optional<micros> time;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    time = time_from_seconds(std::int64_t{sqlite3_value_int64(value)});
  } else if (type == SQLITE_FLOAT) {
    time = time_from_seconds(sqlite3_value_double(value));
  } else if (type == SQLITE_TEXT) {
    auto const given = text_in(value);
    auto const text = trimmed(given);
    if (begins_with_a_date(text)) {
      time = parse_date(text);
      // A NUL would end the text for SQLite.
      if (!time && text.find('\0') == text.npos) {
        TOPK_ASSIGN(time, ask_sqlite(text));
      }
    } else if (auto const integer = whole_number(text)) {
      time = time_from_seconds(*integer);
    } else if (auto const real = real_number(value, given)) {
      time = time_from_seconds(*real);
    } else if (now && lowercase(text) == "now") {
      time = round_down(*now, second);
    }
  }
  if (time) return as_logged(*time);
  return failure(
      errc::constraint,
      std::string(what) + "=" + shown(value) +
          " is not a time: expected unix seconds in the years 0 to 9999, a text that begins "
          "with a full date (YYYY-MM-DD)" +
          (now ? ", or 'now'" : ""));
}

std::optional<std::int64_t> parse_weight(std::string_view text) noexcept {
  auto const weight = whole_number(text);
  return weight && is_weight(*weight) ? weight : std::nullopt;
}

result<std::int64_t> value_reader::weight(sqlite3_value* value) {
  std::optional<std::int64_t> weight;
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    weight = sqlite3_value_int64(value);
  } else if (type == SQLITE_FLOAT) {
    weight = whole_number(sqlite3_value_double(value), greatest_weight);
  } else if (type == SQLITE_TEXT) {
    auto const text = text_of(value);
    weight = whole_number(text);
    if (!weight) {
      auto const real = real_number(value, text);
      if (real) weight = whole_number(*real, greatest_weight);
    }
  }
  if (weight && is_weight(*weight)) return *weight;
  return failure(errc::constraint,
                 "weight=" + shown(value) +
                     ": expected an integer from -1099511627776 to 1099511627776 (2^40)");
}

namespace {

std::optional<micros> positive_length(sqlite3_value* value) {
  int const type = sqlite3_value_type(value);
  if (type == SQLITE_TEXT) return parse_duration(trimmed(text_of(value)));
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return std::nullopt;
  double const seconds = sqlite3_value_double(value);
  auto const length = seconds > 0 ? time_from_seconds(seconds) : std::nullopt;
  return length == 0 ? std::nullopt : length;
}

status no_length(sqlite3_value* value, std::string_view what, char const* or_what) {
  return failure(errc::invalid_argument,
                 std::string(what) + "=" + shown(value) +
                     ": expected a length such as '90s', '1min', '1hour', '1day', '2 weeks' or "
                     "'PT15M', " +
                     or_what);
}

}  // namespace

result<micros> length_of(sqlite3_value* value, std::string_view what) {
  if (auto const length = positive_length(value)) return *length;
  return no_length(value, what, "or a number of seconds above 0");
}

result<std::optional<micros>> window_of(sqlite3_value* value) {
  if (auto const length = positive_length(value)) return std::optional(*length);
  bool const is_text = sqlite3_value_type(value) == SQLITE_TEXT;
  if (is_text && lowercase(trimmed(text_of(value))) == "all") return std::optional<micros>{};
  return no_length(value, "window", "a number of seconds above 0, or 'all'");
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
  std::string_view rest = text;
  // A name in double quotes, or up to `end` without any; nullopt if it is neither.
  auto const take_name = [&](std::size_t end) -> std::optional<std::string> {
    if (rest.starts_with('"')) return take_quoted(rest);
    std::string const name(rest.substr(0, end));
    rest.remove_prefix(name.size());
    if (name.empty() || name.find('"') != name.npos) return std::nullopt;
    return name;
  };
  auto first = take_name(rest.find('.'));
  if (first && rest.empty()) return table_name{std::nullopt, *std::move(first)};
  if (first && rest.front() == '.') {
    rest.remove_prefix(1);
    auto second = take_name(rest.size());
    if (second && rest.empty()) return table_name{std::move(first), *std::move(second)};
  }
  return failure(errc::invalid_argument,
                 "stream=" + shown(text) + ": expected a name, or schema.name");
}

}  // namespace topk::sqlite
