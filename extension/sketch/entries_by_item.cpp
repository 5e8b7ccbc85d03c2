// FORMAT.md, "pane v2". In short: how many items of each type; how many bytes the TEXT and BLOB
// items have; then by type, and in the type's order, each item and its counts.
//
//   INTEGER   the first as signed, each other as its distance from the one before
//   REAL      eight bytes
//   TEXT,     one byte of two nibbles: how many bytes it shares with the one before, how many
//   BLOB      follow. A nibble of 15 means: 15 and the varint that follows
//   counts    2 * lo, + 1 if hi differs; then hi - lo
//
// An item shares at most 127 bytes, which bounds what few bytes can make a reader allocate.
#include "sketch/entries_by_item.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "sketch/item_prefix.hpp"
#include "sketch/pane_fields.hpp"

namespace topk::sketch {
namespace {

constexpr std::size_t most_shared = 127;
constexpr std::size_t long_nibble = 15;
constexpr std::size_t least_bytes =
    2;  // of an entry: a small number, or one byte of text, and its counts
constexpr std::size_t number_bytes = 8;
constexpr std::array item_types = {item_type::integer, item_type::real, item_type::text,
                                   item_type::blob};

// --- writing

void sort_by_item(std::span<entry_view> entries) {
  struct place {
    std::uint64_t prefix;
    std::uint32_t number;
  };
  item_prefix const prefix_of(entries.size(), [&](std::size_t i) { return entries[i].item; });
  std::vector<place> places;
  places.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    places.push_back({prefix_of(entries[i].item), static_cast<std::uint32_t>(i)});
  }
  std::sort(places.begin(), places.end(), [&](place const& a, place const& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return item_before(entries[a.number].item, entries[b.number].item);
  });
  std::vector<entry_view> sorted;
  sorted.reserve(entries.size());
  for (auto const& each : places) sorted.push_back(entries[each.number]);
  std::copy(sorted.begin(), sorted.end(), entries.begin());
}

void put_rest(byte_writer& out, std::size_t length) {
  if (length >= long_nibble) out.put_varint(length - long_nibble);
}

void put_text(byte_writer& out, std::string_view before, std::string_view text) {
  std::size_t const most = std::min({before.size(), text.size(), most_shared});
  std::size_t const shared = shared_bytes(before.data(), text.data(), most);
  std::size_t const rest = text.size() - shared;
  out.put(
      static_cast<std::uint8_t>(std::min(shared, long_nibble) << 4 | std::min(rest, long_nibble)));
  put_rest(out, shared);
  put_rest(out, rest);
  out.put_bytes(as_bytes(text.substr(shared)));
}

void put_item_after(byte_writer& out, item_view const* before, item_view const& item) {
  switch (item.type) {
    case item_type::integer: {
      std::int64_t const value = integer_of(item);
      if (before == nullptr) return out.put_signed(value);
      return out.put_varint(distance(integer_of(*before), value));
    }
    case item_type::real: return out.put_bytes(as_bytes(item.bytes));
    default:
      return put_text(out, before == nullptr ? std::string_view{} : before->bytes, item.bytes);
  }
}

void put_counts(byte_writer& out, entry_view const& entry, bool is_signed) {
  std::int64_t const hi = storable(entry.hi);
  std::int64_t const lo = storable(entry.lo);
  std::uint64_t const spelled = is_signed ? zigzag(lo) : static_cast<std::uint64_t>(lo);
  out.put_varint(spelled << 1 | static_cast<std::uint64_t>(hi != lo));
  if (hi != lo) out.put_varint(distance(lo, hi));
}

// --- reading

struct counts_reader {
  bool is_signed;
  bounds const& base;
  std::uint64_t widest;

  bool take(byte_reader& in, entry_view& entry) const noexcept {
    std::uint64_t spelled = 0;
    std::uint64_t width = 0;
    if (!in.take_varint(spelled)) return false;
    if ((spelled & 1) != 0 && (!in.take_varint(width) || width == 0)) return false;
    spelled >>= 1;
    entry.lo = is_signed ? unzigzag(spelled) : static_cast<std::int64_t>(spelled);
    if (!is_storable(entry.lo) || width > widest || width > distance(entry.lo, greatest_stored)) {
      return false;
    }
    entry.hi = static_cast<std::int64_t>(static_cast<std::uint64_t>(entry.lo) + width);
    return is_storable(entry.hi - base.upper) && is_storable(entry.lo - base.lower);
  }
};

bool take_length(byte_reader& in, std::size_t nibble, std::uint64_t& length) noexcept {
  length = nibble;
  if (nibble < long_nibble) return true;
  std::uint64_t more = 0;
  if (!in.take_varint(more) || more >= std::uint64_t{1} << 30) return false;
  length += more;
  return true;
}

// Whether the text that shares so many bytes with `before`, and adds these, comes after it, and
// could not share more.
bool follows(std::string_view before, std::size_t shared, std::string_view added) noexcept {
  if (shared == before.size()) return !added.empty();
  if (shared == most_shared) return before.substr(shared) < added;
  return !added.empty() &&
         static_cast<unsigned char>(before[shared]) < static_cast<unsigned char>(added[0]);
}

// Spells items out, one after the other, into the room there is.
class item_reader {
 public:
  item_reader(char* to, std::size_t room) noexcept : to_(to), room_(room) {}

  bool take(byte_reader& in, item_type type, item_view const* before, item_view& item) noexcept {
    item.type = type;
    switch (type) {
      case item_type::integer: return take_integer(in, before, item);
      case item_type::real: return take_real(in, before, item);
      default: break;
    }
    return take_text(in, before, item);
  }
  [[nodiscard]] bool is_full() const noexcept { return room_ == 0; }

 private:
  bool take_integer(byte_reader& in, item_view const* before, item_view& item) noexcept {
    std::uint64_t spelled = 0;
    if (!in.take_varint(spelled)) return false;
    std::int64_t value = unzigzag(spelled);
    if (before != nullptr) {
      std::int64_t const last = integer_of(*before);
      if (spelled == 0 || spelled > distance(last, std::numeric_limits<std::int64_t>::max())) {
        return false;
      }
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(last) + spelled);
    }
    auto const bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < number_bytes; ++i) {
      to_[i] = static_cast<char>(bits >> (8 * i) & 0xFF);
    }
    item.bytes = {to_, number_bytes};
    move_on(number_bytes);
    return true;
  }

  static bool take_real(byte_reader& in, item_view const* before, item_view& item) noexcept {
    auto const bytes = in.take_bytes(number_bytes);
    if (!bytes) return false;
    item.bytes = as_text(*bytes);
    return is_canonical(item) && (before == nullptr || item_before(*before, item));
  }

  bool take_text(byte_reader& in, item_view const* before, item_view& item) noexcept {
    std::string_view const last = before == nullptr ? std::string_view{} : before->bytes;
    auto const nibbles = in.take<std::uint8_t>();
    std::uint64_t shared = 0;
    std::uint64_t rest = 0;
    if (!nibbles || !take_length(in, *nibbles >> 4, shared) ||
        !take_length(in, *nibbles & 0xF, rest)) {
      return false;
    }
    if (shared > std::min(last.size(), most_shared) || shared + rest > room_) return false;
    auto const added = in.take_bytes(rest);
    if (!added) return false;
    if (before != nullptr && !follows(last, shared, as_text(*added))) return false;
    copy_bytes(to_, last.data(), shared);
    copy_bytes(to_ + shared, as_text(*added).data(), rest);
    item.bytes = {to_, static_cast<std::size_t>(shared + rest)};
    move_on(item.bytes.size());
    return true;
  }

  void move_on(std::size_t by) noexcept {
    to_ += by;
    room_ -= by;
  }

  char* to_;
  std::size_t room_;
};

}  // namespace

void put_entries_by_item(byte_writer& out, std::vector<entry_view>& entries, bool is_signed) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](auto const& a, auto const& b) { return a.item.type < b.item.type; });
  std::uint64_t spelled_bytes = 0;
  auto group = entries.begin();
  std::array<std::span<entry_view>, item_types.size()> groups;
  for (std::size_t t = 0; t < item_types.size(); ++t) {
    auto const end = std::find_if(
        group, entries.end(), [&](auto const& entry) { return entry.item.type != item_types[t]; });
    groups[t] = {group, end};
    group = end;
    out.put_varint(groups[t].size());
    if (item_types[t] < item_type::text) continue;
    for (auto const& entry : groups[t]) spelled_bytes += entry.item.bytes.size();
  }
  if (!groups[2].empty() || !groups[3].empty()) out.put_varint(spelled_bytes);
  for (auto const& of_type : groups) {
    sort_by_item(of_type);
    item_view const* before = nullptr;
    for (auto const& entry : of_type) {
      put_item_after(out, before, entry.item);
      put_counts(out, entry, is_signed);
      before = &entry.item;
    }
  }
}

char const* take_entries_by_item(byte_reader& in, bool is_signed, bounds const& base,
                                 std::uint64_t widest, std::vector<entry_view>& entries,
                                 spelled_items& spelled) {
  std::array<std::uint64_t, item_types.size()> counts{};
  std::uint64_t count = 0;
  for (auto& each : counts) {
    if (!in.take_varint(each) || each > capacity::most_entries) return "bad number of entries";
    count += each;
  }
  if (count > capacity::most_entries || !in.can_hold(count, least_bytes)) {
    return "bad number of entries";
  }
  std::uint64_t text_bytes = 0;
  if (counts[2] + counts[3] > 0 &&
      (!in.take_varint(text_bytes) || text_bytes > in.remaining() + most_shared * count)) {
    return "bad size of its items";
  }
  spelled.size = static_cast<std::size_t>(counts[0] * number_bytes + text_bytes);
  // Not make_shared: libc++ before 15 makes no arrays with it.
  if (spelled.size > 0) spelled.bytes.reset(new char[spelled.size]);
  entries.resize(static_cast<std::size_t>(count));
  item_reader items(spelled.bytes.get(), spelled.size);
  counts_reader const bounds_of{is_signed, base, widest};
  byte_reader at = in;  // a local whose address stays here: its members can be kept in registers
  auto* next = entries.data();
  bool has_negative = false;
  for (std::size_t t = 0; t < item_types.size(); ++t) {
    item_view const* before = nullptr;
    for (std::uint64_t i = 0; i < counts[t]; ++i, ++next) {
      if (!items.take(at, item_types[t], before, next->item)) return "bad item";
      if (!bounds_of.take(at, *next)) return "bad bounds of an entry";
      has_negative = has_negative || next->lo < 0;
      before = &next->item;
    }
  }
  if (!items.is_full()) return "bad size of its items";
  if (is_signed != has_negative) return "bad flags";
  in = at;
  return nullptr;
}

}  // namespace topk::sketch
