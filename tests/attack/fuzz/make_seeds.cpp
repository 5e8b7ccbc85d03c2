// Writes the first inputs of the fuzz targets, always the same: make_seeds FOLDER
//
// Sound blobs of every shape, texts of every kind, one change of each kind. libFuzzer finds the
// rest.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "sketch/count_min.hpp"
#include "sketch/summary.hpp"
#include "stream/stream_head.hpp"

using namespace topk;
using sketch::count_min;
using sketch::summary;

namespace {

constexpr std::uint64_t seed = 42;

void write(std::filesystem::path const& folder, std::string const& name, std::string_view bytes) {
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / name, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void add(summary& to, item_view what, std::int64_t weight, std::int64_t time = 1) {
  to.add(what, hash_item(what, seed), weight, time);
}

void write_panes(std::filesystem::path const& folder) {
  auto const put = [&](char const* name, summary const& pane) {
    auto const bytes = pane.encode();
    write(folder, name, as_text(bytes));
    write(folder, std::string(name) + "_closed", as_text(pane.encode_cut(pane.size())));
  };
  put("empty", summary({4, 1000}, seed));
  summary exact({8, 1000}, seed);
  add(exact, item::integer(-5), 7, 1'700'000'000'000'000);
  add(exact, item::real(2.5), 3);
  add(exact, item::text("text"), 300);
  add(exact, item::blob(std::string("\0blob", 5)), -9);
  put("exact", exact);
  summary alike({8, 1000}, seed);
  for (auto const* name : {"song/1", "song/10", "song/2", "a title of more than 15 letters"}) {
    add(alike, item::text(name), 70);
  }
  put("alike", alike);
  summary live({4, 1000}, seed);
  live.absorb(exact);
  for (std::int64_t i = 100; i < 110; ++i) add(live, item::integer(i), 2);
  put("credit", live);
  for (std::int64_t i = 100; i < 110; ++i) add(live, item::integer(i), -3);
  put("both", live);
  live.close();
  put("closed", live);
  live.truncate(1);
  put("cut", live);
}

void write_count_mins(std::filesystem::path const& folder) {
  for (std::uint32_t const width : {1U, 5U, 272U}) {
    count_min some({width, 3, seed});
    write(folder, "empty" + std::to_string(width), as_text(some.encode()));
    for (std::int64_t i = 0; i < 40; ++i) some.add(hash_item(item::integer(i), seed), i * i * i);
    write(folder, "full" + std::to_string(width), as_text(some.encode()));
  }
}

void write_heads(std::filesystem::path const& folder) {
  for (std::size_t levels : {1U, 4U}) {
    stream::stream_head head;
    head.levels.resize(levels);
    write(folder, "empty" + std::to_string(levels), as_text(head.encode()));
    stream::event_fields event;
    event.ts = 1'800'000'000 * second;
    event.weight = -3;
    head.count(event, true, day);
    head.generation = 77;
    head.last_seq = 1000;
    for (auto& level : head.levels) level = {event.ts - day, event.ts};
    write(folder, "used" + std::to_string(levels), as_text(head.encode()));
  }
}

void write_texts(std::filesystem::path const& folder) {
  std::vector<std::string> const texts = {
      "1min",
      "90s",
      "1.5h",
      "PT15M",
      "P1DT12H",
      "2 weeks",
      "3600",
      "all",
      "now",
      "latest",
      "2027-01-15 08:00:00.250+02:00",
      "1800000000.5",
      "-1099511627776",
      "1e300",
      "exact",
      "main.s",
      "\"a\"\"b\".\"c.d\"",
      "windows='1min,5min,1hour,1day', k=100, log=on",
      "retain='1 week', memory=4MiB, max_item_bytes=10, max_skew=0, max_partitions=7, seed=-1",
      "content=[t], item=\"i\", ts=`t`, weight='w', partition=p"};
  for (std::size_t i = 0; i < texts.size(); ++i) write(folder, std::to_string(i), texts[i]);
}

void write_changes(std::filesystem::path const& folder) {
  // A change: where, which row (delete: 3), what, its bytes. See shadow_fuzz.cpp.
  for (int where = 0; where < 31; ++where) {
    auto const byte = [](int value) { return std::string(1, static_cast<char>(value)); };
    std::string const there = byte(where);
    std::string const name = std::to_string(where) + "_";
    write(folder, name + "integer", there + byte(4) + byte(1) + "\x3f\xff\xff\xff\xff\xff\xff\xff");
    write(folder, name + "splice",
          there + byte(0) + byte(7) + byte(0) + byte(9) + byte(2) + byte(3) + "\xff\xff\x03");
    write(folder, name + "delete", there + byte(3));
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) {
    std::cerr << "usage: make_seeds FOLDER\n";
    return 2;
  }
  std::filesystem::path const folder(argv[1]);
  write_panes(folder / "pane");
  write_count_mins(folder / "count_min");
  write_heads(folder / "head");
  write_texts(folder / "text");
  write_changes(folder / "shadow");
  return 0;
}
