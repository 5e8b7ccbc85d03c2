// JSON by hand, since the same rows must give the same text on every connection and in every host,
// whatever the locale and the release of SQLite.
//
//   text   copied whole where no byte needs an escape (eight bytes are looked at in one step), else
//          byte by byte; what is not valid UTF-8 becomes an object with its bytes in hexadecimal
//   REAL   the shortest of 15, 16 or 17 digits that reads back as the same double
#include "sqlite/json.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"

namespace topk::sqlite {
namespace {

constexpr char hex_digits[] = "0123456789ABCDEF";
constexpr unsigned json_subtype = 'J';

// The length of the character at the front, 0 if it is not valid UTF-8 (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto const lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  bool const is_overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  bool const is_past_end = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return is_overlong || is_past_end ? 0 : length;
}

// Whether all bytes are ASCII characters that stand for themselves in a JSON string: eight at a
// time.
bool is_verbatim(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = ones * 0x80;
  // A byte's high bit is set where the byte is zero, or above 0x80 before.
  auto const zeros = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
  auto const is_special = [&](std::uint64_t word) {
    std::uint64_t const below_space = (word - ones * 0x20) & ~word & highs;
    return ((word & highs) | below_space | zeros(word ^ (ones * '"')) |
            zeros(word ^ (ones * '\\'))) != 0;
  };
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    if (is_special(word)) return false;
  }
  std::uint64_t rest = ones * ' ';
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  return !is_special(rest);
}

bool is_plain_text(std::string_view text) noexcept {
  while (!text.empty()) {
    std::size_t const length = utf8_length(text);
    if (length == 0 || text.front() == '\0') return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_hex_object(std::string& out, char const* key, std::string_view bytes) {
  out.append("{\"").append(key).append("\":\"");
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  out += "\"}";
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') {
      out += c;
    } else if (byte >= 0x20) {
      out += '\\';
      out += c;
    } else {
      out += "\\u00";
      out += hex_digits[byte >> 4];
      out += hex_digits[byte & 15];
    }
  }
  out += '"';
}

// The double that the digits spell. strtod() looks for the decimal point of the host's locale, so
// it gets none: 1.5e3 as 15e2. (from_chars() would need libm at run time, and libc++ has none
// before release 20.)
double parse_double(std::string_view digits) {
  auto const e = digits.find('e');
  std::string plain(digits.substr(0, e));
  std::int64_t exponent = e == digits.npos ? 0 : parse_integer(digits.substr(e + 1)).value_or(0);
  if (auto const point = plain.find('.'); point != plain.npos) {
    exponent -= static_cast<std::int64_t>(plain.size() - point - 1);
    plain.erase(point, 1);
  }
  plain += "e" + std::to_string(exponent);
  return std::strtod(plain.c_str(), nullptr);
}

// As many digits as tell the double from its neighbours.
void append_real(std::string& out, double value) {
  constexpr double greatest = 1.7976931348623157e308;
  if (value > greatest || value < -greatest) {
    out += value > 0 ? "9e999" : "-9e999";
    return;
  }
  char digits[40];
  for (int precision = 15; precision <= 17; ++precision) {  // not to_chars: it needs libm
    sqlite3_snprintf(sizeof(digits), digits, "%!.*g", precision, value);
    if (parse_double(digits) == value) break;
  }
  out += digits;
}

}  // namespace

void append_json(std::string& out, std::int64_t number) {
  char digits[20];
  auto const end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

void append_json(std::string& out, item_view const& item) {
  switch (item.type) {
    case item_type::integer: return append_json(out, integer_of(item));
    case item_type::real: return append_real(out, real_of(item));
    case item_type::text:
      if (is_verbatim(item.bytes)) {
        (out += '"').append(item.bytes) += '"';
        return;
      }
      if (is_plain_text(item.bytes)) return append_string(out, item.bytes);
      return append_hex_object(out, "text", item.bytes);
    case item_type::blob: return append_hex_object(out, "blob", item.bytes);
    case item_type::null: out += "null"; return;
  }
}

void result_json(sqlite3_context* context, std::string const& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  sqlite3_result_subtype(context, json_subtype);
}

}  // namespace topk::sqlite
