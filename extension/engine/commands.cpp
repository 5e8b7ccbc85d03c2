// The commands of a stream: INSERT INTO s(s) VALUES('rebuild') and its like.
//
// Each brings the cache in step with the file, flushes what is pending, changes the shadow tables,
// and then drops what memory held of them. A command writes more than once, so it runs where SQLite
// has opened a statement journal: an error or an interrupt undoes all of it.
#include "engine/commands.hpp"

#include <algorithm>
#include <unordered_set>

#include "engine/ahead.hpp"
#include "engine/event_source.hpp"
#include "engine/integrity.hpp"
#include "engine/old_log.hpp"
#include "engine/recount.hpp"
#include "engine/tracking.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

using sketch::summary;
using stream::event_batch;
using stream::no_time;
using stream::stream_head;

status store(live::open_stream& state, stream_head const& head) {
  auto stored = state.store_head(head);
  state.forget_memory();
  return stored;
}

status delete_all(live::open_stream& state) {
  auto const head = empty_head(state);
  TOPK_TRY(state.store().clear_all());
  return store(state, head);
}

// Folds the tail, forms and expires all that is due, cuts every absorbed pane to its best entries;
// moves a log of the first release into blocks.
status optimize(live::open_stream& state) {
  TOPK_TRY(take_all_due(state));
  TOPK_TRY(state.fold_all());
  auto head = state.stored_head();
  stream::pane_fold fold(state.levels(), state.seed(), state.options().log, state.panes(), head);
  TOPK_TRY(fold.cut_absorbed());
  TOPK_TRY(move_old_log(state, head));
  return store(state, head);
}

status prune(live::open_stream& state) {
  TOPK_TRY(take_all_due(state));
  TOPK_TRY(state.fold_all());
  auto head = state.stored_head();
  if (head.reference == no_time) return {};
  head.reference = std::max(head.reference, state.host().now());
  head.settle_jump();
  stream::pane_fold fold(state.levels(), state.seed(), state.options().log, state.panes(), head);
  TOPK_TRY(fold.take({}, 0, {}));
  TOPK_TRY(state.log().expire_fully(head));
  TOPK_ASSIGN(bool const has_ahead, state.store().ahead().exists());
  TOPK_ASSIGN(auto keys, state.store().keys().drop_unused(has_ahead));
  if (keys > 0) ++head.key_epoch;
  return store(state, head);
}

// Takes the item out of one stored pane.
status forget_in(live::open_stream& state, std::size_t level, stream::pane_row const& row,
                 item_view const& item, std::uint64_t hash) {
  auto const& limits = state.levels()[level].live;
  TOPK_ASSIGN(auto pane, summary::decode(row.body, limits, state.seed()));
  auto const known = pane.estimate(item, hash);
  if (!pane.forget(item, hash) && known.lower == 0 && known.upper == 0) return {};
  auto const body = sketch::is_by_item(row.body) ? pane.encode_cut(pane.size()) : pane.encode();
  return state.panes().save(level, {row.pane, row.partition, row.version + 1, body});
}

// A table that is followed must not have the item any more: the stream would lack it from then on.
status check_is_gone(live::open_stream& state, item_view const& item) {
  if (!state.options().content) return {};
  TOPK_ASSIGN(bool const is_followed, is_tracked(state));
  if (!is_followed) return {};
  return event_source(state).each(
      {earliest_time - 1, latest_time}, [&](stream::event_fields const& event) -> status {
        if (!(event.item == item)) return {};
        return failure(errc::invalid_argument, "forget: the stream follows '" +
                                                   state.options().content->table +
                                                   "', which has rows of this item; delete "
                                                   "them first");
      });
}

status forget(live::open_stream& state, item_view const& item) {
  TOPK_TRY(check_is_gone(state, item));
  TOPK_TRY(state.fold_all());
  auto const hash = state.hash_of(item);
  auto constexpr least = std::numeric_limits<std::int64_t>::min();
  auto constexpr greatest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t level = 0; level < state.levels().size(); ++level) {
    auto const one = [&](stream::pane_row const& row) {
      return forget_in(state, level, row, item, hash);
    };
    // Rewriting a row while a cursor is on its table: collect the panes first.
    std::vector<std::int64_t> panes;
    TOPK_TRY(state.panes().each(level, least, greatest, [&](stream::pane_row const& row) -> status {
      panes.push_back(row.pane);
      return {};
    }));
    for (auto const pane : panes) {
      TOPK_ASSIGN(auto stored, state.panes().load(level, pane, nullptr));
      if (!stored) continue;
      TOPK_TRY(one({pane, nullptr, stored->version, stored->body}));
    }
    TOPK_TRY(state.panes().each_partition(level, least, greatest, one));
  }
  auto head = state.stored_head();
  ++head.generation;
  TOPK_TRY(state.store().ahead().forget(item));
  TOPK_TRY(state.store().tail().forget(item));
  TOPK_TRY(state.log().forget(item, head));
  return store(state, head);
}

}  // namespace

status run_command(live::open_stream& state, std::string_view command,
                   std::optional<item_view> const& item) {
  TOPK_TRY(state.begin());
  std::string const name = sqlite::lowercase(command);
  if (name == spill_command && state.running() == live::own_statement::spill) return state.spill();
  // As at a commit: rows that were held back get their place in the log, which commands read.
  TOPK_TRY(state.flush(live::moment::commit));
  if (name == "rebuild") return recount(state);
  if (name == "optimize") return optimize(state);
  if (name == "prune") return prune(state);
  if (name == "delete-all") return delete_all(state);
  if (name == "track") {
    TOPK_TRY(make_triggers(state));
    return recount(state);
  }
  if (name == "untrack") {
    if (!state.options().content) {
      return failure(errc::invalid_argument,
                     "untrack: stream " + state.store().name() + " has no content= table");
    }
    return drop_triggers(state);
  }
  if (name == "integrity-check") {
    TOPK_ASSIGN(auto const found, examine(state));
    if (!found) return {};
    return failure(found.is_drift ? errc::drift : errc::corrupt, "integrity-check: " + found.text);
  }
  if (name == "forget") {
    if (!item)
      return failure(errc::invalid_argument, "forget: item is NULL; name the item to forget");
    return forget(state, *item);
  }
  return failure(errc::invalid_argument,
                 "unknown command " + sqlite::shown(command) + "; allowed: " + command_names);
}

}  // namespace topk::engine
