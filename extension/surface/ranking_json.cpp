// Appends to one string with room for the usual row; lower and upper that equal the count repeat
// its digits.
#include "surface/ranking_json.hpp"

#include "sqlite/json.hpp"

namespace topk::surface {
namespace {

constexpr std::size_t likely_row_bytes = 96;

}  // namespace

std::string bounds_json(std::vector<sketch::ranked_entry> const& rows, std::string_view item_key,
                        std::string_view count_key) {
  std::string const before_item = "{\"" + std::string(item_key) + "\":";
  std::string const before_count = ",\"" + std::string(count_key) + "\":";
  std::string out = "[";
  out.reserve(rows.size() * likely_row_bytes + 2);
  std::string count;
  for (auto const& row : rows) {
    count.clear();
    sqlite::append_json(count, row.count);
    if (out.size() > 1) out += ',';
    out += before_item;
    sqlite::append_json(out, row.key);
    out += before_count;
    out += count;
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
  for (auto const& row : rows) {
    out += out.size() > 1 ? ",{\"item\":" : "{\"item\":";
    sqlite::append_json(out, row.key);
    out += ",\"count\":";
    sqlite::append_json(out, row.count);
    out += '}';
  }
  return out += ']';
}

}  // namespace topk::surface
