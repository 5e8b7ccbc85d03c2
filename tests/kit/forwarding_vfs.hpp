// Base classes of the test VFSs: each call is passed on to the VFS below, unless a derived class
// declares a member function of the same name.
//
// SQLite wants two tables of C functions, one for the VFS and one for its files. install_vfs()
// makes both from the classes; nothing is virtual, so that a file can live in the memory SQLite
// gives it:
//
//     | File (sqlite3_file, below, ...) | the file of the VFS below |
//
// No function of this file allocates memory, since allocations may be made to fail.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "kit/clock_vfs.hpp"

namespace topk::test {

struct forwarding_file : sqlite3_file {
  sqlite3_file* below = nullptr;

  int close() { return below->pMethods->xClose(below); }
  int read(void* out, int size, sqlite3_int64 at) {
    return below->pMethods->xRead(below, out, size, at);
  }
  int write(void const* from, int size, sqlite3_int64 at) {
    return below->pMethods->xWrite(below, from, size, at);
  }
  int truncate(sqlite3_int64 size) { return below->pMethods->xTruncate(below, size); }
  int sync(int flags) { return below->pMethods->xSync(below, flags); }
  int file_size(sqlite3_int64* size) { return below->pMethods->xFileSize(below, size); }
  int lock(int level) { return below->pMethods->xLock(below, level); }
  int unlock(int level) { return below->pMethods->xUnlock(below, level); }
  int check_reserved_lock(int* out) { return below->pMethods->xCheckReservedLock(below, out); }
  int control(int op, void* argument) { return below->pMethods->xFileControl(below, op, argument); }
  int sector_size() { return below->pMethods->xSectorSize(below); }
  int device() { return below->pMethods->xDeviceCharacteristics(below); }
  int shm_map(int region, int size, int extend, void volatile** out) {
    return below->pMethods->xShmMap(below, region, size, extend, out);
  }
  int shm_lock(int offset, int n, int flags) {
    return below->pMethods->xShmLock(below, offset, n, flags);
  }
  void shm_barrier() { below->pMethods->xShmBarrier(below); }
  int shm_unmap(int remove) { return below->pMethods->xShmUnmap(below, remove); }
};

// A VFS whose `file` is sqlite3_file leaves files to the VFS below, methods and all.
struct forwarding_vfs {
  using file = forwarding_file;
  sqlite3_vfs* below = nullptr;

  int open(char const* name, sqlite3_file& opened, int flags, int* out_flags) {
    return below->xOpen(below, name, &opened, flags, out_flags);
  }
  int open(char const* name, forwarding_file& opened, int flags, int* out_flags) {
    return open(name, *opened.below, flags, out_flags);
  }
  int remove(char const* name, int sync_directory) {
    return below->xDelete(below, name, sync_directory);
  }
  int access(char const* name, int flags, int* out) {
    return below->xAccess(below, name, flags, out);
  }
  int full_pathname(char const* name, int size, char* out) {
    return below->xFullPathname(below, name, size, out);
  }
  int sleep(int microseconds) { return below->xSleep(below, microseconds); }
  // Milliseconds from noon of 4714-11-24 BC.
  int current_time(sqlite3_int64* julian_ms) { return below->xCurrentTimeInt64(below, julian_ms); }
};

// Base of the VFSs that run on the clock of clock_vfs.hpp.
struct clock_vfs : forwarding_vfs {
  using file = sqlite3_file;
  int current_time(sqlite3_int64* julian_ms) noexcept {
    constexpr std::int64_t julian_epoch_ms = 210'866'760'000'000;  // 1970-01-01 there
    *julian_ms = clock_ms() + julian_epoch_ms;
    return SQLITE_OK;
  }
};

// The table of functions of a file class. Version 2: with shared memory for a write-ahead log, but
// without memory-mapped pages, which no call would read.
template <class File>
sqlite3_io_methods const* io_methods_of() noexcept {
  using base = sqlite3_file*;
  static constexpr auto of = [](base file) -> File& { return *static_cast<File*>(file); };
  static constexpr sqlite3_io_methods table = {
      2,
      [](base file) {
        int const code = of(file).close();
        std::destroy_at(&of(file));
        return code;
      },
      [](base file, void* out, int size, sqlite3_int64 at) { return of(file).read(out, size, at); },
      [](base file, void const* from, int size, sqlite3_int64 at) {
        return of(file).write(from, size, at);
      },
      [](base file, sqlite3_int64 size) { return of(file).truncate(size); },
      [](base file, int flags) { return of(file).sync(flags); },
      [](base file, sqlite3_int64* size) { return of(file).file_size(size); },
      [](base file, int level) { return of(file).lock(level); },
      [](base file, int level) { return of(file).unlock(level); },
      [](base file, int* out) { return of(file).check_reserved_lock(out); },
      [](base file, int op, void* argument) { return of(file).control(op, argument); },
      [](base file) { return of(file).sector_size(); },
      [](base file) { return of(file).device(); },
      [](base file, int region, int size, int extend, void volatile** out) {
        return of(file).shm_map(region, size, extend, out);
      },
      [](base file, int offset, int n, int flags) { return of(file).shm_lock(offset, n, flags); },
      [](base file) { of(file).shm_barrier(); },
      [](base file, int remove) { return of(file).shm_unmap(remove); },
      nullptr,
      nullptr};
  return &table;
}

template <class Vfs>
constexpr int file_header_bytes() noexcept {
  if constexpr (std::is_same_v<typename Vfs::file, sqlite3_file>) return 0;
  else return (sizeof(typename Vfs::file) + 15) / 16 * 16;
}

template <class Vfs>
int open_file(Vfs& of, char const* name, sqlite3_file* memory, int flags, int* out_flags) {
  using file = typename Vfs::file;
  if constexpr (file_header_bytes<Vfs>() == 0) {
    return of.open(name, *memory, flags, out_flags);
  } else {
    auto* const opened = new (static_cast<void*>(memory)) file();
    opened->below =
        reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(memory) + file_header_bytes<Vfs>());
    int const code = of.open(name, *opened, flags, out_flags);
    if (code == SQLITE_OK) {
      opened->pMethods = io_methods_of<file>();
    } else {
      std::destroy_at(opened);
      memory->pMethods = nullptr;  // so that SQLite does not close it
    }
    return code;
  }
}

// Registers a VFS of this class under this name over SQLite's default one, not as the default; any
// number of calls. Throws std::runtime_error if SQLite refuses.
template <class Vfs>
void install_vfs(char const* name) {
  if (sqlite3_vfs_find(name) != nullptr) return;
  static Vfs instance;
  static sqlite3_vfs table;
  instance.below = sqlite3_vfs_find(nullptr);
  if (instance.below == nullptr) throw std::runtime_error("SQLite has no default VFS");
  table = *instance.below;  // for the calls about libraries, which need no state
  table.iVersion = 2;       // version 3 adds system calls, which nothing here needs
  table.pNext = nullptr;
  table.zName = name;
  table.szOsFile += file_header_bytes<Vfs>();
  table.xOpen = [](sqlite3_vfs*, char const* path, sqlite3_file* file, int flags, int* out) {
    return open_file(instance, path, file, flags, out);
  };
  table.xDelete = [](sqlite3_vfs*, char const* path, int sync_directory) {
    return instance.remove(path, sync_directory);
  };
  table.xAccess = [](sqlite3_vfs*, char const* path, int flags, int* out) {
    return instance.access(path, flags, out);
  };
  table.xFullPathname = [](sqlite3_vfs*, char const* path, int size, char* out) {
    return instance.full_pathname(path, size, out);
  };
  table.xSleep = [](sqlite3_vfs*, int microseconds) { return instance.sleep(microseconds); };
  table.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) {
    return instance.current_time(out);
  };
  table.xCurrentTime = [](sqlite3_vfs*, double* julian_day) {
    sqlite3_int64 julian_ms = 0;
    int const code = instance.current_time(&julian_ms);
    *julian_day = static_cast<double>(julian_ms) / 86'400'000.0;
    return code;
  };
  if (sqlite3_vfs_register(&table, 0) != SQLITE_OK) {
    throw std::runtime_error(std::string("SQLite refused the VFS ") + name);
  }
}

}  // namespace topk::test
