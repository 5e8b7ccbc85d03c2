// Order of the checks: first whether the blob is of this format at all, then whether its version is
// newer, and only then the checksum, which a newer version may keep elsewhere.
#include "base/sealed_blob.hpp"

#include "base/hash.hpp"

namespace topk {
namespace {

std::uint32_t seal_of(byte_view bytes) noexcept {
  return static_cast<std::uint32_t>(checksum(bytes));
}

}  // namespace

void begin_sealed(byte_writer& out, blob_format const& format) {
  out.put(format.magic);
  if (format.family) out.put(*format.family);
  out.put(format.version);
}

std::vector<std::byte> seal(byte_writer& out) {
  out.put(seal_of(out.view()));
  return out.release();
}

result<byte_reader> open_sealed(byte_view in, blob_format const& format, std::uint8_t* version) {
  std::size_t const preamble_bytes = format.family ? 3 : 2;
  if (in.size() < preamble_bytes) return format.damaged("shorter than its preamble");
  byte_reader reader(in);
  bool is_other = reader.take<std::uint8_t>() != format.magic;
  if (format.family) is_other |= reader.take<std::uint8_t>() != *format.family;
  if (is_other) return format.damaged("its first bytes are those of something else");

  std::uint8_t const found = *reader.take<std::uint8_t>();
  if (found == 0) return format.damaged("version 0");
  if (found > format.version) {
    return failure(errc::unsupported_version,
                   std::string(format.name) + ": format version " + std::to_string(found) +
                       " is newer than version " + std::to_string(format.version) +
                       ", the newest that this release reads");
  }

  if (version != nullptr) *version = found;
  constexpr std::size_t seal_bytes = sizeof(std::uint32_t);
  if (reader.remaining() < seal_bytes) return format.damaged("shorter than its checksum");
  byte_view const sealed = in.first(in.size() - seal_bytes);
  byte_reader stored(in.last(seal_bytes));
  if (stored.take<std::uint32_t>() != seal_of(sealed)) {
    return format.damaged("checksum does not match");
  }
  return byte_reader(sealed.subspan(preamble_bytes));
}

}  // namespace topk
