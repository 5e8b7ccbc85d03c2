// What a UTF-16 database makes of UTF-8, in one pass: SQLite's conversion there and back.
//
// SQLite reads a lead byte and however many continuation bytes follow it, adds their bits up, and
// looks at the number alone: overlong forms pass from U+0080 on, a continuation byte without a lead
// is the character of its value, and a number that is not a character becomes U+FFFD. Of a number
// past U+10FFFF the two halves of UTF-16 keep 20 bits.
#include "base/text.hpp"

#include <cstring>

namespace topk {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// What a lead byte has of the number, as SQLite sees it, for longer and impossible forms too.
char32_t lead_bits(unsigned char byte) noexcept {
  if (byte < 0xE0) return byte & 0x1Fu;
  if (byte < 0xF0) return byte & 0x0Fu;
  if (byte < 0xF8) return byte & 0x07u;
  if (byte < 0xFC) return byte & 0x03u;
  return byte == 0xFD ? 1 : 0;
}

// Takes one character off the front of a text that is not empty.
char32_t take_character(std::string_view& utf8) noexcept {
  auto const lead = static_cast<unsigned char>(utf8.front());
  utf8.remove_prefix(1);
  if (lead < 0xC0) return lead;
  char32_t c = lead_bits(lead);
  while (!utf8.empty() && is_continuation(utf8.front())) {
    c = (c << 6) + (static_cast<unsigned char>(utf8.front()) & 0x3Fu);
    utf8.remove_prefix(1);
  }
  bool const is_surrogate = (c & 0xFFFFF800u) == 0xD800;
  if (c < 0x80 || is_surrogate || (c & 0xFFFFFFFEu) == 0xFFFE) return replacement;
  if (c > 0xFFFF) return 0x10000 + ((c - 0x10000) & 0xFFFFF);
  return c;
}

void append(std::string& utf8, char32_t c) {
  auto const add = [&](char32_t byte) { utf8 += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xE0 | c >> 12);
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
    }
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

// Bytes at the front that are ASCII, in eights.
std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + 8 <= text.size(); at += 8) {
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080u) != 0) break;
  }
  return at;
}

// The length of the character at the front in the one right form, 0 where it has another.
std::size_t well_formed(std::string_view text) noexcept {
  auto const byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  auto const continues = [&](std::size_t at) { return (byte(at) & 0xC0) == 0x80; };
  unsigned const lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    bool const is_overlong = lead == 0xE0 && byte(1) < 0xA0;
    bool const is_surrogate = lead == 0xED && byte(1) >= 0xA0;
    bool const is_swapped_mark = lead == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE;
    return is_overlong || is_surrogate || is_swapped_mark ? 0 : 3;
  }
  if (lead < 0xF0 || lead > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  bool const is_outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return is_outside ? 0 : 4;
}

}  // namespace

bool survives_utf16(std::string_view utf8) noexcept {
  utf8.remove_prefix(plain_prefix(utf8));
  while (!utf8.empty()) {
    auto const length = well_formed(utf8);
    if (length == 0) return false;
    utf8.remove_prefix(length);
    // After a character that is longer, a fifth byte would be read with it.
    if (length > 1 && !utf8.empty() && is_continuation(utf8.front())) return false;
  }
  return true;
}

std::string text_through_utf16(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) append(out, take_character(utf8));
  return out;
}

}  // namespace topk
