#include "stream/stream_head.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace topk::stream {
namespace {

constexpr std::uint8_t magic = 0xD6;
constexpr std::uint8_t version = 1;

// What a logged event takes on a page beside its item: row and cell header, ts, seq, weight.
constexpr std::int64_t log_row_overhead = 20;

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
  out.put(magic);
  out.put(version);
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
  out.put(static_cast<std::uint32_t>(checksum(out.view())));
  return out.release();
}

result<stream_head> stream_head::decode(byte_view in, std::size_t level_count) {
  auto const corrupt = [](char const* what) {
    return failure(errc::corrupt, std::string("the head of the stream is damaged: ") + what);
  };
  byte_reader reader(in);
  if (reader.take<std::uint8_t>() != magic) return corrupt("it does not begin as a head does");
  auto const stored_version = reader.take<std::uint8_t>();
  if (!stored_version || *stored_version == 0) return corrupt("it has no version");
  if (*stored_version > version) {
    return failure(errc::unsupported_version,
                   "the head of the stream has version " + std::to_string(*stored_version) +
                       ", this library reads up to " + std::to_string(version));
  }
  if (in.size() < 6) return corrupt("it is too short");
  byte_reader tail(in.subspan(in.size() - 4));
  if (tail.take<std::uint32_t>() != static_cast<std::uint32_t>(checksum(in.first(in.size() - 4)))) {
    return corrupt("its checksum does not fit");
  }
  stream_head head;
  auto const generation = reader.take_varint();
  if (!generation) return corrupt("it is too short");
  head.generation = *generation;
  for (std::int64_t* const field :
       {&head.last_seq, &head.reference, &head.newest, &head.oldest, &head.events, &head.weight,
        &head.gross, &head.late, &head.rejected, &head.log_rows, &head.log_bytes, &head.evictions,
        &head.key_epoch}) {
    auto const value = reader.take_signed();
    if (!value) return corrupt("it is too short");
    *field = *value;
  }
  auto const levels = reader.take_varint();
  if (!levels || *levels != level_count) return corrupt("its levels are not those of the options");
  for (std::size_t l = 0; l < level_count; ++l) {
    auto const horizon = reader.take_signed();
    auto const formed = reader.take_signed();
    if (!horizon || !formed) return corrupt("it is too short");
    if (!in_range(*horizon) || !in_range(*formed)) return corrupt("a mark is no time");
    head.levels.push_back({*horizon, *formed});
  }
  if (reader.remaining() != 4) return corrupt("it is too long");
  for (std::int64_t const count : {head.last_seq, head.events, head.gross, head.late, head.rejected,
                                   head.log_rows, head.log_bytes, head.evictions, head.key_epoch}) {
    if (count < 0 || count >= greatest_sum) return corrupt("a counter is out of range");
  }
  if (head.weight > head.gross || head.weight < -head.gross)
    return corrupt("its counters contradict each other");
  if (!in_range(head.reference) || !in_range(head.newest) || !in_range(head.oldest)) {
    return corrupt("a time is out of range");
  }
  return head;
}

}  // namespace topk::stream
