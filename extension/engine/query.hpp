// A question about one window of one stream, and its answer: what topk and topk_count share.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live/connection.hpp"
#include "sqlite/values.hpp"
#include "stream/window_ranking.hpp"

namespace topk::engine {

// As given; null for what is absent or NULL. A partition that is a NULL asks for the events
// without.
struct question_arguments {
  sqlite3_value* window = nullptr;
  sqlite3_value* k = nullptr;
  sqlite3_value* stream = nullptr;
  sqlite3_value* mode = nullptr;
  sqlite3_value* at = nullptr;
  sqlite3_value* partition = nullptr;
  // Windows as of now end on a multiple of it, and begin where a step does; 0: topk's do not.
  micros step = 0;
};

// What is certain of a window that may reach back to where events were dropped, late or expired.
enum class reach {
  whole,     // no dropped event lies in it
  at_least,  // some may: counts are at least what was found
  open       // and some of those may have taken back what was counted
};

struct question {
  std::shared_ptr<live::open_stream> state;  // null: the default stream is not made yet
  stream::time_span span;                    // since < until, unless nothing is retained there
  reach reached = reach::whole;
  stream::time_span wanted;  // before it was cut to what is retained; until no_time: there is none
  // How far the window has run: to its end; as of now, at most to the clock's second.
  micros run_until = stream::no_time;
  micros retained = stream::no_time;  // events at or before it are dropped
  std::size_t k = 10;
  sqlite::answer_mode mode = sqlite::answer_mode::fast;
  std::optional<item> partition;
  std::chrono::steady_clock::time_point asked_at = std::chrono::steady_clock::now();

  [[nodiscard]] bool is_empty() const noexcept {
    return state == nullptr || span.since >= span.until;
  }
};

// Finds the stream, brings it up to date, and settles the window. Errors name the argument.
result<question> resolve_question(live::connection& host, question_arguments const& arguments);

// What is certain of the part of its window that begins at `since`.
[[nodiscard]] reach reach_from(question const& asked, micros since) noexcept;

// Whether the sketches are in step with what they count.
result<bool> follows_events(live::open_stream& state);
// Whether the mode reads events. Hybrid takes them for what the sketches summarize, so it reads a
// table only while that is tracked.
[[nodiscard]] bool reads_events(question const& asked, bool follows);
// Exact answers read tables: what is pending must be there first.
status flush_for_reading(live::open_stream& state);

// Records how long a query took, including the refresh of the stream, however it ends.
class stopwatch {
 public:
  // Nothing to record on while the default stream is not made.
  explicit stopwatch(question const& asked) noexcept
      : clock_(asked.state == nullptr ? nullptr : &asked.state->queries()), start_(asked.asked_at) {
  }
  ~stopwatch() {
    if (clock_ == nullptr) return;
    auto const spent = std::chrono::steady_clock::now() - start_;
    clock_->record(std::chrono::ceil<std::chrono::microseconds>(spent).count());
  }
  stopwatch(stopwatch const&) = delete;
  stopwatch& operator=(stopwatch const&) = delete;

 private:
  live::query_clock* clock_;
  std::chrono::steady_clock::time_point start_;
};

struct answer {
  std::shared_ptr<std::vector<stream::ranked_item> const> rows;
  sketch::bounds total;  // only where asked for
  // sketch, log, or sketch+log; 'sketch as of' a time where a content table is not tracked.
  std::string source = "sketch";
};

result<answer> answer_top(question const& asked, bool wants_total);

// The bounds of one item; exact where the mode reads the log.
result<stream::ranked_item> answer_count(question const& asked, item_view const& item);

}  // namespace topk::engine
