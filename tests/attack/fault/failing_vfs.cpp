#include "failing_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <stdexcept>

#include "kit/clock_vfs.hpp"

namespace topk::test {
namespace {

io_failure the_failure;

// SQLite's code for this call: `usual()`, unless it is this call's turn to fail.
template <class Usual>
int attempt(io_call call, Usual usual) {
  if (the_failure.before != nullptr) the_failure.before();
  if (the_failure.call == call && the_failure.when.blows()) return the_failure.code;
  return usual();
}

// Behind it, in the same allocation, stands the file of the VFS below.
struct failing_file {
  sqlite3_file base;
  bool is_database;
};
constexpr int header_size = (sizeof(failing_file) + 15) / 16 * 16;

sqlite3_file* below(sqlite3_file* file) noexcept {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + header_size);
}
sqlite3_vfs* below(sqlite3_vfs* vfs) noexcept { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

extern "C" {

int f_close(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
int f_read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  auto const usual = [&] { return below(file)->pMethods->xRead(below(file), out, size, at); };
  bool const is_short = the_failure.code == SQLITE_IOERR_SHORT_READ;
  if (is_short && !reinterpret_cast<failing_file*>(file)->is_database) return usual();
  int const code = attempt(io_call::read, usual);
  if (code == SQLITE_IOERR_SHORT_READ && is_short)
    std::memset(out, 0, static_cast<std::size_t>(size));
  return code;
}
int f_write(sqlite3_file* file, void const* from, int size, sqlite3_int64 at) {
  return attempt(io_call::write,
                 [&] { return below(file)->pMethods->xWrite(below(file), from, size, at); });
}
int f_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return attempt(io_call::truncate,
                 [&] { return below(file)->pMethods->xTruncate(below(file), size); });
}
// On files in RAM there is nothing to wait for.
int f_sync(sqlite3_file*, int) {
  return attempt(io_call::sync, [] { return SQLITE_OK; });
}
int f_file_size(sqlite3_file* file, sqlite3_int64* size) {
  return attempt(io_call::file_size,
                 [&] { return below(file)->pMethods->xFileSize(below(file), size); });
}
int f_lock(sqlite3_file* file, int level) {
  return attempt(io_call::lock, [&] { return below(file)->pMethods->xLock(below(file), level); });
}
int f_unlock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int f_check_reserved_lock(sqlite3_file* file, int* out) {
  return below(file)->pMethods->xCheckReservedLock(below(file), out);
}
int f_file_control(sqlite3_file* file, int op, void* argument) {
  return below(file)->pMethods->xFileControl(below(file), op, argument);
}
int f_sector_size(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
int f_device(sqlite3_file* file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}
int f_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return below(file)->pMethods->xShmMap(below(file), region, size, extend, out);
}
int f_shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  if ((flags & SQLITE_SHM_UNLOCK) != 0)
    return below(file)->pMethods->xShmLock(below(file), offset, n, flags);
  return attempt(io_call::shm_lock,
                 [&] { return below(file)->pMethods->xShmLock(below(file), offset, n, flags); });
}
void f_shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int f_shm_unmap(sqlite3_file* file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

// Version 2: with shared memory for WAL, without memory-mapped pages, which no call would read.
constexpr sqlite3_io_methods methods = {2,
                                        f_close,
                                        f_read,
                                        f_write,
                                        f_truncate,
                                        f_sync,
                                        f_file_size,
                                        f_lock,
                                        f_unlock,
                                        f_check_reserved_lock,
                                        f_file_control,
                                        f_sector_size,
                                        f_device,
                                        f_shm_map,
                                        f_shm_lock,
                                        f_shm_barrier,
                                        f_shm_unmap,
                                        nullptr,
                                        nullptr};

int v_open(sqlite3_vfs* vfs, char const* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  int const code = attempt(io_call::open, [&] {
    return below(vfs)->xOpen(below(vfs), name, below(file), flags, out_flags);
  });
  if (code != SQLITE_OK) return code;
  reinterpret_cast<failing_file*>(file)->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  file->pMethods = &methods;
  return SQLITE_OK;
}
int v_delete(sqlite3_vfs* vfs, char const* name, int sync_directory) {
  return attempt(io_call::remove,
                 [&] { return below(vfs)->xDelete(below(vfs), name, sync_directory); });
}
// Who waits for a lock that never comes need not wait long.
int v_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int v_access(sqlite3_vfs* vfs, char const* name, int flags, int* result) {
  return attempt(io_call::access,
                 [&] { return below(vfs)->xAccess(below(vfs), name, flags, result); });
}

}  // extern "C"

}  // namespace

io_failure& failing_io() noexcept { return the_failure; }

void install_failing_vfs() {
  if (sqlite3_vfs_find(failing_vfs_name) != nullptr) return;
  install_clock_vfs();
  // A copy of the clock's: in pAppData its methods find the default VFS, and so do ours.
  static sqlite3_vfs vfs = *sqlite3_vfs_find(clock_vfs_name);
  vfs.pNext = nullptr;
  vfs.zName = failing_vfs_name;
  vfs.szOsFile += header_size;
  vfs.xOpen = v_open;
  vfs.xDelete = v_delete;
  vfs.xAccess = v_access;
  vfs.xSleep = v_sleep;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
    throw std::runtime_error("SQLite refused the VFS topkfault");
  }
}

}  // namespace topk::test
