// The VFS "topkfault": that of the settable clock, with one kind of call that can be made to fail.
#pragma once

#include "kit/fault.hpp"

namespace topk::test {

inline constexpr char const* failing_vfs_name = "topkfault";

enum class io_call { read, write, sync, truncate, lock, shm_lock, open, remove, access, file_size };

// While `when` is armed, calls of this kind return `code`. Short reads, as of a file that ends too
// early, fail on database files only: SQLite rightly takes them for the end of a journal.
struct io_failure {
  io_call call = io_call::read;
  int code = 0;
  fault when;
  void (*before)() = nullptr;  // called before each call of any kind, armed or not
};
[[nodiscard]] io_failure& failing_io() noexcept;

// Registers the VFS, not as the default one; any number of calls.
void install_failing_vfs();

}  // namespace topk::test
