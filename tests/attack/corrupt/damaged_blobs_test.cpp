// Blobs that were damaged: the right rows, or SQLITE_CORRUPT_VTAB with a message.
#include <catch2/catch.hpp>

#include "forgery.hpp"
#include "hostile_file.hpp"

using namespace topk::test;

namespace {

struct stored_blob {
  std::string column, table, where;
};

// The smallest and the largest of the panes: the largest has both filters, and takes a while.
std::vector<stored_blob> const blobs = {{"value", "s_config", "key = 'head'"},
                                        {"body", "s_pane", "rowid_of_smallest"},
                                        {"body", "s_part", "rowid_of_smallest"},
                                        {"body", "s_block", "rowid_of_smallest"}};

std::string one_row(stored_blob const& of) {
  if (of.where != "rowid_of_smallest") return of.where;
  if (of.table == "s_block") {
    return "last = (SELECT last FROM s_block ORDER BY length(body) LIMIT 1)";
  }
  std::string const key = of.table == "s_pane" ? "(level, pane)" : "(level, pane, partition)";
  std::string const columns = key.substr(1, key.size() - 2);
  return key + " = (SELECT " + columns + " FROM " + of.table +
         " ORDER BY length(body), level, pane LIMIT 1)";
}

std::string const largest =
    "(level, pane) = (SELECT level, pane FROM s_pane ORDER BY length(body) DESC LIMIT 1)";

}  // namespace

TEST_CASE("a damaged blob is seen: the right rows, or SQLITE_CORRUPT_VTAB", "[corrupt][blobs]") {
  hostile_file file;
  for (auto const& of : blobs) {
    value const sound =
        file.sound("SELECT " + of.column + " FROM " + of.table + " WHERE " + one_row(of));
    REQUIRE(sound.bytes().size() < 200);
    each_damage(sound.bytes(), [&](std::string const& what, std::string const& bytes) {
      file.try_damage(of.table + ": " + what,
                      "UPDATE " + of.table + " SET " + of.column + " = ?1 WHERE " + one_row(of),
                      {value::blob(bytes)}, promise::right_rows);
    });
  }
}

TEST_CASE("a forged blob under a matching checksum does no harm", "[corrupt][blobs]") {
  hostile_file file;
  for (auto const& of : blobs) {
    value const sound =
        file.sound("SELECT " + of.column + " FROM " + of.table + " WHERE " + one_row(of));
    each_forgery(sound.bytes(), [&](std::string const& what, std::string const& bytes) {
      file.try_damage(of.table + ": " + what,
                      "UPDATE " + of.table + " SET " + of.column + " = ?1 WHERE " + one_row(of),
                      {value::blob(bytes)}, promise::any_rows);
    });
  }
}

TEST_CASE("a damaged or forged pane with filters does no harm", "[corrupt][blobs]") {
  hostile_file file;
  std::string const sound = file.sound("SELECT body FROM s_pane WHERE " + largest).bytes();
  std::string const damage = "UPDATE s_pane SET body = ?1 WHERE " + largest;
  REQUIRE((static_cast<unsigned char>(sound[3]) & 6) != 0);
  std::size_t count = 0;
  each_damage(sound, [&](std::string const& what, std::string const& bytes) {
    if (count++ % 23 != 0) return;
    file.try_damage(what, damage, {value::blob(bytes)}, promise::right_rows);
  });
  each_forgery(sound, [&](std::string const& what, std::string const& bytes) {
    if (count++ % 23 != 0) return;
    file.try_damage(what, damage, {value::blob(bytes)}, promise::any_rows);
  });
}
