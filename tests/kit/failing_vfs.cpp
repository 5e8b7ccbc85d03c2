#include "kit/failing_vfs.hpp"

#include <cstring>

#include "kit/forwarding_vfs.hpp"

namespace topk::test {
namespace {

io_failure the_failure;

// SQLite's code for this call: `usual()`, unless it is this call's turn to fail.
template <class Usual>
int attempt(io_call call, Usual usual) {
  if (the_failure.before != nullptr) the_failure.before();
  if (the_failure.call == call && the_failure.when.fires()) return the_failure.code;
  return usual();
}

struct failing_file : forwarding_file {
  bool is_database = false;

  int read(void* out, int size, sqlite3_int64 at) {
    auto const usual = [&] { return forwarding_file::read(out, size, at); };
    bool const is_short = the_failure.code == SQLITE_IOERR_SHORT_READ;
    if (is_short && !is_database) return usual();
    int const code = attempt(io_call::read, usual);
    // SQLite expects what a short read lacks to be zeros.
    if (code == SQLITE_IOERR_SHORT_READ && is_short)
      std::memset(out, 0, static_cast<std::size_t>(size));
    return code;
  }
  int write(void const* from, int size, sqlite3_int64 at) {
    return attempt(io_call::write, [&] { return forwarding_file::write(from, size, at); });
  }
  int truncate(sqlite3_int64 size) {
    return attempt(io_call::truncate, [&] { return forwarding_file::truncate(size); });
  }
  // The files of these tests are in RAM, where there is nothing to wait for.
  int sync(int) {
    return attempt(io_call::sync, [] { return SQLITE_OK; });
  }
  int file_size(sqlite3_int64* size) {
    return attempt(io_call::file_size, [&] { return forwarding_file::file_size(size); });
  }
  int lock(int level) {
    return attempt(io_call::lock, [&] { return forwarding_file::lock(level); });
  }
  int shm_lock(int offset, int n, int flags) {
    auto const usual = [&] { return forwarding_file::shm_lock(offset, n, flags); };
    return (flags & SQLITE_SHM_UNLOCK) != 0 ? usual() : attempt(io_call::shm_lock, usual);
  }
};

struct failing_vfs : clock_vfs {
  using file = failing_file;

  int open(char const* name, failing_file& opened, int flags, int* out_flags) {
    opened.is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    return attempt(io_call::open, [&] { return clock_vfs::open(name, opened, flags, out_flags); });
  }
  int remove(char const* name, int sync_directory) {
    return attempt(io_call::remove, [&] { return clock_vfs::remove(name, sync_directory); });
  }
  int access(char const* name, int flags, int* out) {
    return attempt(io_call::access, [&] { return clock_vfs::access(name, flags, out); });
  }
  // A busy handler that waits for a lock which never comes need not wait long.
  int sleep(int microseconds) { return microseconds; }
};

}  // namespace

io_failure& failing_io() noexcept { return the_failure; }

void install_failing_vfs() { install_vfs<failing_vfs>(failing_vfs_name); }

}  // namespace topk::test
