// What a stream is: its options and what follows from them, and the seed and the identity it was
// given when it was made. Constant from one load() to the next.
#pragma once

#include <cstdint>
#include <vector>

#include "base/item.hpp"
#include "base/status.hpp"
#include "storage/shadow_store.hpp"
#include "stream/pane_levels.hpp"

namespace topk::live {

class definition {
 public:
  explicit definition(stream::stream_options options);
  definition(definition const&) = delete;  // stored_panes borrows the levels
  definition& operator=(definition const&) = delete;

  [[nodiscard]] stream::stream_options const& options() const noexcept { return options_; }
  [[nodiscard]] std::vector<stream::pane_level> const& levels() const noexcept { return levels_; }
  [[nodiscard]] stream::memory_plan const& plan() const noexcept { return plan_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  // A random number drawn when the table was made; 0 before it is known. A table of the same name
  // made later has another one.
  [[nodiscard]] std::int64_t identity() const noexcept { return identity_; }
  [[nodiscard]] std::uint64_t hash_of(item_view const& item) const noexcept;

  // Draws seed and identity and stores them, with the format.
  status create(storage::shadow_store& store);
  // Reads them. True: the table of this name is another one than at the last load.
  // errc::corrupt, errc::unsupported_version.
  result<bool> load(storage::shadow_store& store);

  // False where the table of this name is another one: this one was made in a transaction that has
  // been undone since, or was dropped. Asks the table only while that may be.
  result<bool> is_current(storage::shadow_store& store) const;
  // The table was dropped, or a savepoint undone.
  void doubt() noexcept { is_in_doubt_ = true; }
  // What the transaction has made or dropped stays so.
  void transaction_ended() noexcept { is_in_doubt_ = false; }

 private:
  stream::stream_options const options_;
  std::vector<stream::pane_level> const levels_;
  stream::memory_plan const plan_;
  std::uint64_t seed_ = 0;
  std::int64_t identity_ = 0;
  bool is_in_doubt_ = false;  // made, dropped or undone in a transaction that has not ended
};

}  // namespace topk::live
