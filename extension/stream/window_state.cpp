// By slices, a state grows from slice to slice: what it has so far, and the items of the next, cut
// to the best of both. An item that was cut lies within what is then absent, and that only widens.
//
//   slice 1   [ entries ]  absent [z, u]  -> cut -> state 1, [z1, u1]
//   slice 2   [ entries ]  and state 1            -> cut -> state 2, [z2, u2], which holds [z1, u1]
//
// The outcome is that of one cut: the best of the best are the best of all, and what an absent item
// has is the hull of all that was left out.
#include "stream/window_state.hpp"

#include "stream/window_slices.hpp"

namespace topk::stream {
namespace {

using sketch::bounds;
using sketch::entry_view;

// While the best are chosen, each entry takes so much beside itself (sketch/best_entries).
constexpr std::size_t place_bytes = 32;

// The window's entries and those of `before`, which has others. Charges what it takes for the
// window's.
std::vector<std::byte> cut_state(window_sum const& sum, state_form const& form,
                                 sketch::stored_summary const* before, memory_budget* budget) {
  std::size_t const count = sum.most_items();
  memory_charge charge(budget);
  charge.add(count * (sizeof(entry_view) + place_bytes));
  std::vector<entry_view> entries;
  entries.reserve(count + (before == nullptr ? 0 : before->entries().size()));
  bounds absent = sum.absent();
  sum.each_signed([&](item_view const& item, bounds const& of) {
    if (form.least && of.lower < *form.least) {
      absent = hull_of(absent, of);
      return;
    }
    entries.push_back({item, of.upper, of.lower});
  });
  if (before != nullptr) {
    absent = hull_of(absent, before->absent());
    entries.insert(entries.end(), before->entries().begin(), before->entries().end());
  }
  return sketch::encode_closed(entries, absent, sum.totals(), form.entries);
}

}  // namespace

std::optional<std::vector<std::byte>> state_of(window_sum const& sum, state_form const& form,
                                               memory_budget& budget) {
  if (sum.is_cut()) return std::nullopt;
  return cut_state(sum, form, nullptr, &budget);
}

result<std::optional<std::vector<std::byte>>> state_by_slices(window_source const& source,
                                                              time_span span,
                                                              std::optional<item> const& partition,
                                                              state_form const& form,
                                                              memory_budget& budget) {
  std::optional<std::vector<std::byte>> body;
  TOPK_TRY(each_slice_sum(source, span, partition, budget, hash_slice(1),
                          [&](window_sum const& sum, memory_budget* limit) -> result<bool> {
                            if (sum.is_cut()) return false;
                            std::optional<sketch::stored_summary> before;
                            if (body) {
                              TOPK_ASSIGN(before, sketch::stored_summary::parse(*body));
                            }
                            body = cut_state(sum, form, before ? &*before : nullptr, limit);
                            return true;
                          }));
  return body;
}

}  // namespace topk::stream
