// A total or a bound is stored as the lower number and how far the upper one is above it, which is
// short where both are equal or close; numbers that saturated are brought back to what can be
// stored.
#include "sketch/pane_fields.hpp"

namespace topk::sketch {

void put_totals(byte_writer& out, pane_totals const& totals) {
  put_unsigned(out, totals.gross_in);
  put_unsigned(out, totals.gross_out);
  out.put_signed(storable(totals.total_lower));
  out.put_varint(distance(storable(totals.total_lower), storable(totals.total_upper)));
  put_unsigned(out, totals.events);
  if (totals.events == 0) return;
  out.put_signed(storable(totals.first));
  out.put_varint(distance(storable(totals.first), storable(totals.last)));
}

void put_base(byte_writer& out, bounds const& base) {
  if (base == bounds{}) return;
  put_unsigned(out, base.upper);
  put_unsigned(out, -base.lower);
}

std::optional<std::int64_t> take_unsigned(byte_reader& in) noexcept {
  auto const value = in.take_varint();
  if (!value || *value > static_cast<std::uint64_t>(greatest_stored)) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<std::int64_t> take_signed(byte_reader& in) noexcept {
  auto const value = in.take_signed();
  if (!value || !is_storable(*value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> take_from(byte_reader& in, std::int64_t from) noexcept {
  auto const past = in.take_varint();
  if (!past || *past > distance(from, greatest_stored)) return std::nullopt;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + *past);
}

status take_totals(byte_reader& in, pane_totals& totals) {
  auto const gross_in = take_unsigned(in);
  auto const gross_out = take_unsigned(in);
  auto const total_lower = take_signed(in);
  if (!gross_in || !gross_out || !total_lower) return corrupt("bad totals");
  auto const total_upper = take_from(in, *total_lower);
  auto const events = take_unsigned(in);
  if (!total_upper || !events) return corrupt("bad totals");
  totals = {*gross_in, *gross_out, *total_lower, *total_upper, *events, 0, 0};
  if (*events == 0) return {};
  auto const first = take_signed(in);
  if (!first) return corrupt("bad time of the first event");
  auto const last = take_from(in, *first);
  if (!last) return corrupt("bad time of the last event");
  totals.first = *first;
  totals.last = *last;
  return {};
}

status take_base(byte_reader& in, bounds& base) {
  auto const upper = take_unsigned(in);
  auto const lower = take_unsigned(in);
  if (!upper || !lower || (*upper == 0 && *lower == 0)) return corrupt("bad base");
  base = {-*lower, *upper};
  return {};
}

}  // namespace topk::sketch
