// The envelope of every stored blob: its format and version in front, a checksum behind.
//
//   u8 magic;  u8 family, where several formats share a magic byte;  u8 version
//   the body
//   u32 checksum: the low half of XXH3-64 of all bytes before
//
// FORMAT.md, "Envelope". A decoder gets its reader from open_sealed and so cannot forget a check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/status.hpp"

namespace topk {

struct blob_format {
  char const* name;  // what errors call it
  std::uint8_t magic;
  std::optional<std::uint8_t> family;
  std::uint8_t version;  // the newest that is read, and the one that is written

  // errc::corrupt, "<name>: <what>".
  [[nodiscard]] status damaged(std::string_view what) const {
    return failure(errc::corrupt, std::string(name) + ": " + std::string(what));
  }
};

// Puts magic, family and version. Requires: nothing was written yet.
void begin_sealed(byte_writer& out, blob_format const& format);
// Appends the checksum and returns the whole blob.
[[nodiscard]] std::vector<std::byte> seal(byte_writer& out);

// A reader of the body alone. errc::corrupt, or errc::unsupported_version for a version that is
// newer: that is said before the checksum is looked at, since a newer version may keep it
// elsewhere. `version` is set to that of the blob, where given.
result<byte_reader> open_sealed(byte_view in, blob_format const& format,
                                std::uint8_t* version = nullptr);

}  // namespace topk
