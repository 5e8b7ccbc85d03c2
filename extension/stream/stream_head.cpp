// The reference time R is the stream's watermark: the greatest event time so far, each capped by
// the clock at the arrival of its event, so that one event from the future expires nothing.
// Retention and lateness count from it.
//
// A clock may be wrong for a while. So R does not follow a time more than `retain` ahead of it,
// which would expire all there is; that time is a jump, J, and waits until a later commit agrees:
//
//               to > R + retain, first met                    to > R + retain, in a later commit,
//               at clock c: J = to                            clock >= c + 60 s: R = min(J, to)
//     settled ------------------------------> jump waits ------------------------------------>
//     settled
//        ^                                      |  |  ^
//        |  R + retain reaches J, 'prune'       |  |  |  to > R + retain before: J = max(J, to)
//        '--------------------------------------'  '--'  clock < c: as if first met
//
// Meanwhile R goes on with events that it reaches, and all that it retains is counted: the events
// at the old time and those at the new one. What is greater than the agreed time, max(J, to),
// becomes R too, or waits as the next jump. One commit never agrees with itself: its events past
// the first that jumps carry the clock of that one.
//
// A jump between times long past (J + retain < c), as in a history with gaps, says nothing about
// the clock. There the levels below the top are rolled up and dropped by J, so that loading a
// history fills no more fine panes than one without gaps; the top level keeps all that R retains.
//
// If the clock was ahead at the very first event of a stream, there is nothing that R could go back
// to, and nothing to lose: until a fold has set a horizon, an event far behind lowers R, and the
// former R becomes the jump.
//
// Decoding checks each number's range: what follows from a head, such as the panes a horizon
// erases, must be safe to compute with whatever the bytes say.
#include "stream/stream_head.hpp"

#include <algorithm>

#include "base/sealed_blob.hpp"

namespace topk::stream {
namespace {

constexpr blob_format head_format{"stream head", 0xD6, {}, 3};
constexpr blob_format head_format_2{"stream head", 0xD6, {}, 2};
constexpr blob_format head_format_1{"stream head", 0xD6, {}, 1};

constexpr std::uint64_t retractions_flag = 1;
constexpr std::uint64_t unpartitioned_flag = 2;
constexpr unsigned content_times_at = 2;  // four flags from bit 2 on
constexpr std::uint64_t jump_flag = 64;
constexpr std::uint64_t all_flags = 127;

// What version 1, which has no such flag, implies about retractions: nothing is known of late
// events.
bool implies_retractions(stream_head const& head) noexcept {
  return head.weight != head.gross || head.late > 0;
}

bool in_range(micros t) noexcept {
  return t == no_time || (t >= earliest_time - 400 * 366 * day && t <= latest_time + 366 * day);
}

}  // namespace

void stream_head::raise_or_jump(micros to, micros clock, micros retain) noexcept {
  if (reference == no_time) {
    reference = to;
  } else if (to <= reference - retain && !is_folded()) {  // accepted all the same
    jump = jump_seen = reference;
    reference = to;
  } else if (reaches(to, retain)) {
    reference = std::max(reference, to);
    if (has_jump() && reaches(jump, retain)) settle_jump();
  } else {
    propose(to, clock, retain);
  }
}

void stream_head::propose(micros to, micros clock, micros retain) noexcept {
  bool const is_anew = !has_jump() || clock < jump_seen;
  if (is_anew) {
    jump = to;
    jump_seen = clock;
  } else if (clock - jump_seen < minute) {
    jump = std::max(jump, to);
  } else {
    micros const greater = std::max(jump, to);
    reference = std::min(jump, to);
    settle_jump();
    if (reaches(greater, retain)) {
      reference = greater;
    } else {
      jump = greater;
      jump_seen = clock;
    }
  }
}

micros stream_head::retained_after(micros retain) const noexcept {
  return reference == no_time ? no_time : reference - retain;
}

micros wanted_horizon(std::vector<pane_level> const& levels, std::size_t level,
                      stream_head const& head) noexcept {
  bool const is_top = level + 1 == levels.size();
  micros const by = is_top ? head.reference : head.roll_reference(levels.back().kept);
  return horizon_at(levels, level, by);
}

std::vector<std::byte> stream_head::encode() const {
  byte_writer out;
  bool const is_implied = has_retractions == implies_retractions(*this) && !has_unpartitioned &&
                          content_times == 0 && !has_jump();
  bool const is_new = closed == sketch::closed_form::by_item;
  begin_sealed(out, is_new ? head_format : is_implied ? head_format_1 : head_format_2);
  out.put_varint(generation);
  for (std::int64_t const value : {last_seq, reference, newest, oldest, events, weight, gross, late,
                                   rejected, log_rows, log_bytes, evictions, key_epoch}) {
    out.put_signed(value);
  }
  out.put_varint(levels.size());
  for (auto const& level : levels) {
    out.put_signed(level.horizon);
    out.put_signed(level.formed);
  }
  if (is_new || !is_implied) {
    out.put_varint((has_retractions ? retractions_flag : 0) |
                   (has_unpartitioned ? unpartitioned_flag : 0) |
                   std::uint64_t{content_times} << content_times_at | (has_jump() ? jump_flag : 0));
  }
  if (has_jump()) {
    out.put_signed(jump);
    out.put_signed(jump_seen);
  }
  if (is_new) {
    out.put_varint(static_cast<std::uint64_t>(past_budget));
    for (std::size_t l = 0; l + 1 < levels.size(); ++l) {
      out.put_signed(levels[l].past);
      out.put_varint(static_cast<std::uint64_t>(levels[l].past_bytes));
    }
  }
  return seal(out);
}

// What version 3 adds.
status stream_head::read_past(byte_reader& from) {
  auto const budget = from.take_varint();
  if (!budget) return head_format.damaged("cut off");
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 56;  // the sum of all levels fits, too
  if (*budget >= most_bytes) {
    return head_format.damaged("a counter is out of range");
  }
  past_budget = static_cast<std::int64_t>(*budget);
  for (std::size_t l = 0; l + 1 < levels.size(); ++l) {
    auto const past = from.take_signed();
    auto const bytes = from.take_varint();
    if (!past || !bytes) return head_format.damaged("cut off");
    if (!in_range(*past) || *past < levels[l].horizon || *bytes >= most_bytes) {
      return head_format.damaged("level watermark out of range");
    }
    levels[l].past = *past;
    levels[l].past_bytes = static_cast<std::int64_t>(*bytes);
  }
  return {};
}

result<stream_head> stream_head::decode(byte_view in, std::size_t level_count) {
  auto const damaged = [](char const* what) { return head_format.damaged(what); };
  std::uint8_t version = 0;
  TOPK_ASSIGN(byte_reader body, open_sealed(in, head_format, &version));
  stream_head head;
  auto const generation = body.take_varint();
  if (!generation) return damaged("cut off");
  head.generation = *generation;
  for (std::int64_t* const field :
       {&head.last_seq, &head.reference, &head.newest, &head.oldest, &head.events, &head.weight,
        &head.gross, &head.late, &head.rejected, &head.log_rows, &head.log_bytes, &head.evictions,
        &head.key_epoch}) {
    auto const value = body.take_signed();
    if (!value) return damaged("cut off");
    *field = *value;
  }
  auto const levels = body.take_varint();
  if (!levels || *levels != level_count) return damaged("its levels do not match the options");
  for (std::size_t l = 0; l < level_count; ++l) {
    auto const horizon = body.take_signed();
    auto const formed = body.take_signed();
    if (!horizon || !formed) return damaged("cut off");
    if (!in_range(*horizon) || !in_range(*formed)) return damaged("level watermark out of range");
    bool const is_top = l + 1 == level_count;
    head.levels.push_back(
        {.horizon = *horizon, .formed = *formed, .past = is_top ? no_time : *horizon});
  }
  if (version >= 2) {
    auto const flags = body.take_varint();
    if (!flags || *flags > all_flags) return damaged("unknown flags");
    head.has_retractions = (*flags & retractions_flag) != 0;
    head.has_unpartitioned = (*flags & unpartitioned_flag) != 0;
    head.content_times = static_cast<std::uint8_t>((*flags & (jump_flag - 1)) >> content_times_at);
    if ((*flags & jump_flag) != 0) {
      auto const jump = body.take_signed();
      auto const seen = body.take_signed();
      if (!jump || !seen) return damaged("cut off");
      if (*jump == no_time || *seen == no_time || !in_range(*jump) || !in_range(*seen)) {
        return damaged("a time is out of range");
      }
      head.jump = *jump;
      head.jump_seen = *seen;
    }
    bool const is_implied = head.has_retractions == implies_retractions(head) &&
                            !head.has_unpartitioned && head.content_times == 0 && !head.has_jump();
    if (is_implied && version == 2) return damaged("it should be version 1");
  } else {
    head.has_retractions = implies_retractions(head);
  }
  if (version >= 3) {
    TOPK_TRY(head.read_past(body));
  } else {
    head.closed = sketch::closed_form::ranked;
  }
  if (body.remaining() != 0) return damaged("trailing bytes");
  for (std::int64_t const count : {head.last_seq, head.events, head.gross, head.late, head.rejected,
                                   head.log_rows, head.log_bytes, head.evictions, head.key_epoch}) {
    if (count < 0 || count >= greatest_sum) return damaged("a counter is out of range");
  }
  if (head.weight > head.gross || head.weight < -head.gross)
    return damaged("its counters contradict each other");
  if (head.has_jump() && head.jump <= head.reference)
    return damaged("its counters contradict each other");
  if (!in_range(head.reference) || !in_range(head.newest) || !in_range(head.oldest)) {
    return damaged("a time is out of range");
  }
  return head;
}

}  // namespace topk::stream
