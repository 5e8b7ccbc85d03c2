// Heads: whatever the bytes, what decode accepts is written back as it was, and counting goes on.
#include "fuzz.hpp"
#include "stream/stream_head.hpp"

using namespace topk;
using namespace topk::fuzz;
using stream::stream_head;

namespace {

void take(byte_view bytes) {
  for (std::size_t levels = 0; levels < 6; ++levels) {
    auto head = stream_head::decode(bytes, levels);
    if (!head) {
      require(!head.error().message.empty(), "refused with a word");
      continue;
    }
    require(head->encode() == std::vector(bytes.begin(), bytes.end()), "one value has one form");
    stream::event_fields event;
    event.weight = std::int64_t{1} << 40;
    for (std::int64_t const time : {earliest_time, latest_time}) {
      event.ts = time;
      head->count(event, true, day);
      (void)head->retained_after(10'000 * 366 * day);
    }
    (void)head->encode();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  take(as_bytes(bytes));
  take(sealed(bytes));
  return 0;
}
