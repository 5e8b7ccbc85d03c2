// Blanks, case, integers and quoting: the rules that every option and argument shares.
#include "base/text.hpp"

#include <catch2/catch.hpp>
#include <string>

TEST_CASE("trimming takes the six blanks of ASCII from both ends and none from within",
          "[base][text]") {
  CHECK(topk::trimmed(" \t\n\v\f\ra b\r\f\v\n\t ") == "a b");
  CHECK(topk::trimmed(" \n ").empty());
  CHECK(topk::trimmed("").empty());
  CHECK(topk::trimmed("\xC2\xA0x") == "\xC2\xA0x");  // a no-break space is not a blank
}

TEST_CASE("lower case changes A to Z and no other byte", "[base][text]") {
  CHECK(topk::lowercase("AZ az @[ \xC3\x84") == "az az @[ \xC3\x84");
}

TEST_CASE("an integer has at most one sign and nothing around its digits", "[base][text]") {
  CHECK(topk::parse_integer("42") == 42);
  CHECK(topk::parse_integer("+42") == 42);
  CHECK(topk::parse_integer("-42") == -42);
  CHECK(topk::parse_integer("007") == 7);
  CHECK(topk::parse_integer("9223372036854775807") == INT64_MAX);
  CHECK(topk::parse_integer("-9223372036854775808") == INT64_MIN);
  for (auto const* text : {"", "+", "-", "+-5", "-+5", "++5", "--5", " 5", "5 ", "5x", "5.0", "0x5",
                           "9223372036854775808", "-9223372036854775809"}) {
    INFO(text);
    CHECK_FALSE(topk::parse_integer(text));
  }
}

TEST_CASE("a message shows at most sixty bytes of a text, and whole characters", "[base][text]") {
  std::string const sixty(60, 'x');
  CHECK(topk::shown("") == "''");
  CHECK(topk::shown(sixty) == "'" + sixty + "'");
  CHECK(topk::shown(sixty + "y") == "'" + sixty + "...'");

  // Characters of two, three and four bytes over the sixtieth byte, at each place of the cut.
  for (std::string const character : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xB5"}) {
    for (std::size_t before = 61 - character.size(); before < 60; ++before) {
      std::string const kept(before, 'x');
      INFO(character << " after " << before);
      CHECK(topk::shown(kept + character + "yy") == "'" + kept + "...'");
    }
    std::string const fits(60 - character.size(), 'x');
    CHECK(topk::shown(fits + character + "y") == "'" + fits + character + "...'");
  }
  CHECK(topk::shown(std::string_view("a\0b", 3)) == "'a...'");
  // Not UTF-8 at all: still an end.
  CHECK(topk::shown(std::string(70, '\x80')) == "'...'");
}

TEST_CASE("a quoted text ends at its closing quote, and a doubled quote is one", "[base][text]") {
  auto const taken = [](std::string_view text) {
    std::string_view rest = text;
    auto const inside = topk::take_quoted(rest);
    return inside ? *inside + "|" + std::string(rest) : "open|" + std::string(rest);
  };
  CHECK(taken("\"a\".b") == "a|.b");
  CHECK(taken("\"a\"\"b\"") == "a\"b|");
  CHECK(taken("'it''s' on") == "it's| on");
  CHECK(taken("`a``b`") == "a`b|");
  CHECK(taken("[a'b]]") == "a'b|]");
  CHECK(taken("''") == "|");
  CHECK(taken("'") == "open|'");
  CHECK(taken("'a''") == "open|'a''");
  CHECK(taken("[a") == "open|[a");
}
