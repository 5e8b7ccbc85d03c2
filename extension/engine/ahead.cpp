//   row comes, ts > now      a row of stream_ahead
//   row goes, ts > now       that row is deleted; without one, a row of negative weight
//   row goes, ts <= now      an event of negative weight in the tail; the row may wait still
//   a later commit           rows with ts <= now become events of the tail
//   question                 panes + tail + rows of stream_ahead in its window
//
// Every sum is linear, so the order in which a row comes, goes and is reached by the clock does not
// matter. The waiting rows of a window are added up in a summary of their own, which then counts as
// one more pane at the window's edge.
#include "engine/ahead.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "sqlite/rowid_keeper.hpp"

namespace topk::engine {
namespace {

using sqlite::tail_row;
using stream::no_time;

// Those that wait. Streams of older releases, and those without content=, may have no such table.
result<bool> has_table(live::open_stream& state) {
  if (!state.options().content) return false;
  return state.store().ahead().exists();
}

bool counts_for(tail_row const& row, std::optional<item> const& partition) noexcept {
  return stream::is_of(row.partition.value_or(no_partition), partition);
}

// The waiting rows of a window as one pane, and the stream with it.
class waiting_pane {
 public:
  explicit waiting_pane(live::open_stream& state)
      : state_(state), charge_(&state.answer_budget()) {}

  status read(stream::time_span span, std::optional<item> const& partition) {
    std::int64_t gross = 0;
    sketch::summary sum(state_.levels().back().live, state_.seed());
    TOPK_TRY(state_.store().ahead().each(
        span.since, span.until, [&](tail_row const& row) -> result<bool> {
          if (!counts_for(row, partition)) return true;
          gross += row.weight < 0 ? -row.weight : row.weight;
          if (gross >= greatest_sum) {
            return failure(errc::corrupt, "the sum of all weights of " +
                                              state_.store().shadow("ahead") + " passes 2^62");
          }
          sum.add(row.item, state_.hash_of(row.item), row.weight, row.ts);
          return true;
        }));
    sum.close();
    body_ = sum.encode();
    charge_.add(body_.size());
    TOPK_ASSIGN(pane_, sketch::stored_summary::parse(body_));
    return {};
  }

  [[nodiscard]] stream::window_source source() noexcept {
    auto out = state_.source();
    out.waiting = &pane_;
    return out;
  }

 private:
  live::open_stream& state_;
  memory_charge charge_;
  std::vector<std::byte> body_;
  sketch::stored_summary pane_;
};

// The stream, with the waiting rows of a span where there are any.
result<stream::window_source> source_of(live::open_stream& state, waiting_pane& waiting,
                                        stream::time_span span,
                                        std::optional<item> const& partition) {
  TOPK_ASSIGN(bool const has_rows, has_ahead(state, span));
  if (!has_rows) return state.source();
  TOPK_TRY(waiting.read(span, partition));
  return waiting.source();
}

// The watermark once the waiting rows up to `now` are counted in their order, up to the first that
// it would jump to.
result<micros> reference_with_due(live::open_stream& state, micros now) {
  micros reference = state.head().reference;
  if (reference == no_time) {
    TOPK_TRY(state.store().ahead().each(earliest_time - 1, now,
                                        [&](tail_row const& row) -> result<bool> {
                                          reference = row.ts;
                                          return false;
                                        }));
  }
  for (;;) {
    micros const reached = std::min(now, reference + state.options().retain);
    TOPK_ASSIGN(auto const due, state.store().ahead().newest(reached));
    if (!due || *due <= reference) return reference;
    reference = *due;
  }
}

}  // namespace

status put_ahead(live::open_stream& state, live::new_event const& event) {
  sqlite::rowid_keeper const keep(state.host().db());
  return state.store().ahead().put(
      {.ts = event.ts, .item = event.item, .weight = event.weight, .partition = event.partition});
}

result<bool> take_due(live::open_stream& state, std::int64_t most) {
  TOPK_ASSIGN(bool const is_there, has_table(state));
  if (!is_there) return true;
  micros const now = state.host().now();
  std::int64_t taken = 0;
  bool is_last = true;
  item last_item;
  tail_row last;
  TOPK_TRY(
      state.store().ahead().each(earliest_time - 1, now, [&](tail_row const& row) -> result<bool> {
        is_last = taken < most && !state.is_full();
        if (!is_last) return false;
        auto added = state.add({row.item, row.ts, row.weight, row.partition});
        // What the stream cannot take now waits on, and is counted where it is.
        if (added.code == errc::constraint) return false;
        if (!added) return added;
        last_item = item(row.item);
        last = row;
        ++taken;
        return true;
      }));
  if (taken == 0) return is_last;
  last.item = last_item.view();
  TOPK_TRY(state.store().ahead().drop_to(last));
  return is_last;
}

status take_all_due(live::open_stream& state) {
  for (;;) {
    TOPK_ASSIGN(bool const is_done, take_due(state, std::int64_t{1} << 62));
    if (is_done) return {};
    TOPK_TRY(state.fold_all());
  }
}

result<stream_times> times_of(live::open_stream& state, micros now) {
  stream_times out{state.head().reference, state.head().newest};
  if (!state.options().content) return out;
  TOPK_ASSIGN(bool const is_there, has_table(state));
  if (is_there) {
    TOPK_ASSIGN(auto const due, state.store().ahead().newest(now));
    if (due) {
      TOPK_ASSIGN(out.reference, reference_with_due(state, now));
    }
    out.newest = std::max(out.newest, due.value_or(no_time));
  }
  out.newest = std::min(out.newest, now);
  return out;
}

result<bool> has_ahead(live::open_stream& state, stream::time_span span) {
  TOPK_ASSIGN(bool const is_there, has_table(state));
  if (!is_there) return false;
  return state.store().ahead().has_rows(span.since, span.until);
}

status each_ahead(live::open_stream& state, stream::time_span span,
                  std::optional<item> const& partition,
                  std::function<void(tail_row const&)> const& visit) {
  TOPK_ASSIGN(bool const is_there, has_table(state));
  if (!is_there) return {};
  return state.store().ahead().each(span.since, span.until,
                                    [&](tail_row const& row) -> result<bool> {
                                      if (counts_for(row, partition)) visit(row);
                                      return true;
                                    });
}

status each_loose_event(live::open_stream& state, stream::time_span span,
                        std::optional<item> const& partition,
                        std::function<void(loose_event const&)> const& visit) {
  auto const& events = state.events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto const event = events[i];
    if (stream::counts_in(event, span, partition)) visit({event.item, event.ts, event.weight});
  }
  return each_ahead(state, span, partition, [&](tail_row const& row) {
    visit({row.item, row.ts, row.weight});
  });
}

result<live::fast_answer> top_with_ahead(live::open_stream& state, stream::time_span span,
                                         std::optional<item> const& partition, std::size_t k) {
  waiting_pane waiting(state);
  TOPK_TRY(waiting.read(span, partition));
  auto part = part_of(state.answer_budget(), 2);
  unsigned halvings = 0;
  TOPK_ASSIGN(auto found,
              stream::top_by_slices(waiting.source(), span, partition, k, part, halvings));
  return live::fast_answer{
      std::make_shared<std::vector<stream::ranked_item> const>(std::move(found.rows)), found.total};
}

result<stream::ranked_item> estimate_with_ahead(live::open_stream& state, stream::time_span span,
                                                std::optional<item> const& partition,
                                                item_view const& item) {
  waiting_pane waiting(state);
  TOPK_TRY(waiting.read(span, partition));
  return stream::estimate_alone(waiting.source(), span, partition, item, state.hash_of(item));
}

result<sketch::bounds> total_with_ahead(live::open_stream& state, stream::time_span span,
                                        std::optional<item> const& partition) {
  waiting_pane waiting(state);
  TOPK_TRY(waiting.read(span, partition));
  return stream::total_alone(waiting.source(), span, partition);
}

result<std::optional<std::vector<std::byte>>> state_with_ahead(live::open_stream& state,
                                                               stream::time_span span,
                                                               std::optional<item> const& partition,
                                                               stream::state_form const& form) {
  waiting_pane waiting(state);
  TOPK_TRY(waiting.read(span, partition));
  auto part = part_of(state.answer_budget(), 2);
  return stream::state_by_slices(waiting.source(), span, partition, form, part);
}

result<trend::trend_answer> trend_with_ahead(live::open_stream& state,
                                             trend::trend_form const& form, stream::time_span span,
                                             stream::time_span baseline,
                                             std::optional<item> const& partition) {
  waiting_pane in_window(state);
  waiting_pane in_baseline(state);
  TOPK_ASSIGN(auto const of_window, source_of(state, in_window, span, partition));
  TOPK_ASSIGN(auto const of_baseline, source_of(state, in_baseline, baseline, partition));
  auto part = part_of(state.answer_budget(), 2);
  unsigned halvings = 0;
  return trend::trend_by_slices(form, {of_window, span}, {of_baseline, baseline}, partition, part,
                                halvings);
}

}  // namespace topk::engine
