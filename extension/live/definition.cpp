// Options come from the text of CREATE VIRTUAL TABLE, which SQLite hands over at each connect; the
// rest is in the config table (FORMAT.md): format, seed, identity.
//
// The identity distinguishes two tables of the same name. SQLite does not say when a rollback
// undoes CREATE or brings a dropped table back, so it is compared whenever memory is loaded again.
#include "live/definition.hpp"

#include <string>

#include "base/hash.hpp"

namespace topk::live {

definition::definition(stream::stream_options options)
    : options_(std::move(options)), levels_(stream::plan_levels(options_)),
      plan_(stream::plan_memory(options_)) {}

std::uint64_t definition::hash_of(item_view const& item) const noexcept {
  return hash_item(item, seed_);
}

status definition::create(storage::shadow_store& store) {
  std::int64_t seed = 0;
  if (options_.seed) {
    seed = *options_.seed;
  } else {
    sqlite3_randomness(sizeof(seed), &seed);
  }
  TOPK_TRY(store.config().put("format",
                              options_.log ? storage::format_of_blocks : storage::format_of_rows));
  TOPK_TRY(store.config().put("seed", seed));
  std::int64_t identity = 0;
  sqlite3_randomness(sizeof(identity), &identity);
  TOPK_TRY(store.config().put("identity", identity));
  identity_ = identity;
  is_in_doubt_ = true;
  return {};
}

result<bool> definition::load(storage::shadow_store& store) {
  TOPK_ASSIGN(auto const stored_format, store.config().integer("format"));
  if (!stored_format) {
    return failure(errc::corrupt, store.shadow("config") + " has no format: the stream is damaged");
  }
  if (*stored_format < 1 || *stored_format > storage::newest_format) {
    return failure(errc::unsupported_version, "stream " + store.name() + " has format " +
                                                  std::to_string(*stored_format) +
                                                  ", this library reads formats 1 to " +
                                                  std::to_string(storage::newest_format));
  }
  if (options_.log) store.set_log(storage::form_of(*stored_format));
  TOPK_ASSIGN(auto const seed, store.config().integer("seed"));
  if (!seed) {
    return failure(errc::corrupt, store.shadow("config") + " has no seed: the stream is damaged");
  }
  seed_ = static_cast<std::uint64_t>(*seed);
  TOPK_ASSIGN(auto const stored, store.config().integer("identity"));
  auto const identity = stored.value_or(0);
  bool const is_another = identity_ != 0 && identity_ != identity;
  identity_ = identity;
  return is_another;
}

result<bool> definition::is_current(storage::shadow_store& store) const {
  if (!is_in_doubt_ || identity_ == 0) return true;
  auto stored = store.config().integer("identity");
  if (!stored && stored.error().code != errc::corrupt) return std::move(stored).error();
  return stored && *stored == identity_;
}

}  // namespace topk::live
