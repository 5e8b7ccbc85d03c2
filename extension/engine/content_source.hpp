// The rows of a content= table, read as events.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/content_row.hpp"
#include "stream/window_cover.hpp"

namespace topk::engine {

// What the whole table holds.
struct content_survey {
  unsigned times = stream::content_times::known;  // how countable rows write theirs
  micros newest = stream::no_time;  // of the rows that count, not after the time asked for
  micros oldest = stream::no_time;  // of the same, also those that are no longer retained
  bool has_retractions = false;     // some have a negative weight
  std::int64_t countable = 0;       // rows that count
  std::int64_t unreadable = 0;      // rows whose ts is not a time
  std::int64_t refused = 0;         // others that do not count, though they have an item and a ts
  std::string unreadable_ts;        // one of them, as messages show it
};

class content_source {
 public:
  // Requires: the stream has content=.
  explicit content_source(live::open_stream& state) noexcept : state_(state) {}

  using visitor = std::function<status(stream::event_fields const&)>;
  // The rows that count in the span, in no particular order, with seq 0. The visitor's views are
  // valid during the call.
  status each(stream::time_span span, visitor const& visit);

  result<content_survey> survey(micros now);

 private:
  using row_visitor = std::function<status(sqlite::statement::execution&)>;
  // Texts t with from <= t < before, by their bytes; without `before` there is no end.
  struct text_range {
    bool has_any = false;
    std::string from;
    std::optional<std::string> before;
  };
  [[nodiscard]] result<text_range> texts_in(stream::time_span span) const;
  status each_row(stream::time_span const* span, row_visitor const& visit);

  live::open_stream& state_;
};

}  // namespace topk::engine
