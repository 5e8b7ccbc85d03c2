// What Catch2 shows of our types in a message: items as SQL literals, bounds, statuses, rows.
//
// Included by every test that compares such values; without it Catch2 prints "{?}".
#pragma once

#include <catch2/catch.hpp>
#include <charconv>
#include <string>

#include "base/item.hpp"
#include "base/status.hpp"
#include "sketch/ranking.hpp"
#include "sketch/summary.hpp"

namespace topk::test {

// 7, 0.5, 'it''s', x'00ff'.
inline std::string shown(item_view const& item) {
  std::string text;
  switch (item.type) {
    case item_type::null: return "NULL";
    case item_type::integer: return std::to_string(integer_of(item));
    case item_type::real: {
      char digits[32];
      auto const end = std::to_chars(digits, digits + sizeof(digits), real_of(item)).ptr;
      return {digits, end};
    }
    case item_type::text:
      for (char const c : item.bytes) text.append(c == '\'' ? 2 : 1, c);
      return "'" + text + "'";
    case item_type::blob:
      for (char const c : item.bytes) {
        constexpr char hex[] = "0123456789abcdef";
        text += hex[static_cast<unsigned char>(c) >> 4];
        text += hex[static_cast<unsigned char>(c) & 15];
      }
      return "x'" + text + "'";
  }
  return "an item of no type";
}

inline std::string shown(std::int64_t lower, std::int64_t upper) {
  return "[" + std::to_string(lower) + ", " + std::to_string(upper) + "]";
}

inline std::string shown(errc code) {
  switch (code) {
    case errc::ok: return "ok";
    case errc::invalid_argument: return "invalid_argument";
    case errc::constraint: return "constraint";
    case errc::too_big: return "too_big";
    case errc::corrupt: return "corrupt";
    case errc::drift: return "drift";
    case errc::unsupported_version: return "unsupported_version";
    case errc::read_only: return "read_only";
    case errc::backend: return "backend";
  }
  return "an errc of no name";
}

// corrupt: stored pane: bad checksum (detail 11)
inline std::string shown(status const& outcome) {
  if (outcome) return "ok";
  return shown(outcome.code) + ": " + outcome.message +
         (outcome.detail == 0 ? "" : " (detail " + std::to_string(outcome.detail) + ")");
}

}  // namespace topk::test

namespace Catch {

template <>
struct StringMaker<topk::item_view> {
  static std::string convert(topk::item_view const& item) { return topk::test::shown(item); }
};

template <>
struct StringMaker<topk::item> {
  static std::string convert(topk::item const& item) { return topk::test::shown(item.view()); }
};

template <>
struct StringMaker<topk::errc> {
  static std::string convert(topk::errc code) { return topk::test::shown(code); }
};

template <>
struct StringMaker<topk::status> {
  static std::string convert(topk::status const& outcome) { return topk::test::shown(outcome); }
};

// The value if Catch2 can print one, else that there is one; or the failed status.
template <class T>
struct StringMaker<topk::result<T>> {
  static std::string convert(topk::result<T> const& outcome) {
    return outcome ? ::Catch::Detail::stringify(*outcome) : topk::test::shown(outcome.error());
  }
};

template <>
struct StringMaker<topk::sketch::bounds> {
  static std::string convert(topk::sketch::bounds const& bounds) {
    return topk::test::shown(bounds.lower, bounds.upper);
  }
};

template <>
struct StringMaker<topk::sketch::entry_view> {
  static std::string convert(topk::sketch::entry_view const& entry) {
    return topk::test::shown(entry.item) + " in " + topk::test::shown(entry.lo, entry.hi);
  }
};

// 'song 1': 12 in [10, 14], proven
template <>
struct StringMaker<topk::sketch::ranked_entry> {
  static std::string convert(topk::sketch::ranked_entry const& row) {
    return topk::test::shown(row.key) + ": " + std::to_string(row.count) + " in " +
           topk::test::shown(row.lower, row.upper) + (row.is_proven ? ", proven" : "");
  }
};

}  // namespace Catch
