// What we read or write in SQLite's place is what SQLite makes of it: dates, and text that a
// database of UTF-16 has kept. Random texts, most of them nearly right.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/text.hpp"
#include "kit/database.hpp"
#include "kit/random.hpp"
#include "kit/settings.hpp"

using namespace topk;
using topk::test::database;
using topk::test::random_source;
using topk::test::setting;
using topk::test::value;

namespace {

std::string digits(random_source& random, int count, std::int64_t most) {
  std::string out = std::to_string(random.between(0, most));
  while (static_cast<int>(out.size()) < count) out = "0" + out;
  return out;
}

template <class... Texts>
std::string one_of(random_source& random, Texts... texts) {
  std::vector<std::string> const all = {texts...};
  return random.pick(all);
}

std::string random_clock(random_source& random) {
  std::string out = digits(random, 2, random.percent(90) ? 23 : 30) + ":" +
                    digits(random, 2, random.percent(95) ? 59 : 70);
  if (random.percent(20)) return out;
  out += ":" + digits(random, 2, random.percent(95) ? 59 : 70);
  if (random.percent(50)) return out;
  out += ".";
  for (std::int64_t i = random.between(random.percent(5) ? 0 : 1, 12); i > 0; --i) {
    out += random.percent(30) ? '9' : static_cast<char>('0' + random.below(10));
  }
  return out;
}

std::string random_offset(random_source& random) {
  if (random.percent(40)) return "";
  std::string const before = random.percent(15) ? one_of(random, " ", "  ", "\t", "\n ") : "";
  if (random.percent(40)) return before + one_of(random, "Z", "z");
  return before + one_of(random, "+", "-") + digits(random, 2, random.percent(90) ? 14 : 20) + ":" +
         digits(random, 2, random.percent(95) ? 59 : 70);
}

std::string random_date(random_source& random) {
  std::string out =
      random.percent(70) ? std::to_string(random.between(1900, 2100)) : digits(random, 4, 9999);
  if (random.percent(3)) out = one_of(random, "0000", "0001", "9999", "0400", "1600");
  out += "-" + digits(random, 2, random.percent(95) ? 12 : 20) + "-" +
         digits(random, 2, random.percent(95) ? 31 : 40);
  if (random.percent(15)) return out;
  out += one_of(random, " ", " ", " ", "T", "T", "", "  ", "T ", " T", "\t", "t");
  out += random_clock(random) + random_offset(random);
  if (random.percent(10)) out += one_of(random, " ", "\n", "Z", "x", " UTC", "  ");
  // A character that is another, is gone, or comes twice.
  for (; random.percent(12) && !out.empty();) {
    auto const at = static_cast<std::size_t>(random.below(out.size()));
    auto const kind = random.below(3);
    if (kind == 0) out[at] = one_of(random, "0", "5", "9", "-", ":", ".", "T", " ", "+", "Z")[0];
    if (kind == 1) out.erase(at, 1);
    if (kind == 2) out.insert(at, 1, out[at]);
  }
  return out;
}

}  // namespace

TEST_CASE("dates_are_those_of_sqlite", "[property][values]") {
  database db(":memory:");
  auto statement = db.prepare("SELECT unixepoch(?1), CAST(strftime('%f', ?1) AS REAL), ?1");
  random_source random(static_cast<std::uint64_t>(setting("TOPK_DATE_SEED", 20251120)));
  std::int64_t const count = setting("TOPK_DATES", 60'000, 6'000);
  std::int64_t read = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string const text = random_date(random);
    if (!begins_with_a_date(text)) continue;
    auto const got = statement.run({value::text(text)}).rows.at(0);
    auto const ours = parse_date(text);
    bool const is_ours = ours.has_value();
    // Before and after our years there are dates of SQLite's.
    bool const is_theirs = !got[0].is_null() && got[0].as_integer() >= earliest_time / second &&
                           got[0].as_integer() <= latest_time / second;
    INFO(text);
    // SQLite 3.40 rounds to the millisecond, up into the next second or out of the calendar.
    std::int64_t const part = is_ours ? ((*ours % second) + second) % second : 0;
    bool const may_round_up = part >= 999'500;
    if (is_ours && !is_theirs && may_round_up) continue;
    if (is_ours != is_theirs) FAIL(text << ": ours " << is_ours << ", SQLite's " << is_theirs);
    if (!is_ours) continue;
    ++read;
    std::int64_t const whole = (*ours - part) / second;
    std::int64_t const theirs = got[0].as_integer();
    bool const is_same = theirs == whole || (may_round_up && theirs == whole + 1);
    if (!is_same) FAIL(text << ": ours " << whole << ", SQLite's " << theirs);
    // The second of a minute, to its millisecond.
    double const seconds = static_cast<double>(((*ours % minute) + minute) % minute) / 1e6;
    bool const is_near = seconds - got[1].as_real() < 0.0011 && got[1].as_real() - seconds < 0.0011;
    if (!is_near && !may_round_up) FAIL(text << ": ours " << seconds);
  }
  CHECK(read > count / 2);
  CHECK(read < count * 95 / 100);
}

TEST_CASE("text_through_utf16_is_what_sqlite_keeps", "[property][values]") {
  static std::vector<std::string> const parts = {"a",
                                                 "0",
                                                 "\x7F",
                                                 "\xC3\xA9",
                                                 "\xE2\x82\xAC",
                                                 "\xF0\x9F\x98\x80",
                                                 "\xEF\xBF\xBD",
                                                 "\xEF\xBB\xBF",
                                                 "\xEF\xBF\xBE",
                                                 "\xEF\xBF\xBF",
                                                 "\xED\xA0\xBD",
                                                 "\xED\xB8\x80",
                                                 "\xC0\x80",
                                                 "\xC1\xBF",
                                                 "\xE0\x80\x80",
                                                 "\xE0\x9F\xBF",
                                                 "\xE0\xA0\x80",
                                                 "\xF0\x80\x80\x80",
                                                 "\xF0\x8F\xBF\xBF",
                                                 "\xF0\x90\x80\x80",
                                                 "\xF4\x8F\xBF\xBF",
                                                 "\xF4\x90\x80\x80",
                                                 "\xF7\xBF\xBF\xBF",
                                                 "\xF8\x88\x80\x80\x80",
                                                 "\xFC\x84\x80\x80\x80\x80",
                                                 "\xFD\xBF\xBF\xBF",
                                                 "\xFE",
                                                 "\xFF",
                                                 "\x80",
                                                 "\xBF\xBF\xBF\xBF\xBF\xBF\xBF",
                                                 "\xE2\x82",
                                                 "\xF0\x9F",
                                                 "12345678"};
  for (std::string const encoding : {"UTF-16le", "UTF-16be"}) {
    database db(":memory:");
    db.exec("PRAGMA encoding='" + encoding + "'; CREATE TABLE t(x)");
    auto keep = db.prepare("INSERT INTO t VALUES (?1) RETURNING x");
    random_source random(1);
    std::int64_t const count = setting("TOPK_TEXTS", 20'000, 2'000);
    std::int64_t survived = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      std::string text;
      bool const is_wild = random.percent(30);
      for (std::int64_t more = random.between(0, 9); more > 0; --more) {
        if (is_wild) text += static_cast<char>(random.below(255) + 1);
        else text += random.percent(50) ? "abc" : random.pick(parts);
      }
      auto const kept = keep.run({value::text(text)}).rows.at(0).at(0).bytes();
      auto const ours = text_through_utf16(text);
      INFO(encoding << " " << value::blob(text).literal());
      if (ours != kept) {
        FAIL("ours " << value::blob(ours).literal() << ", kept " << value::blob(kept).literal());
      }
      if (survives_utf16(text) != (kept == text)) FAIL("survives: " << survives_utf16(text));
      if (text_through_utf16(kept) != kept) FAIL("not the same again");
      survived += kept == text ? 1 : 0;
    }
    CHECK(survived > count / 10);
    CHECK(survived < count);
  }
}
