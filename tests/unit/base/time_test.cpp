// Durations and times as people write them, and rounding to multiples.
#include "base/time.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

using namespace topk;

TEST_CASE("a duration is a number and a unit", "[base][time]") {
  auto const [text, length] = GENERATE(table<char const*, micros>({
      {"1ms", second / 1000},
      {"90s", 90 * second},
      {"90sec", 90 * second},
      {"1second", second},
      {"30seconds", 30 * second},
      {"1m", minute},
      {"5min", 5 * minute},
      {"1minute", minute},
      {"15minutes", 15 * minute},
      {"1h", hour},
      {"2hr", 2 * hour},
      {"1hour", hour},
      {"36hours", 36 * hour},
      {"1d", day},
      {"1day", day},
      {"100 days", 100 * day},
      {"1w", week},
      {"1week", week},
      {"2 weeks", 2 * week},
  }));
  INFO(text);
  CHECK(parse_duration(text) == length);
}

TEST_CASE("a number alone is seconds", "[base][time]") {
  CHECK(parse_duration("3600") == hour);
  CHECK(parse_duration("0.5") == second / 2);
  CHECK(parse_duration("60.0") == minute);
  CHECK(parse_duration("007") == 7 * second);
}

TEST_CASE("a number may have a fraction", "[base][time]") {
  CHECK(parse_duration("1.5h") == 90 * minute);
  CHECK(parse_duration("0.25 days") == 6 * hour);
  CHECK(parse_duration("0.000001s") == 1);
  CHECK(parse_duration("0.0000005s") == 1);  // rounded, halves up
  CHECK(parse_duration("0.00000049s") == std::nullopt);
  CHECK(parse_duration("1.999999999999999999999999s") == 2 * second);
  CHECK(parse_duration("0.123456s") == 123'456);
}

TEST_CASE("case and blanks do not matter", "[base][time]") {
  for (auto const* text : {"5min", "5 min", " 5min", "5min ", "\t5 \n Min\r", "5MIN", "5    mIn"}) {
    INFO(text);
    CHECK(parse_duration(text) == 5 * minute);
  }
  CHECK(parse_duration(" pt5m ") == 5 * minute);
}

TEST_CASE("a duration may be written as in ISO 8601", "[base][time]") {
  auto const [text, length] = GENERATE(table<char const*, micros>({
      {"PT15M", 15 * minute},
      {"PT90S", 90 * second},
      {"PT1H", hour},
      {"P1D", day},
      {"P2W", 2 * week},
      {"P1W2D", 9 * day},
      {"P1DT12H", 36 * hour},
      {"PT1H30M", 90 * minute},
      {"PT1H30S", hour + 30 * second},
      {"PT0.5S", second / 2},
      {"P1DT0H", day},
      {"PT1.5H", 90 * minute},
      {"P1W1DT1H1M1S", week + day + hour + minute + second},
  }));
  INFO(text);
  CHECK(parse_duration(text) == length);
}

TEST_CASE("text that is not a duration is refused", "[base][time]") {
  auto const* text =
      GENERATE("", " ", "x", "min", "1x", "1 fortnight", "1month", "1 months", "1year", "1y", "-1s",
               "+1s", "- 1s", "0", "0s", "0.0", "1 0min", "1.", ".5", "1..5s", "1.5.5s", "1,5s",
               "1e3", "0x10", "1h30m", "1 min 5", "inf", "nan", "1s\x01", "P", "PT", "P1", "PT1",
               "P1M", "P1Y", "P1S", "PT1D", "PT1W", "P1DT", "PT1M1H", "PT1S1M", "P1D1W", "PT1M1M",
               "PTT1M", "P1D1D", "PT0.5H1M", "P-1D", "P 1D", "PT0S", "1DP", "\xC3\xA9");
  INFO(text);
  CHECK(parse_duration(text) == std::nullopt);
}

TEST_CASE("a NUL is not a blank", "[base][time]") {
  CHECK(parse_duration(std::string_view("5min\0", 5)) == std::nullopt);
}

TEST_CASE("no duration is longer than 10,000 years", "[base][time]") {
  // 10,000 Gregorian years are 3,652,425 days.
  CHECK(parse_duration("3652425 days") == 3'652'425 * day);
  CHECK(parse_duration("315569520000s") == 3'652'425 * day);
  CHECK(parse_duration("3652426 days") == std::nullopt);
  CHECK(parse_duration("3652425.5 days") == std::nullopt);
  CHECK(parse_duration("P3652425DT1S") == std::nullopt);
  CHECK(parse_duration("9223372036854775807") == std::nullopt);
  CHECK(parse_duration("9223372036854775808") == std::nullopt);
  CHECK(parse_duration("99999999999999999999999999999999999999999999w") == std::nullopt);
}

TEST_CASE("a time is rounded to the nearest microsecond", "[base][time]") {
  CHECK(time_from_seconds(0.0) == 0);
  CHECK(time_from_seconds(1.5) == 1'500'000);
  CHECK(time_from_seconds(-1.5) == -1'500'000);
  CHECK(time_from_seconds(0.0000005) == 1);
  CHECK(time_from_seconds(-0.0000005) == -1);
  CHECK(time_from_seconds(0.0000004) == 0);
  CHECK(time_from_seconds(1'700'000'000.123456) == 1'700'000'000'123'456);
  CHECK(time_from_seconds(std::int64_t{1'700'000'000}) == 1'700'000'000 * second);
  CHECK(time_from_seconds(std::int64_t{-5}) == -5 * second);
}

TEST_CASE("a time is in the years 0000 to 9999", "[base][time]") {
  CHECK(time_from_seconds(std::int64_t{-62'167'219'200}) == earliest_time);
  CHECK(time_from_seconds(std::int64_t{-62'167'219'201}) == std::nullopt);
  CHECK(time_from_seconds(std::int64_t{253'402'300'799}) == latest_time - 999'999);
  CHECK(time_from_seconds(std::int64_t{253'402'300'800}) == std::nullopt);
  CHECK(time_from_seconds(std::numeric_limits<std::int64_t>::min()) == std::nullopt);
  CHECK(time_from_seconds(std::numeric_limits<std::int64_t>::max()) == std::nullopt);

  CHECK(time_from_seconds(-62'167'219'200.0) == earliest_time);
  CHECK(time_from_seconds(-62'167'219'200.5) == std::nullopt);
  CHECK(time_from_seconds(253'402'300'799.5) == latest_time - 499'999);
  CHECK(time_from_seconds(253'402'300'800.0) == std::nullopt);
  CHECK(time_from_seconds(1e300) == std::nullopt);
  CHECK(time_from_seconds(std::numeric_limits<double>::infinity()) == std::nullopt);
  CHECK(time_from_seconds(-std::numeric_limits<double>::infinity()) == std::nullopt);
  CHECK(time_from_seconds(std::nan("")) == std::nullopt);
}

TEST_CASE("a length is spelled in its greatest whole unit", "[base][time]") {
  CHECK(spell_duration(1) == "0.000001s");
  CHECK(spell_duration(second / 2) == "0.5s");
  CHECK(spell_duration(1'500'000) == "1.5s");
  CHECK(spell_duration(90 * second) == "90s");
  CHECK(spell_duration(minute) == "1min");
  CHECK(spell_duration(20 * minute) == "20min");
  CHECK(spell_duration(hour) == "1hour");
  CHECK(spell_duration(36 * hour) == "36hours");
  CHECK(spell_duration(day) == "1day");
  CHECK(spell_duration(100 * day) == "100days");
  CHECK(spell_duration(week) == "1week");
  CHECK(spell_duration(2 * week) == "2weeks");
  CHECK(spell_duration(0) == "0s");
  CHECK(spell_duration(-90 * second) == "-90s");
}

TEST_CASE("a spelled length reads back", "[base][time]") {
  for (auto const length :
       {micros{1}, micros{999'999}, second, second + 10, 61 * second, 61 * minute, 25 * hour,
        8 * day, 52 * week, 10 * 365 * day, latest_time - earliest_time + 1}) {
    INFO(spell_duration(length));
    CHECK(parse_duration(spell_duration(length)) == length);
  }
}

TEST_CASE("rounding to a multiple works on either side of 1970", "[base][time]") {
  CHECK(round_down(0, 10) == 0);
  CHECK(round_down(9, 10) == 0);
  CHECK(round_down(-1, 10) == -10);
  CHECK(round_down(-10, 10) == -10);
  CHECK(round_up(1, 10) == 10);
  CHECK(round_up(10, 10) == 10);
  CHECK(round_up(-1, 10) == 0);
  CHECK(round_up(-11, 10) == -10);
}

TEST_CASE("a time that the log can hold comes back from it", "[base][time]") {
  auto const there_and_back = [](micros time) { return time_from_seconds(seconds_of(time)); };
  for (micros const year : {-62'167'219'200LL, -40'000'000'000LL, -9'007'199'255LL,
                            -8'589'934'593LL, -8'589'934'592LL, -1LL, 0LL, 1LL, 1'763'632'800LL,
                            8'589'934'592LL, 9'007'199'254LL, 9'007'199'255LL, 253'402'300'799LL}) {
    for (micros fraction = 0; fraction < second; fraction += 997) {
      micros const time = year * second + fraction;
      micros const held = as_logged(time);
      INFO(time);
      if (held > time || time - held > 31) FAIL("held as " << held);
      if (as_logged(held) != held) FAIL("held differently the second time");
      if (there_and_back(held) != held) FAIL("not back");
      bool const is_dense = time >= -8'589'934'592 * second && time <= 8'589'934'592 * second;
      if (is_dense && held != time) FAIL("changed");
    }
  }
  CHECK(as_logged(earliest_time) == earliest_time);
  CHECK(as_logged(latest_time) <= latest_time);
  CHECK(as_logged(latest_time) > latest_time - 31);
}

TEST_CASE("doubles compare with one that is held as the times do", "[base][time]") {
  for (micros const year : {-62'000'000'000LL, -9'100'000'000LL, -8'600'000'000LL, 8'600'000'000LL,
                            9'100'000'000LL, 253'000'000'000LL}) {
    for (micros at = 0; at < 3000; at += 7) {
      micros const held = as_logged(year * second + 500'000 + at);
      for (micros edge = held - 70; edge <= held + 70; ++edge) {
        bool const is_later = seconds_of(held) > seconds_of(edge);
        if (is_later != (held > edge)) FAIL(held << " against " << edge);
      }
    }
  }
}
