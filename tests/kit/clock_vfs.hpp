// SQLite's default VFS with a clock that tests set: "topkclock".
//
// Everything but the time is passed through. The clock is one for the whole process, as the VFS is.
#pragma once

#include <cstdint>

namespace topk::test {

inline constexpr char const* clock_vfs_name = "topkclock";

// Registers the VFS (not as the default one); any number of calls. The clock starts at
// 2027-01-15 08:00:00 UTC, unix 1800000000. Throws std::runtime_error if SQLite refuses.
void install_clock_vfs();

// Unix time in milliseconds, which is all that a VFS can say.
void set_clock_ms(std::int64_t unix_milliseconds) noexcept;
[[nodiscard]] std::int64_t clock_ms() noexcept;

}  // namespace topk::test
