#include "story.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "kit/clock_vfs.hpp"
#include "kit/random.hpp"

namespace topk::test {
namespace {

std::string bare(value const& each) {
  return each.type() == value_type::text ? each.bytes() : each.literal();
}

// Each story has the encoding that its name draws, unless it has named one.
std::string drawn_for;

void draw_encoding_of_story() {
  std::string const story = Catch::getResultCapture().getCurrentTestName();
  if (story == drawn_for) return;
  drawn_for = story;
  draw_encoding(seed_of(story));
}

}  // namespace

void tell_in(std::string const& encoding) {
  drawn_for = Catch::getResultCapture().getCurrentTestName();
  use_encoding(encoding);
}

void set_clock(std::int64_t unix_seconds) noexcept { set_clock_ms(unix_seconds * 1000); }

database begin_story(std::string const& path) {
  set_clock(start);
  return connect(path);
}

database connect(std::string const& path) {
  return connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
}

database connect(std::string const& path, int flags) {
  install_clock_vfs();
  draw_encoding_of_story();
  database db(path, flags, clock_vfs_name);
  db.load_topk();
  return db;
}

std::string pairs(database& db, std::string const& sql) {
  std::string out;
  for (row const& each : db.query(sql)) {
    if (!out.empty()) out += ' ';
    out += bare(each.at(0)) + '=' + bare(each.at(1));
  }
  return out;
}

std::string top(database& db, std::string const& arguments) {
  return pairs(db, "SELECT item, count FROM topk(" + arguments + ")");
}

std::string whole_answer(database& db, std::string const& arguments) {
  return to_text(
      db.query("SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, since, "
               "until, confidence, source FROM topk(" +
               arguments + ")"));
}

std::int64_t number(database& db, std::string const& sql) {
  value const found = db.scalar(sql);
  INFO(sql);
  CHECK(found.type() == value_type::integer);
  return found.as_integer();
}

std::string text(database& db, std::string const& sql) { return bare(db.scalar(sql)); }

std::int64_t stat(database& db, std::string const& stream, std::string const& column) {
  value const name = value::text(stream);
  return db.scalar("SELECT " + column + " FROM topk_stats(?)", {name}).as_integer();
}

std::string names_like(database& db, std::string const& prefix, std::string const& schema) {
  std::string out;
  for (row const& each :
       db.query("SELECT name FROM " + quoted_name(schema) +
                    ".sqlite_schema WHERE substr(name, 1, length(?1)) = ?1 AND name NOT LIKE "
                    "'sqlite_autoindex%' ORDER BY name",
                {value::text(prefix)})) {
    if (!out.empty()) out += ' ';
    out += bare(each.at(0));
  }
  return out;
}

void fails(database& db, std::string const& sql, int code, std::vector<std::string> const& parts) {
  INFO(sql);
  outcome const got = db.attempt(sql);
  INFO("message: " << got.message);
  CHECK(got.code == code);
  if (got.ok()) return;
  for (std::string const& part : parts) {
    CHECK_THAT(got.message, Catch::Contains(part, Catch::CaseSensitive::No));
  }
}

void fails_without_trace(database& db, std::string const& stream, std::string const& sql, int code,
                         std::vector<std::string> const& parts) {
  std::string const seen = snapshot(db, stream);
  std::string const stored = shadow_rows(db, stream);
  fails(db, sql, code, parts);
  INFO(sql);
  CHECK(snapshot(db, stream) == seen);
  CHECK(shadow_rows(db, stream) == stored);
}

std::string file_bytes(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace topk::test
