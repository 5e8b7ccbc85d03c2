// Count-Min sketches as values: whatever the bytes, they are refused with a message, or they are a
// value in its only form, which adds, merges and subtracts.
#include "base/hash.hpp"
#include "fuzz.hpp"
#include "sketch/count_min.hpp"

using namespace topk;
using namespace topk::fuzz;
using sketch::count_min;

namespace {

void take(byte_view bytes) {
  auto decoded = count_min::decode(bytes);
  if (!decoded) return require(!decoded.error().message.empty(), "refused with a word");
  auto const again = decoded->encode();
  require(again == std::vector(bytes.begin(), bytes.end()), "one value has one form");
  auto const hash = hash_item(item::integer(7), decoded->form().seed);
  auto const before = decoded->estimate(hash);
  require(before >= 0 && before <= decoded->total(), "an estimate lies between nothing and all");
  auto const same = *decoded;
  if (decoded->merge(same)) {
    require(decoded->estimate(hash) == 2 * before, "a sketch is linear");
    decoded->subtract(same);
  }
  require(decoded->encode() == again, "what was merged can be taken out");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  take(as_bytes(bytes));
  take(sealed(bytes));
  return 0;
}
