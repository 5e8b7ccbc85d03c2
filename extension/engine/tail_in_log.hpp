// Whether the tail of a stream and its log hold the same events.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "live/open_stream.hpp"

namespace topk::engine {

// Sees each event of the log once, in any order. Holds one bit for each event of the tail.
class tail_in_log {
 public:
  // Requires: the tail does not change meanwhile, and all of it is flushed.
  explicit tail_in_log(live::open_stream& state);

  void see(stream::event_fields const& logged);
  // The first difference; nullopt for none. Requires: of the log, all after `since` was seen.
  [[nodiscard]] std::optional<std::string> difference(micros since) const;

 private:
  void differ(std::string text);

  live::open_stream& state_;
  std::vector<bool> is_logged_;  // by place in the tail
  std::optional<std::string> found_;
};

}  // namespace topk::engine
