// Every option of topk_stream: its default, its spellings, and the message that refuses it.
#include "surface/options.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "kit/printers.hpp"

using namespace topk;
using namespace topk::stream;
using topk::errc;
using topk::result;
using topk::surface::parse_stream_options;

namespace {

result<stream_options> parse(std::vector<std::string_view> const& arguments) {
  return parse_stream_options(arguments);
}

stream_options parsed(std::vector<std::string_view> const& arguments) {
  auto options = parse(arguments);
  INFO((options ? std::string() : options.error().message));
  REQUIRE(options);
  return *options;
}

std::string refusal(std::vector<std::string_view> const& arguments) {
  auto const options = parse(arguments);
  if (options) return "accepted";
  CHECK(options.error().code == errc::invalid_argument);
  return options.error().message;
}

constexpr std::int64_t mebibyte = 1 << 20;

}  // namespace

TEST_CASE("without arguments every option has its default", "[surface][options]") {
  for (auto const& options : {parsed({}), parsed({""}), parsed({"  "})}) {
    CHECK(options.windows == std::vector<micros>{minute, 5 * minute, hour, day});
    CHECK(options.k == 100);
    CHECK(options.log);
    CHECK(options.retain == day);
    CHECK(options.memory == 16 * mebibyte);
    CHECK(options.max_item_bytes == 1024);
    CHECK(options.max_skew == minute);
    CHECK(options.max_partitions == 1'000'000);
    CHECK_FALSE(options.seed);
    CHECK_FALSE(options.content);
  }
}

TEST_CASE("the parsed defaults are those of the struct", "[surface][options]") {
  stream_options const made;
  auto const read = parsed({});
  CHECK(made.windows == read.windows);
  CHECK(made.retain == read.retain);
  CHECK(made.memory == read.memory);
}

TEST_CASE("every option is read", "[surface][options]") {
  auto const options =
      parsed({"windows='10s,1hour'", "k=10", "log=off", "retain='2 days'", "memory='512KiB'",
              "max_item_bytes=64", "max_skew='5s'", "max_partitions=7", "seed=-42"});
  CHECK(options.windows == std::vector<micros>{10 * second, hour});
  CHECK(options.k == 10);
  CHECK_FALSE(options.log);
  CHECK(options.retain == 2 * day);
  CHECK(options.memory == 512 * 1024);
  CHECK(options.max_item_bytes == 64);
  CHECK(options.max_skew == 5 * second);
  CHECK(options.max_partitions == 7);
  CHECK(options.seed == -42);
}

TEST_CASE("a value is quoted in any of four ways, or not", "[surface][options]") {
  for (auto const* argument : {"k=7", "k = 7", " k=7 ", "\tk\n=\r7", "K=7", "k='7'", "k=\"7\"",
                               "k=[7]", "k=`7`", "k = '7' ", "k=' 7 '", "k=+7", "k=007"}) {
    INFO(argument);
    CHECK(parsed({argument}).k == 7);
  }
}

TEST_CASE("a doubled quote inside quotes is one quote", "[surface][options]") {
  CHECK(parsed({"content='it''s'"}).content->table == "it's");
  CHECK(parsed({"content=''''"}).content->table == "'");
  CHECK(parsed({"content=\"a\"\"b\""}).content->table == "a\"b");
  CHECK(parsed({"content=`a``b`"}).content->table == "a`b");
  CHECK(parsed({"content=[a'b]"}).content->table == "a'b");
  CHECK(parsed({"content='a]b'"}).content->table == "a]b");
}

TEST_CASE("open quotes, or text after them, are refused", "[surface][options]") {
  for (auto const* argument : {"k='7", "k=\"7", "k=[7", "k=`7", "k='7'7", "k='7' 7", "k='7''",
                               "k=[7]]", "k='", "content='a'b'"}) {
    INFO(argument);
    CHECK(refusal({argument}) ==
          "topk_stream: '" + std::string(argument) + "': the value's quotes do not match");
  }
}

TEST_CASE("an empty value is refused", "[surface][options]") {
  for (auto const* argument : {"k=", "k = ", "k=''", "k=[]", "k=' '"}) {
    INFO(argument);
    CHECK(refusal({argument}) == "topk_stream: k='': expected a value");
  }
  CHECK(refusal({"content=''"}) == "topk_stream: content='': expected a value");
}

TEST_CASE("an argument that is not key=value is refused", "[surface][options]") {
  CHECK(refusal({"windows=1min", "5min"}) ==
        "topk_stream: '5min': expected key=value; a list is quoted, as in windows='1min,5min'");
  CHECK(refusal({"log"}).starts_with("topk_stream: 'log': expected key=value"));
  CHECK(refusal({"=5"}).starts_with("topk_stream: unknown option ''; allowed: windows, k, log"));
}

TEST_CASE("an unknown option is named, with what is allowed", "[surface][options]") {
  CHECK(refusal({"windws='1min'"}) ==
        "topk_stream: unknown option 'windws'; allowed: windows, k, log, retain, memory, "
        "past, max_item_bytes, max_skew, max_partitions, seed, content, item, ts, weight, "
        "partition");
  CHECK(refusal({"window s=1"}).starts_with("topk_stream: unknown option 'window s'"));
}

TEST_CASE("an option given twice is refused", "[surface][options]") {
  CHECK(refusal({"k=5", "K=5"}) == "topk_stream: option 'k' is given twice");
  CHECK(refusal({"seed=1", "k=5", "seed=1"}) == "topk_stream: option 'seed' is given twice");
}

TEST_CASE("windows come back ascending and distinct", "[surface][options]") {
  CHECK(parsed({"windows='1day, 1min ,60s,PT1H'"}).windows ==
        std::vector<micros>{minute, hour, day});
  CHECK(parsed({"windows=90"}).windows == std::vector<micros>{90 * second});
  CHECK(parsed({"windows='1s,3653days'"}).windows == std::vector<micros>{second, 3653 * day});
  std::string sixteen = "1s";
  for (int i = 2; i <= 16; ++i) sixteen += "," + std::to_string(i) + "s";
  CHECK(parsed({"windows='" + sixteen + "'"}).windows.size() == 16);
  CHECK(parsed({"windows='" + sixteen + ",16s'"}).windows.size() == 16);
  CHECK(refusal({"windows='" + sixteen + ",17s'"}).find("1 to 16") != std::string::npos);
}

TEST_CASE("windows that are not lengths of time, or out of range, are refused",
          "[surface][options]") {
  for (auto const* value : {"x", ",", "1min,", ",1min", "1min,,5min", "0s", "-1min", "0.9s",
                            "999ms", "3654days", "1month", "1min;5min", "1min 5min", "all"}) {
    CHECK(refusal({"windows='" + std::string(value) + "'"}) ==
          "topk_stream: windows='" + std::string(value) +
              "': expected 1 to 16 lengths of time from 1 second to 3653 days, such as "
              "'1min,5min,1hour,1day'");
  }
}

TEST_CASE("k is a whole number from 1 to 100000", "[surface][options]") {
  CHECK(parsed({"k=1"}).k == 1);
  CHECK(parsed({"k=100000"}).k == 100'000);
  for (auto const* value : {"0", "-1", "100001", "1.0", "1e3", "ten", "0x10",
                            "99999999999999999999", "1 0", "+-1", "++1", "+"}) {
    CHECK(refusal({"k='" + std::string(value) + "'"}) ==
          "topk_stream: k='" + std::string(value) + "': expected a whole number from 1 to 100000");
  }
}

TEST_CASE("log is on or off", "[surface][options]") {
  for (auto const* value : {"on", "ON", "true", "1", "'on'"}) {
    CHECK(parsed({"log=" + std::string(value)}).log);
  }
  for (auto const* value : {"off", "Off", "false", "0", "\"off\""}) {
    CHECK_FALSE(parsed({"log=" + std::string(value)}).log);
  }
  CHECK(refusal({"log=maybe"}) == "topk_stream: log='maybe': expected on or off");
  CHECK(refusal({"log=2"}) == "topk_stream: log='2': expected on or off");
}

TEST_CASE("retain is the longest window or longer", "[surface][options]") {
  CHECK(parsed({"windows='1s,2s'"}).retain == 2 * second);
  CHECK(parsed({"retain='1 day'"}).retain == day);
  CHECK(parsed({"retain='100 days'"}).retain == 100 * day);
  CHECK(parsed({"retain=1hour", "windows=1min"}).retain == hour);
  CHECK(refusal({"retain='23h'"}) ==
        "topk_stream: retain='23hours': expected at least the longest window, 1day");
  CHECK(refusal({"retain='forever'"}) ==
        "topk_stream: retain='forever': expected a length of time such as '90s', "
        "'1day' or '2 weeks' (no months or years)");
  CHECK(refusal({"retain=0"}).starts_with("topk_stream: retain='0': expected a length"));
}

TEST_CASE("memory is bytes, with or without a unit", "[surface][options]") {
  CHECK(parsed({"memory=16384"}).memory == 16'384);
  CHECK(parsed({"memory=20000B"}).memory == 20'000);
  CHECK(parsed({"memory='64kB'"}).memory == 64'000);
  CHECK(parsed({"memory='64 KiB'"}).memory == 65'536);
  CHECK(parsed({"memory='1MB'"}).memory == 1'000'000);
  CHECK(parsed({"memory='4mib'"}).memory == 4 * mebibyte);
  CHECK(parsed({"memory='1GB'"}).memory == 1'000'000'000);
  CHECK(parsed({"memory='1GiB'"}).memory == 1024 * mebibyte);
  CHECK(parsed({"memory='1TiB'"}).memory == std::int64_t{1} << 40);
  for (auto const* value : {"16383", "0", "-1", "15KiB", "2TiB", "1099511627777", "4M", "4 cats",
                            "KiB", "1.5MiB", "9223372036854775807MiB", "1MiB1"}) {
    CHECK(refusal({"memory='" + std::string(value) + "'"}) ==
          "topk_stream: memory='" + std::string(value) +
              "': expected bytes from 16KiB to 1TiB, such as 4194304, '512KiB' or '4MiB'");
  }
}

TEST_CASE("memory grows with k unless it is given", "[surface][options]") {
  CHECK(parsed({"k=1024"}).memory == 16 * mebibyte);
  CHECK(parsed({"k=1025"}).memory == 1025 * 16'384);
  CHECK(parsed({"k=100000"}).memory == std::int64_t{100'000} * 16'384);
  CHECK(parsed({"k=100000", "memory=16KiB"}).memory == 16'384);
  CHECK(parsed({"memory=16KiB", "k=100000"}).memory == 16'384);
}

TEST_CASE("max_item_bytes is a whole number from 1 to 1048576", "[surface][options]") {
  CHECK(parsed({"max_item_bytes=1"}).max_item_bytes == 1);
  CHECK(parsed({"max_item_bytes=1048576"}).max_item_bytes == mebibyte);
  CHECK(refusal({"max_item_bytes=0"}) ==
        "topk_stream: max_item_bytes='0': expected a whole number from 1 to 1048576");
  CHECK(refusal({"max_item_bytes=1048577"}) ==
        "topk_stream: max_item_bytes='1048577': expected a whole number from 1 to 1048576");
}

TEST_CASE("max_skew may be zero, and is at most a week", "[surface][options]") {
  for (auto const* value : {"0", "0s", "0.0", "0 min", "'0'", "00"}) {
    INFO(value);
    CHECK(parsed({"max_skew=" + std::string(value)}).max_skew == 0);
  }
  CHECK(parsed({"max_skew='0.5s'"}).max_skew == second / 2);
  CHECK(parsed({"max_skew=0.10"}).max_skew == second / 10);
  CHECK(parsed({"max_skew='1week'"}).max_skew == week);
  for (auto const* value : {"8days", "-1s", "0x", "0 cats", "0.", "soon"}) {
    CHECK(refusal({"max_skew='" + std::string(value) + "'"}) ==
          "topk_stream: max_skew='" + std::string(value) +
              "': expected a length of time from 0 to 1 week");
  }
}

TEST_CASE("max_partitions is a whole number from 0 to 2147483647", "[surface][options]") {
  CHECK(parsed({"max_partitions=0"}).max_partitions == 0);
  CHECK(parsed({"max_partitions=2147483647"}).max_partitions == 2'147'483'647);
  CHECK(refusal({"max_partitions=-1"}) ==
        "topk_stream: max_partitions='-1': expected a whole number from 0 to 2147483647");
  CHECK(refusal({"max_partitions=2147483648"}).starts_with("topk_stream: max_partitions="));
}

TEST_CASE("seed is any 64-bit integer", "[surface][options]") {
  CHECK(parsed({"seed=0"}).seed == 0);
  CHECK(parsed({"seed=-9223372036854775808"}).seed == std::numeric_limits<std::int64_t>::min());
  CHECK(parsed({"seed=9223372036854775807"}).seed == std::numeric_limits<std::int64_t>::max());
  CHECK(refusal({"seed=9223372036854775808"}) ==
        "topk_stream: seed='9223372036854775808': expected a whole number from "
        "-9223372036854775808 to 9223372036854775807");
  CHECK(refusal({"seed=random"}).starts_with("topk_stream: seed='random': expected"));
}

TEST_CASE("content names a table and its columns, and turns the log off", "[surface][options]") {
  auto const plain = parsed({"content=history"});
  REQUIRE(plain.content);
  CHECK_FALSE(plain.log);
  CHECK(plain.content->table == "history");
  CHECK(plain.content->item == "item");
  CHECK(plain.content->ts == "ts");
  CHECK_FALSE(plain.content->weight);
  CHECK_FALSE(plain.content->partition);

  auto const full = parsed({"partition='country'", "weight=n", "ts=\"played at\"", "item=[ song ]",
                            "content='my history'", "log=off"});
  REQUIRE(full.content);
  CHECK(full.content->table == "my history");
  CHECK(full.content->item == " song ");  // a quoted name keeps its blanks
  CHECK(full.content->ts == "played at");
  CHECK(full.content->weight == "n");
  CHECK(full.content->partition == "country");
}

TEST_CASE("content and log=on are refused together, in either order", "[surface][options]") {
  auto const expected =
      "topk_stream: log='on': expected 'off' with content=, whose table is the log";
  CHECK(refusal({"content=history", "log=on"}) == expected);
  CHECK(refusal({"log=1", "content=history"}) == expected);
}

TEST_CASE("a content column without content is refused", "[surface][options]") {
  for (std::string const name : {"item", "ts", "weight", "partition"}) {
    CHECK(refusal({name + "='x'"}) ==
          "topk_stream: " + name +
              "='x': expected content= as well; this names a column of that table");
  }
}

TEST_CASE("a long value is shortened between two characters", "[surface][options]") {
  std::string two_byte_characters;
  for (int i = 0; i < 1000; ++i) two_byte_characters += "\xC3\xA9";
  auto const message = refusal({"k='x" + two_byte_characters + "'"});
  CHECK(message.size() < 200);
  CHECK(message.find("\xA9...': expected a whole number") != std::string::npos);
}
