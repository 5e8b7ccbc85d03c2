// SQLite's default VFS with a clock that tests set: "topkclock".
//
// Everything but the time is passed through; nothing of ours is in the way of a page. There is one
// clock for the whole process.
#pragma once

#include <cstdint>

namespace topk::test {

inline constexpr char const* clock_vfs_name = "topkclock";

// The clock starts at 2027-01-15 08:00:00 UTC, unix 1800000000. Throws std::runtime_error if SQLite
// refuses; any number of calls.
void install_clock_vfs();

// Unix time in milliseconds, which is all that a VFS can say.
void set_clock_ms(std::int64_t unix_milliseconds) noexcept;
[[nodiscard]] std::int64_t clock_ms() noexcept;

}  // namespace topk::test
