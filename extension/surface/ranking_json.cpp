// Appends to one string with room for the usual row; lower and upper that equal the count repeat
// its digits.
#include "surface/ranking_json.hpp"

#include "sqlite/json.hpp"

namespace topk::surface {
namespace {

constexpr std::size_t likely_row_bytes = 96;

// {ITEM_KEY: item, COUNT_KEY: count
void begin_row(std::string& out, sketch::ranked_entry const& row, std::string_view item_key,
               std::string_view count_key, std::string_view count) {
  if (out.size() > 1) out += ',';
  out.append("{\"").append(item_key).append("\":");
  sqlite::append_json(out, row.key);
  out.append(",\"").append(count_key).append("\":").append(count);
}

}  // namespace

std::string bounds_json(std::vector<sketch::ranked_entry> const& rows, std::string_view item_key,
                        std::string_view count_key) {
  std::string out = "[";
  out.reserve(rows.size() * likely_row_bytes + 2);
  std::string count;
  for (auto const& row : rows) {
    count.clear();
    sqlite::append_json(count, row.count);
    begin_row(out, row, item_key, count_key, count);
    out += ",\"lower\":";
    row.lower == row.count ? void(out.append(count)) : sqlite::append_json(out, row.lower);
    out += ",\"upper\":";
    row.upper == row.count ? void(out.append(count)) : sqlite::append_json(out, row.upper);
    out += row.is_proven ? ",\"proven\":true}" : ",\"proven\":false}";
  }
  return out += ']';
}

std::string counts_json(std::vector<sketch::ranked_entry> const& rows) {
  std::string out = "[";
  out.reserve(rows.size() * likely_row_bytes / 2 + 2);
  std::string count;
  for (auto const& row : rows) {
    count.clear();
    sqlite::append_json(count, row.count);
    begin_row(out, row, "item", "count", count);
    out += '}';
  }
  return out += ']';
}

}  // namespace topk::surface
