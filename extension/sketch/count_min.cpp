//            width
//   row 0   [ . . + . . . . . ]     an item adds its weight to one counter of each row,
//   row 1   [ . . . . . . + . ]     and reads as the least of them: what other items added to
//   row 2   [ + . . . . . . . ]     that counter is all that it can be too high by
//
// Each row sums up to the total, which a decoder checks row by row. No libm: the extension loads
// into any host, and rounds alike on all of them.
#include "sketch/count_min.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "base/sealed_blob.hpp"

namespace topk::sketch {
namespace {

constexpr double e = 2.718281828459045;

constexpr blob_format sketch_format{"count-min sketch", 0xD5, std::uint8_t{2}, 1};

}  // namespace

// depth: the least with e^-depth <= 1 - confidence, found by dividing; width: e / eps, rounded up.
result<count_min::shape> count_min::shape_for(double eps, double confidence, std::uint64_t seed) {
  if (!(eps > 0 && eps < 1)) {
    return failure(errc::invalid_argument, "eps: expected a number between 0 and 1, exclusive");
  }
  if (!(confidence > 0 && confidence < 1)) {
    return failure(errc::invalid_argument,
                   "confidence: expected a number between 0 and 1, exclusive");
  }
  std::uint32_t depth = 0;
  double miss = 1;  // the chance that all rows fail
  while (miss > 1 - confidence) {
    miss /= e;
    ++depth;
  }
  double const least_width = e / eps;
  if (least_width * depth < static_cast<double>(greatest_cells)) {
    auto width = static_cast<std::uint32_t>(least_width);
    if (static_cast<double>(width) < least_width) ++width;
    if (std::uint64_t{width} * depth <= greatest_cells) return shape{width, depth, seed};
  }
  return failure(errc::invalid_argument,
                 "eps and confidence need more than 2^23 counters (64 MiB): use a larger eps");
}

double count_min::eps_of(shape const& of) noexcept { return e / of.width; }

double count_min::confidence_of(shape const& of) noexcept {
  double miss = 1;
  for (std::uint32_t row = 0; row < of.depth && miss > 0; ++row) miss /= e;
  return 1 - miss;
}

count_min::count_min(shape const& of) : shape_(of), cells_(std::size_t{of.width} * of.depth, 0) {}

// One hash for each item; each row mixes it in its own way (the finaliser of SplitMix64).
std::size_t count_min::cell(std::uint64_t hash, std::uint32_t row) const noexcept {
  std::uint64_t mixed = hash + (row + 1) * 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  mixed ^= mixed >> 31;
  return std::size_t{row} * shape_.width +
         static_cast<std::size_t>(((mixed >> 32) * shape_.width) >> 32);
}

void count_min::add(std::uint64_t hash, std::int64_t weight) noexcept {
  for (std::uint32_t row = 0; row < shape_.depth; ++row) cells_[cell(hash, row)] += weight;
  total_ += weight;
}

std::int64_t count_min::estimate(std::uint64_t hash) const noexcept {
  std::int64_t least = cells_[cell(hash, 0)];
  for (std::uint32_t row = 1; row < shape_.depth; ++row)
    least = std::min(least, cells_[cell(hash, row)]);
  return least;
}

bool count_min::merge(count_min const& other) noexcept {
  if (other.total_ > greatest_sum - 1 - total_) return false;
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  total_ += other.total_;
  return true;
}

void count_min::subtract(count_min const& other) noexcept {
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] -= other.cells_[i];
  total_ -= other.total_;
}

std::vector<std::byte> count_min::encode() const {
  byte_writer out;
  out.reserve(cells_.size() + 32);
  begin_sealed(out, sketch_format);
  out.put_varint(shape_.width);
  out.put_varint(shape_.depth);
  out.put(shape_.seed);
  out.put_varint(static_cast<std::uint64_t>(total_));
  for (auto const count : cells_) out.put_varint(static_cast<std::uint64_t>(count));
  return seal(out);
}

result<count_min> count_min::decode(byte_view in) {
  auto const damaged = [](char const* what) { return sketch_format.damaged(what); };
  TOPK_ASSIGN(byte_reader body, open_sealed(in, sketch_format));
  auto const width = body.take_varint();
  auto const depth = body.take_varint();
  auto const seed = body.take<std::uint64_t>();
  auto const total = body.take_varint();
  if (!width || !depth || !seed || !total) return damaged("cut off");
  if (*width == 0 || *depth == 0 || *width > greatest_cells || *depth > greatest_cells ||
      *width * *depth > greatest_cells || *total >= static_cast<std::uint64_t>(greatest_sum)) {
    return damaged("its shape or total is out of range");
  }
  if (!body.can_hold(*width * *depth, 1)) return damaged("fewer counters than its shape needs");
  count_min sketch({static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*depth), *seed});
  sketch.total_ = static_cast<std::int64_t>(*total);
  auto cell = sketch.cells_.begin();
  for (std::uint64_t row = 0; row < *depth; ++row) {
    std::uint64_t left = *total;
    for (std::uint64_t at = 0; at < *width; ++at) {
      auto const count = body.take_varint();
      if (!count) return damaged("cut off");
      if (*count > left) return damaged("a row has more than the total");
      left -= *count;
      *cell++ = static_cast<std::int64_t>(*count);
    }
    if (left != 0) return damaged("a row has less than the total");
  }
  if (body.remaining() != 0) return damaged("trailing bytes");
  return sketch;
}

}  // namespace topk::sketch
