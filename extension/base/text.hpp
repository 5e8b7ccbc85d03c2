// Text as people write it in SQL: blanks, case, whole numbers, and how a message shows it again.
//
// ASCII only, and never by the process's locale: equal text is read alike in every host.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace topk {

// Space, \t, \n, \v, \f, \r: what SQLite skips around a number too.
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Without the blanks at both ends. Borrows.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// A to Z become a to z; every other byte stays.
[[nodiscard]] inline std::string lowercase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The text as an integer, if all of it is one: at most one sign, then digits; no blanks.
[[nodiscard]] inline std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;  // from_chars would take the second sign
  }
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whether a text of UTF-8 comes back with the same bytes from a database that keeps UTF-16. So does
// every well-formed one but those with U+FFFE or U+FFFF.
[[nodiscard]] bool survives_utf16(std::string_view utf8) noexcept;
// The bytes that come back: each part that UTF-16 cannot hold as the character that SQLite stores
// for it, most often U+FFFD.
[[nodiscard]] std::string text_through_utf16(std::string_view utf8);

// Bytes of a value that a message shows; a longer one is cut.
inline constexpr std::size_t most_shown_bytes = 60;

// 'text' for a message, cut to most_shown_bytes followed by three dots: never inside a UTF-8
// character, since some hosts refuse a message that is not UTF-8. A NUL cuts it too: it would end
// the message.
[[nodiscard]] inline std::string shown(std::string_view text) {
  auto const nul = text.find('\0');
  if (nul == text.npos && text.size() <= most_shown_bytes) return "'" + std::string(text) + "'";
  auto const continues_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
  };
  std::size_t end = nul < most_shown_bytes ? nul : most_shown_bytes;
  while (end > 0 && continues_character(text[end])) --end;
  return "'" + std::string(text.substr(0, end)) + "...'";
}

// Takes a quoted text off the front: up to its closing quote, which stands for itself where it is
// doubled ('[' closes with ']' and doubles nothing). nullopt if the quote is never closed; `text`
// is then as it was. Requires: `text` begins with one of ' " ` [
[[nodiscard]] inline std::optional<std::string> take_quoted(std::string_view& text) {
  // cppcheck-suppress containerOutOfBounds ; required of the caller
  char const open = text.front();
  char const close = open == '[' ? ']' : open;
  std::string inside;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != close) {
      inside += text[at];
    } else if (close != ']' && at + 1 < text.size() && text[at + 1] == close) {
      inside += text[at++];
    } else {
      text.remove_prefix(at + 1);
      return inside;
    }
  }
  return std::nullopt;
}

}  // namespace topk
