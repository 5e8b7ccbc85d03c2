// Bytes as an attacker writes them: damaged, and sealed again where the checksum would give it
// away.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace topk::test {

// How many of the inputs are tried: 1 all, 9 every ninth. The environment's TOPK_CORRUPT_STRIDE, as
// sanitized builds are slow.
[[nodiscard]] std::size_t stride();

// The same blob with the checksum that panes and heads end with made right.
[[nodiscard]] std::string resealed(std::string bytes);
[[nodiscard]] std::string with_flipped_bit(std::string bytes, std::size_t bit);
// A varint of this value, as byte_writer puts it.
[[nodiscard]] std::string varint(std::uint64_t value);

using take_blob = std::function<void(std::string const& what, std::string const& bytes)>;

// Every stride()th of the blob's damages: cut to each length, one byte longer, each bit flipped.
void each_damage(std::string const& bytes, take_blob const& take);
// The same under a matching checksum, and each varint in turn replaced by numbers at the limits.
void each_forgery(std::string const& bytes, take_blob const& take);

}  // namespace topk::test
