// Panes: encode, parse and decode. FORMAT.md states them field by field; in short:
//
//   envelope   magic, family, version; at the end the checksum (base/sealed_blob.hpp)
//   flags      which of the following there are
//   totals     gross in and out, total as (lower, width), events, first and last time as (first,
//              width)
//   bounds     base_hi, -base_lo; v1: u - base_hi; base_lo - z
//   entries    v1: count; each: item, over, hi - lo, in slot order, which is part of the state
//              v2: by item (sketch/entries_by_item)
//   filters    v1: width; the cells of F, of D: a cell is varint(2 * cell), a run of zeros
//              varint(2 * length + 1)
//
// A live pane is v1. A closed one has neither filters nor an order to keep, and is v2, which takes
// a quarter of the bytes where items begin alike; streams of the first release keep to v1.
//
// One value has one form: varints are as short as they can be, runs as long as they can be, flags
// are set only for what is not zero. So equal states have equal bytes.
//
// A reader trusts nothing: counts are checked against the bytes that remain before anything is
// reserved for them, every number against +-2^62, every entry's width against that of an absent
// item. parse() checks all and copies only items that are not stored as such; decode() builds a
// live summary from what parse() has checked.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/item_codec.hpp"
#include "sketch/best_entries.hpp"
#include "sketch/pane_fields.hpp"
#include "sketch/summary.hpp"

namespace topk::sketch {
namespace {

constexpr blob_format pane_format_1{pane_format.name, pane_format.magic, pane_format.family, 1};
constexpr std::size_t version_at = 2;
enum pane_flag : std::uint8_t {
  with_base = 1,
  with_credit = 2,  // v1
  with_debit = 4,
  with_signs = 2,  // v2
  flags_of_v1 = 7,
  flags_of_v2 = 3,
};

constexpr std::size_t least_entry_bytes = 3;  // an empty text: header, over, width
// Bounds what a few bytes can make decode allocate: 16 KiB of cells for each two bytes of a run.
constexpr std::uint64_t longest_zero_run = 4096;
constexpr std::uint64_t greatest_width =
    std::uint64_t{capacity::most_entries} * count_filter::cells_per_entry;

// --- writing

void put_cells(byte_writer& out, std::span<std::uint32_t const> cells) {
  for (std::size_t at = 0; at < cells.size();) {
    if (cells[at] != 0) {
      out.put_varint(std::uint64_t{cells[at++]} << 1);
      continue;
    }
    std::uint64_t run = 0;
    while (at < cells.size() && cells[at] == 0 && run < longest_zero_run) ++run, ++at;
    out.put_varint(run << 1 | 1);
  }
}

void put_entry(byte_writer& out, entry_view const& entry, bounds const& base) {
  put_item(out, entry.item);
  auto const hi = storable(entry.hi);
  out.put_signed(hi - base.upper);
  out.put_varint(distance(storable(entry.lo), hi));
}

// --- reading: each take_ function moves past what it names, or says what is wrong

status take_flags(byte_reader& in, std::uint8_t known, std::uint8_t& flags) {
  auto const stored = in.take<std::uint8_t>();
  if (!stored || (*stored & ~known) != 0) return corrupt("unknown flags");
  flags = *stored;
  return {};
}

// Base and [z, u].
status take_bounds(byte_reader& in, std::uint8_t flags, bounds& base, bounds& absent) {
  if ((flags & with_base) != 0) TOPK_TRY(take_base(in, base));
  absent = base;
  if ((flags & with_credit) != 0) {
    auto const u = take_from(in, base.upper);
    if (!u || *u == base.upper) return corrupt("bad upper bound of absent items");
    absent.upper = *u;
  }
  if ((flags & with_debit) != 0) {
    auto const minus_z = take_from(in, -base.lower);
    if (!minus_z || *minus_z == -base.lower) return corrupt("bad lower bound of absent items");
    absent.lower = -*minus_z;
  }
  return {};
}

// The bounds of an entry: storable, and no wider than those of an absent item.
bool take_entry_bounds(byte_reader& in, bounds const& base, std::uint64_t widest,
                       entry_view& entry) noexcept {
  std::uint64_t spelled = 0;
  std::uint64_t width = 0;
  if (!in.take_varint(spelled) || !in.take_varint(width) || width > widest) return false;
  std::int64_t const over = unzigzag(spelled);
  if (!is_storable(over)) return false;
  entry.hi = base.upper + over;  // both less than 2^62: no overflow
  if (!is_storable(entry.hi) || width > distance(-greatest_stored, entry.hi)) return false;
  entry.lo = static_cast<std::int64_t>(static_cast<std::uint64_t>(entry.hi) - width);
  return is_storable(entry.lo - base.lower);
}

status take_entries(byte_reader& in, bounds const& base, bounds const& absent,
                    std::vector<entry_view>& entries, spelled_items& integers) {
  auto const count = in.take_varint();
  if (!count || *count > capacity::most_entries || !in.can_hold(*count, least_entry_bytes)) {
    return corrupt("bad number of entries");
  }
  auto const entry_count = static_cast<std::size_t>(*count);
  entries.resize(entry_count);
  integers.size = entry_count * item_number_bytes;
  // Not make_shared: libc++ before 15 makes no arrays with it.
  if (entry_count > 0) integers.bytes.reset(new char[integers.size]);
  char* integer_at = integers.bytes.get();
  std::uint64_t const widest = distance(absent.lower, absent.upper);
  byte_reader at = in;  // a local whose address stays here: its members can be kept in registers
  for (auto& entry : entries) {
    if (!take_item(at, integer_at, entry.item)) return corrupt("bad item");
    if (!take_entry_bounds(at, base, widest, entry)) return corrupt("bad bounds of an entry");
  }
  in = at;
  return {};
}

// Checks one filter's cells, none above `most`, and hands each to take_cell(position, cell).
template <class TakeCell>
status take_cells(byte_reader& in, std::uint64_t cell_count, std::int64_t most,
                  TakeCell&& take_cell) {
  bool is_made = false;
  std::uint64_t at = 0;
  bool may_be_run = true;
  while (at < cell_count) {
    auto const token = in.take_varint();
    if (!token || *token < 2) return corrupt("bad filter");
    std::uint64_t const value = *token >> 1;
    if ((*token & 1) == 0) {
      if (value > count_filter::saturated || static_cast<std::int64_t>(value) > most) {
        return corrupt("bad filter cell");
      }
      take_cell(static_cast<std::size_t>(at++), static_cast<std::uint32_t>(value));
      is_made = may_be_run = true;
      continue;
    }
    // One form: a run goes on as long as it can.
    if (!may_be_run || value > longest_zero_run || value > cell_count - at) {
      return corrupt("bad filter run");
    }
    may_be_run = value == longest_zero_run;
    at += value;
  }
  return is_made ? status{} : corrupt("empty filter");
}

struct ignore_cell {
  void operator()(std::size_t, std::uint32_t) const noexcept {}
};

// Both filters; `credit` and `debit` take the cells of those there are.
template <class TakeCredit, class TakeDebit>
status take_filters(byte_reader& in, std::uint8_t flags, bounds const& base, bounds const& absent,
                    std::uint32_t& width, TakeCredit&& credit, TakeDebit&& debit) {
  auto const stored_width = in.take_varint();
  if (!stored_width || *stored_width == 0 || *stored_width > greatest_width) {
    return corrupt("bad filter width");
  }
  width = static_cast<std::uint32_t>(*stored_width);
  std::uint64_t const cells = 2 * *stored_width;
  if ((flags & with_credit) != 0) {
    TOPK_TRY(take_cells(in, cells, absent.upper - base.upper, credit));
  }
  if ((flags & with_debit) != 0) {
    TOPK_TRY(take_cells(in, cells, base.lower - absent.lower, debit));
  }
  return {};
}

}  // namespace

std::vector<std::byte> summary::encode() const {
  state const& s = *state_;
  std::uint8_t flags = 0;
  if (s.base != bounds{}) flags |= with_base;
  if (s.credit.is_made()) flags |= with_credit;
  if (s.debit.is_made()) flags |= with_debit;
  bounds const base{storable(s.base.lower), storable(s.base.upper)};

  byte_writer out;
  out.reserve(64 + s.size() * 24);
  begin_sealed(out, pane_format_1);
  out.put(flags);
  put_totals(out, s.totals);
  put_base(out, base);
  if (s.credit.is_made()) put_unsigned(out, storable(s.absent.upper) - base.upper);
  if (s.debit.is_made()) put_unsigned(out, base.lower - storable(s.absent.lower));

  out.put_varint(s.size());
  for (std::uint32_t slot = 0; slot < s.size(); ++slot) put_entry(out, entry(slot), base);
  if (s.has_filter()) out.put_varint(s.credit.width());
  if (s.credit.is_made()) put_cells(out, s.credit.cells());
  if (s.debit.is_made()) put_cells(out, s.debit.cells());
  return seal(out);
}

// A pane v1 without filters, of entries in their order.
static std::vector<std::byte> encode_entries(std::span<entry_view const> entries,
                                             bounds const& absent, pane_totals const& totals) {
  byte_writer out;
  out.reserve(64 + entries.size() * 24);
  begin_sealed(out, pane_format_1);
  out.put(absent == bounds{} ? std::uint8_t{0} : std::uint8_t{with_base});
  put_totals(out, totals);
  put_base(out, absent);
  out.put_varint(entries.size());
  for (auto const& entry : entries) put_entry(out, entry, absent);
  return seal(out);
}

// Pane v2; sorts the entries.
static std::vector<std::byte> encode_by_item(std::vector<entry_view>& entries, bounds const& absent,
                                             pane_totals const& totals) {
  bool const is_signed =
      std::any_of(entries.begin(), entries.end(), [](auto const& entry) { return entry.lo < 0; });
  byte_writer out;
  out.reserve(64 + entries.size() * 12);
  begin_sealed(out, pane_format);
  out.put(static_cast<std::uint8_t>((absent == bounds{} ? 0 : with_base) |
                                    (is_signed ? with_signs : 0)));
  put_totals(out, totals);
  put_base(out, absent);
  put_entries_by_item(out, entries, is_signed);
  return seal(out);
}

bool is_by_item(byte_view pane) noexcept {
  return pane.size() > version_at && pane[version_at] == std::byte{pane_format.version};
}

std::vector<std::byte> encode_exact(std::span<entry_view const> entries,
                                    pane_totals const& totals) {
  return encode_entries(entries, {}, totals);
}

std::vector<std::byte> encode_closed(std::span<entry_view const> entries, bounds absent,
                                     pane_totals const& totals, std::size_t keep,
                                     closed_form form) {
  keep = std::min(keep, entries.size());
  auto const order = best_entries(
      entries.size(), keep,
      form == closed_form::ranked, [&](std::size_t i) -> auto& { return entries[i]; });
  for (std::size_t dropped = keep; dropped < order.size(); ++dropped) {
    absent.upper = std::max(absent.upper, entries[order[dropped]].hi);
    absent.lower = std::min(absent.lower, entries[order[dropped]].lo);
  }
  absent = {storable(absent.lower), storable(absent.upper)};
  std::vector<entry_view> kept;
  kept.reserve(keep);
  for (std::size_t i = 0; i < keep; ++i) kept.push_back(entries[order[i]]);
  return form == closed_form::ranked ? encode_entries(kept, absent, totals)
                                     : encode_by_item(kept, absent, totals);
}

std::vector<std::byte> summary::encode_cut(std::size_t keep, closed_form form) const {
  std::vector<entry_view> entries;
  entries.reserve(size());
  for (std::size_t slot = 0; slot < size(); ++slot) entries.push_back(entry(slot));
  return encode_closed(entries, absent(), totals(), keep, form);
}

// What has no filters, base and [z, u] are one.
status stored_summary::take_closed(byte_reader& body) {
  TOPK_TRY(take_flags(body, flags_of_v2, flags_));
  TOPK_TRY(take_totals(body, totals_));
  if ((flags_ & with_base) != 0) TOPK_TRY(take_base(body, base_));
  absent_ = base_;
  bool const is_signed = (flags_ & with_signs) != 0;
  flags_ = 0;
  auto const* const fault = take_entries_by_item(
      body, is_signed, base_, distance(base_.lower, base_.upper), entries_, spelled_);
  return fault == nullptr ? status{} : corrupt(fault);
}

status stored_summary::take_live(byte_reader& body) {
  TOPK_TRY(take_flags(body, flags_of_v1, flags_));
  TOPK_TRY(take_totals(body, totals_));
  TOPK_TRY(take_bounds(body, flags_, base_, absent_));
  TOPK_TRY(take_entries(body, base_, absent_, entries_, spelled_));
  if ((flags_ & (with_credit | with_debit)) == 0) return {};
  filter_bytes_ = body.rest();
  std::uint32_t width = 0;
  return take_filters(body, flags_, base_, absent_, width, ignore_cell{}, ignore_cell{});
}

result<stored_summary> stored_summary::parse(byte_view in) {
  stored_summary parsed;
  std::uint8_t version = 0;
  TOPK_ASSIGN(byte_reader body, open_sealed(in, pane_format, &version));
  TOPK_TRY(version == 1 ? parsed.take_live(body) : parsed.take_closed(body));
  if (body.remaining() != 0) return corrupt("trailing bytes");
  return parsed;
}

result<summary> summary::decode(byte_view in, capacity limits, std::uint64_t seed) {
  TOPK_ASSIGN(auto const parsed, stored_summary::parse(in));
  summary decoded(limits, seed);
  state& s = *decoded.state_;
  s.totals = parsed.totals_;
  s.absent = parsed.absent_;
  s.base = parsed.base_;
  auto const count = parsed.entries_.size();
  s.counters.reserve(count);
  s.records.reserve(count);
  s.index.reserve(count, 0, [](std::uint32_t) { return std::uint64_t{0}; });
  for (auto const& entry : parsed.entries_) {
    auto const hash = hash_item(entry.item, seed);
    if (s.find(entry.item, hash) != state::none) return corrupt("an item appears twice");
    s.append({hash, item(entry.item)}, {entry.hi - s.base.upper, entry.lo - s.base.lower});
  }
  s.settle();
  if (!parsed.has_filter()) return decoded;

  byte_reader body(parsed.filter_bytes_);
  std::vector<std::uint32_t> credit;
  std::vector<std::uint32_t> debit;
  std::uint32_t width = 0;
  auto const into = [&width](std::vector<std::uint32_t>& cells) {
    return [&cells, &width](std::size_t at, std::uint32_t cell) {
      if (cells.empty()) cells.resize(std::size_t{2} * width);
      cells[at] = cell;
    };
  };
  auto const flags = parsed.flags_;
  TOPK_TRY(take_filters(body, flags, s.base, s.absent, width, into(credit), into(debit)));
  s.credit = s.debit = count_filter(width);
  if ((flags & with_credit) != 0) s.credit = count_filter::restored(width, std::move(credit));
  if ((flags & with_debit) != 0) s.debit = count_filter::restored(width, std::move(debit));
  s.settle();
  return decoded;
}

}  // namespace topk::sketch
