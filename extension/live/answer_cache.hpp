// Windows kept merged and answers kept ranked, for the questions that come again; bounded by bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/item.hpp"
#include "base/memory_budget.hpp"
#include "base/status.hpp"
#include "live/series_cache.hpp"
#include "stream/window_cache.hpp"
#include "stream/window_slices.hpp"
#include "stream/window_state.hpp"
#include "trend/ranking.hpp"

namespace topk::live {

using ranked_rows = std::shared_ptr<std::vector<stream::ranked_item> const>;

struct fast_answer {
  ranked_rows rows;
  sketch::bounds total;
};

// How far an answer is off, at most.
struct answer_quality {
  std::int64_t max_error = 0;
  double proven_share = 1;
};

class answer_cache {
 public:
  // All that is kept, and all that is merged in order to answer, takes at most so many bytes.
  explicit answer_cache(std::size_t limit) noexcept;
  answer_cache(answer_cache const&) = delete;
  answer_cache& operator=(answer_cache const&) = delete;

  // The answers of a window, whatever is kept. Requires: k >= 1.
  result<fast_answer> top(stream::window_source const& source, stream::time_span span,
                          std::optional<item> const& partition, std::size_t k);
  result<stream::ranked_item> estimate(stream::window_source const& source, stream::time_span span,
                                       std::optional<item> const& partition, item_view const& item,
                                       std::uint64_t hash);
  result<sketch::bounds> total(stream::window_source const& source, stream::time_span span,
                               std::optional<item> const& partition);
  // The window as a state; nullopt where an edge cuts a pane.
  result<std::optional<std::vector<std::byte>>> state(stream::window_source const& source,
                                                      stream::time_span span,
                                                      std::optional<item> const& partition,
                                                      stream::state_form const& form);
  // What rises or falls from the baseline to the window; without time, nothing is in the baseline.
  result<trend::trend_answer> trend(trend::trend_form const& form,
                                    stream::window_source const& source, stream::time_span span,
                                    stream::time_span baseline,
                                    std::optional<item> const& partition);
  // Adds what the panes hold of one item, or of all together (null), to each step.
  status add_panes(stream::window_source const& source, std::optional<item> const& partition,
                   item_view const* wanted, stream::series_sum& into);
  // Over all partitions. Keeps no window for it, only the two numbers. The rows that it looks at
  // are charged, for items of so many bytes at most.
  result<answer_quality> quality(stream::window_source const& source, stream::time_span span,
                                 std::size_t k, std::size_t item_bytes);

  void clear() noexcept;
  // The limit from now on; what is kept beyond it goes.
  void set_limit(std::size_t bytes) noexcept;
  // For what is needed for one answer only; what is kept gives way to it.
  [[nodiscard]] memory_budget& budget() noexcept { return budget_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return budget_.used(); }

 private:
  // Windows of one partition differ in length: the same one moves on cheaply, another is merged.
  struct kept_window {
    kept_window(std::optional<item> partition, std::uint64_t hash, memory_budget& budget)
        : charge(&budget), window(std::move(partition), &budget), key(hash) {}

    memory_charge charge;  // of this object
    stream::window_cache window;
    std::uint64_t key;
    std::uint64_t used = 0;
  };
  // What answers depend on besides their arguments.
  struct stream_state {
    std::uint64_t generation = 0;
    std::uint64_t events_epoch = 0;
    std::size_t events = 0;
    friend bool operator==(stream_state const&, stream_state const&) = default;
  };
  struct kept_answer {
    memory_charge charge;
    std::uint64_t key = 0;
    stream::time_span span;
    std::optional<item> partition;
    std::size_t k = 0;
    fast_answer given;
    std::uint64_t used = 0;
  };
  // A window that did not fit while it grew: tried again at the size that its slices have shown,
  // and if that is too much, not at once, and sliced as it had to be the last time.
  struct misfit {
    std::uint64_t key = 0;
    std::uint64_t generation = 0;
    unsigned halvings = 0;
    std::size_t items = 0;  // 0: not known, or too many
  };
  struct kept_quality {
    stream_state as_of;
    stream::time_span span;
    std::size_t k = 0;
    answer_quality given;
  };
  using window_list = std::list<kept_window>;
  using answer_list = std::list<kept_answer>;

  class use;
  [[nodiscard]] std::vector<item> shown_of_late(std::optional<item> const& partition) const;
  void follow(stream::window_source const& source) noexcept;
  kept_answer* find_answer(std::uint64_t key, stream::time_span span,
                           std::optional<item> const& partition, std::size_t k) noexcept;
  void keep_answer(std::uint64_t key, stream::time_span span, std::optional<item> const& partition,
                   std::size_t k, fast_answer const& given);
  result<trend::trend_answer> trend_slices(trend::trend_form const& form,
                                           trend::trend_window const& window,
                                           trend::trend_window const& baseline,
                                           std::optional<item> const& partition);
  result<stream::window_answer> slices(stream::window_source const& source, stream::time_span span,
                                       std::optional<item> const& partition, std::size_t k,
                                       unsigned& halvings);
  [[nodiscard]] misfit* misfit_of(std::uint64_t key) noexcept;
  void note_misfit(std::uint64_t key, std::uint64_t generation, unsigned halvings) noexcept;
  bool give_up_oldest() noexcept;
  void forget_window(window_list::iterator at) noexcept;
  void forget_answer(answer_list::iterator at) noexcept;

  memory_budget budget_;
  std::uint64_t uses_ = 0;
  window_list windows_;  // most recently used first, as the answers
  std::unordered_map<std::uint64_t, window_list::iterator> windows_by_key_;
  answer_list answers_;
  std::unordered_map<std::uint64_t, answer_list::iterator> answers_by_key_;
  stream_state answers_as_of_;
  series_cache series_{budget_};
  std::uint64_t series_used_ = 0;
  std::vector<misfit> misfits_;  // a few
  std::optional<kept_quality> quality_;
};

}  // namespace topk::live
