// Dates that are read without SQLite. That they are those of SQLite:
// property/values_properties_test.
#include "base/date.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

using namespace topk;

namespace {

constexpr micros november_20 = 1'763'596'800 * second;  // 2025-11-20 00:00:00 UTC

}  // namespace

TEST_CASE("a date has any of the forms that SQLite reads", "[base][time][date]") {
  for (auto const* text :
       {"2025-11-20 10:00", "2025-11-20T10:00", "2025-11-20 10:00:00", "2025-11-20T10:00:00Z",
        "2025-11-20 10:00:00z", "2025-11-20T10:00:00.000+00:00", "2025-11-20T 10:00:00.0000000",
        "2025-11-20TT  T10:00", "2025-11-20 10:00 Z", "2025-11-20 10:00:00  \t Z ",
        "2025-11-20 12:30+02:30", "2025-11-20 12:30:00 +02:30", "2025-11-19 20:00:00.0-14:00",
        "2025-11-2010:00", "2025-11-20 10:00:00 "}) {
    INFO(text);
    CHECK(parse_date(text) == november_20 + 10 * hour);
  }
  for (auto const* text : {"2025-11-20", "2025-11-20T", "2025-11-20  ", "2025-11-20 00:00"}) {
    INFO(text);
    CHECK(parse_date(text) == november_20);
  }
}

TEST_CASE("a fraction of a second is kept to the microsecond", "[base][time][date]") {
  CHECK(parse_date("2025-11-20 00:00:00.999999") == november_20 + 999'999);
  CHECK(parse_date("2025-11-20 00:00:00.123456Z") == november_20 + 123'456);
  CHECK(parse_date("2025-11-20 00:00:00.1") == november_20 + 100'000);
  CHECK(parse_date("2025-11-20 00:00:00.000001") == november_20 + 1);
  CHECK(parse_date("2025-11-20 00:00:00.9999999999999999999999999") == november_20 + 999'999);
  CHECK(parse_date("1600-02-29 23:59:59.999999") == (-11670998400 + 86'399) * second + 999'999);
  CHECK(parse_date("9999-12-31 23:59:59.9999999") == latest_time);
}

TEST_CASE("days go on over the end of a month, and hours to 24", "[base][time][date]") {
  CHECK(parse_date("2025-02-31") == parse_date("2025-03-03"));
  CHECK(parse_date("2024-02-30") == parse_date("2024-03-01"));
  CHECK(parse_date("2025-11-31 01:00") == parse_date("2025-12-01 01:00"));
  CHECK(parse_date("2025-12-31 24:00") == parse_date("2026-01-01"));
  CHECK(parse_date("2025-12-31 24:59:59") == parse_date("2026-01-01 00:59:59"));
}

TEST_CASE("what is no date is none", "[base][time][date]") {
  for (auto const* text : {"",
                           "2025",
                           "2025-11",
                           "2025-11-2",
                           "2025-11-20x",
                           "2025-11-32",
                           "2025-00-01",
                           "2025-13-01",
                           "2025-11-00",
                           "2025/11/20",
                           " 2025-11-20",
                           "2025-11-20 10",
                           "2025-11-20 10:0",
                           "2025-11-20 25:00",
                           "2025-11-20 10:60",
                           "2025-11-20 10:00:60",
                           "2025-11-20 10:00:5",
                           "2025-11-20 10:00:00.",
                           "2025-11-20 10:00:00.Z",
                           "2025-11-20 10:00:00,5",
                           "2025-11-20 Z",
                           "2025-11-20+01:00",
                           "2025-11-20 10:00 +15:00",
                           "2025-11-20 10:00 +1:00",
                           "2025-11-20 10:00+0100",
                           "2025-11-20 10:00ZZ",
                           "2025-11-20t10:00",
                           "2025-11-20 10:00 UTC",
                           "20251120",
                           "-2025-11-20",
                           "12025-11-20"}) {
    INFO(text);
    CHECK(parse_date(text) == std::nullopt);
  }
  CHECK(parse_date(std::string_view("2025-11-20\0", 11)) == std::nullopt);
  CHECK(parse_date(std::string_view("2025-11-20 10:00\0Z", 18)) == std::nullopt);
}

TEST_CASE("a date is in the years 0000 to 9999, by Greenwich", "[base][time][date]") {
  CHECK(parse_date("0000-01-01") == earliest_time);
  CHECK(parse_date("0000-01-01 00:00+00:01") == std::nullopt);
  CHECK(parse_date("9999-12-31 23:59:59") == latest_time - 999'999);
  CHECK(parse_date("9999-12-31 24:00") == std::nullopt);
  CHECK(parse_date("9999-12-31 23:00-02:00") == std::nullopt);
}

TEST_CASE("the form of a date shows whether its bytes are in order of time", "[base][time][date]") {
  auto const form = [](char const* text) { return form_of_date(text, parse_date(text).value()); };
  for (auto const* text : {"2025-11-20 10:00:00", "2025-11-20 10:00:00.5", "0000-01-01 00:00:00",
                           "2025-11-20 10:00:00.Z", "9999-12-31 23:59:59.999999Z"}) {
    INFO(text);
    if (parse_date(text)) CHECK(form(text) == date_form::spaced);
  }
  CHECK(form("2025-11-20T10:00:00.123456789") == date_form::with_t);
  CHECK(form("2025-11-20T10:00:00Z") == date_form::with_t);
  for (auto const* text :
       {"2025-11-20", "2025-11-20 10:00", "2025-11-20T 10:00:00", "2025-11-20 10:00:00+00:00",
        "2025-11-20 10:00:00-14:00", "2025-02-31 10:00:00", "2025-11-20 24:00:00",
        "2025-11-20 10:00:00 ", "2025-11-20 10:00:00z", "2025-11-2010:00:00"}) {
    INFO(text);
    CHECK(form(text) == date_form::other);
  }
}

TEST_CASE("a date is spelled as it is read, in all years", "[base][time][date]") {
  CHECK(spell_date(november_20 + 10 * hour + 59 * second + 999'999, ' ') == "2025-11-20 10:00:59");
  CHECK(spell_date(earliest_time, 'T') == "0000-01-01T00:00:00");
  CHECK(spell_date(latest_time, ' ') == "9999-12-31 23:59:59");
  CHECK(spell_date(-1, ' ') == "1969-12-31 23:59:59");
  for (micros time = earliest_time; time < latest_time; time += 86'399 * 13 * second) {
    std::string const spelled = spell_date(time, 'T');
    REQUIRE(parse_date(spelled) == time);
    REQUIRE(form_of_date(spelled, time) == date_form::with_t);
  }
}
