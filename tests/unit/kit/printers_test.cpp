// A failed comparison says what differed: what Catch2 prints of our types.
#include "kit/printers.hpp"

using Catch::Detail::stringify;
using topk::errc;
using topk::item;

TEST_CASE("an item prints as the literal that SQL reads", "[kit][printers]") {
  CHECK(stringify(item::integer(-7)) == "-7");
  CHECK(stringify(item::real(0.1)) == "0.1");
  CHECK(stringify(item::real(1e300)) == "1e+300");
  CHECK(stringify(item::text("it's")) == "'it''s'");
  CHECK(stringify(item::text("")) == "''");
  CHECK(stringify(item::blob(std::string("\0\xff", 2))) == "x'00ff'");
  CHECK(stringify(item::text("a text of more than 23 bytes").view()) ==
        "'a text of more than 23 bytes'");
}

TEST_CASE("a status prints its code, message and detail", "[kit][printers]") {
  CHECK(stringify(topk::status{}) == "ok");
  CHECK(stringify(errc::too_big) == "too_big");
  CHECK(stringify(topk::failure(errc::corrupt, "bad checksum")) == "corrupt: bad checksum");
  CHECK(stringify(topk::failure(errc::backend, "busy", 5)) == "backend: busy (detail 5)");
  CHECK(stringify(topk::result<int>(7)) == "7");
  CHECK(stringify(topk::result<int>(topk::failure(errc::read_only, "no"))) == "read_only: no");
}

TEST_CASE("bounds, entries and ranked rows print their numbers", "[kit][printers]") {
  CHECK(stringify(topk::sketch::bounds{-1, 5}) == "[-1, 5]");
  item const song = item::text("song");
  CHECK(stringify(topk::sketch::entry_view{song.view(), 14, 10}) == "'song' in [10, 14]");
  topk::sketch::ranked_entry const row{{song.view(), 12, 10, 14, true}, {10, 14}};
  CHECK(stringify(row) == "'song': 12 in [10, 14], proven");
  CHECK(stringify(std::vector{row, row}) ==
        "{ 'song': 12 in [10, 14], proven, 'song': 12 in [10, 14], proven }");
}
