#include "base/hash.hpp"
#include "fuzz.hpp"

namespace topk::fuzz {

std::vector<std::byte> sealed(std::string_view bytes) {
  constexpr std::size_t checksum_bytes = 4;
  auto const view = as_bytes(bytes);
  std::vector<std::byte> out(view.begin(), view.end());
  if (out.size() < checksum_bytes) return out;
  std::size_t const body = out.size() - checksum_bytes;
  auto sum = checksum(byte_view(out).first(body));
  for (std::size_t at = body; at < out.size(); ++at, sum >>= 8) {
    out[at] = static_cast<std::byte>(sum & 0xFF);
  }
  return out;
}

}  // namespace topk::fuzz
