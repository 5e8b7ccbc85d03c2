// The reference time is the stream's watermark: the greatest event time so far, each capped by the
// clock at the arrival of its event, so that one event from the future expires nothing. Retention
// and lateness count from it.
//
// Decoding checks each number's range: what follows from a head, such as the panes a horizon
// erases, must be safe to compute with whatever the bytes say.
#include "stream/stream_head.hpp"

#include <algorithm>

#include "base/sealed_blob.hpp"

namespace topk::stream {
namespace {

constexpr blob_format head_format{"stream head", 0xD6, {}, 2};
constexpr blob_format head_format_1{"stream head", 0xD6, {}, 1};

constexpr std::uint64_t retractions_flag = 1;
constexpr std::uint64_t unpartitioned_flag = 2;
constexpr unsigned content_times_at = 2;  // four flags from bit 2 on
constexpr std::uint64_t all_flags = 63;

// What a logged event takes on a page, its item aside: row and cell header, ts, seq, weight.
constexpr std::int64_t log_row_overhead = 20;

// What version 1, which does not state it, says of retractions: of late events nothing is known.
bool implies_retractions(stream_head const& head) noexcept {
  return head.weight != head.gross || head.late > 0;
}

bool in_range(micros t) noexcept {
  return t == no_time || (t >= earliest_time - 400 * 366 * day && t <= latest_time + 366 * day);
}

}  // namespace

void stream_head::count(event_fields const& event, bool logged) noexcept {
  reference = std::max(reference, event.now == no_time ? event.ts : std::min(event.ts, event.now));
  newest = std::max(newest, event.ts);
  oldest = oldest == no_time ? event.ts : std::min(oldest, event.ts);
  ++events;
  weight += event.weight;
  gross += event.weight < 0 ? -event.weight : event.weight;
  has_retractions = has_retractions || event.weight < 0;
  if (logged) {
    ++log_rows;
    log_bytes += log_row_overhead + static_cast<std::int64_t>(event.item.bytes.size());
  }
}

micros stream_head::retained_after(micros retain) const noexcept {
  return reference == no_time ? no_time : reference - retain;
}

std::vector<std::byte> stream_head::encode() const {
  byte_writer out;
  bool const is_implied =
      has_retractions == implies_retractions(*this) && !has_unpartitioned && content_times == 0;
  begin_sealed(out, is_implied ? head_format_1 : head_format);
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
  if (!is_implied) {
    out.put_varint((has_retractions ? retractions_flag : 0) |
                   (has_unpartitioned ? unpartitioned_flag : 0) |
                   std::uint64_t{content_times} << content_times_at);
  }
  return seal(out);
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
  if (!levels || *levels != level_count) return damaged("its levels are not those of the options");
  for (std::size_t l = 0; l < level_count; ++l) {
    auto const horizon = body.take_signed();
    auto const formed = body.take_signed();
    if (!horizon || !formed) return damaged("cut off");
    if (!in_range(*horizon) || !in_range(*formed)) return damaged("level watermark out of range");
    head.levels.push_back({*horizon, *formed});
  }
  if (version >= 2) {
    auto const flags = body.take_varint();
    if (!flags || *flags > all_flags) return damaged("unknown flags");
    head.has_retractions = (*flags & retractions_flag) != 0;
    head.has_unpartitioned = (*flags & unpartitioned_flag) != 0;
    head.content_times = static_cast<std::uint8_t>(*flags >> content_times_at);
    bool const is_implied = head.has_retractions == implies_retractions(head) &&
                            !head.has_unpartitioned && head.content_times == 0;
    if (is_implied) return damaged("it should be version 1");
  } else {
    head.has_retractions = implies_retractions(head);
  }
  if (body.remaining() != 0) return damaged("trailing bytes");
  for (std::int64_t const count : {head.last_seq, head.events, head.gross, head.late, head.rejected,
                                   head.log_rows, head.log_bytes, head.evictions, head.key_epoch}) {
    if (count < 0 || count >= greatest_sum) return damaged("a counter is out of range");
  }
  if (head.weight > head.gross || head.weight < -head.gross)
    return damaged("its counters contradict each other");
  if (!in_range(head.reference) || !in_range(head.newest) || !in_range(head.oldest)) {
    return damaged("a time is out of range");
  }
  return head;
}

}  // namespace topk::stream
