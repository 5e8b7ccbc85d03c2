// The VFS of power_disk.hpp.
#include <sqlite3.h>

#include <cstring>
#include <new>
#include <stdexcept>

#include "kit/clock_vfs.hpp"
#include "power_disk.hpp"

namespace topk::test {
namespace {

struct place {
  power_disk* disk;
  std::string name;
};

// "/d/x" is x on d.
place place_of(char const* path) {
  std::string const whole = path;
  auto const slash = whole.find('/', 1);
  return {&mounted(whole.substr(1, slash - 1)), whole.substr(slash + 1)};
}

struct open_file {
  std::shared_ptr<disk_file> file;
  power_disk* disk = nullptr;    // none: a temporary file, which no cut concerns
  bool syncs_directory = false;  // a new journal's first sync makes its name last, too
};

struct power_file {
  sqlite3_file base;
  open_file* open;
};

open_file& of(sqlite3_file* file) noexcept { return *reinterpret_cast<power_file*>(file)->open; }

void report(power_disk const* disk, power_disk::call what) {
  if (disk != nullptr && disk->on_call) disk->on_call(what);
}

extern "C" {

int p_close(sqlite3_file* file) {
  delete reinterpret_cast<power_file*>(file)->open;
  return SQLITE_OK;
}
int p_read(sqlite3_file* file, void* out, int size, sqlite3_int64 from) {
  std::string const& bytes = of(file).file->bytes();
  auto const at = static_cast<std::size_t>(from);
  auto const wanted = static_cast<std::size_t>(size);
  std::size_t const got = at >= bytes.size() ? 0 : std::min(wanted, bytes.size() - at);
  if (got > 0) std::memcpy(out, bytes.data() + at, got);
  if (got == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + got, 0, wanted - got);
  return SQLITE_IOERR_SHORT_READ;
}
int p_write(sqlite3_file* file, void const* from, int size, sqlite3_int64 at) {
  of(file).file->write(static_cast<std::size_t>(at),
                       {static_cast<char const*>(from), static_cast<std::size_t>(size)});
  report(of(file).disk, power_disk::call::write);
  return SQLITE_OK;
}
int p_truncate(sqlite3_file* file, sqlite3_int64 size) {
  of(file).file->truncate(static_cast<std::size_t>(size));
  report(of(file).disk, power_disk::call::truncate);
  return SQLITE_OK;
}
int p_sync(sqlite3_file* file, int) {
  open_file& at = of(file);
  report(at.disk, power_disk::call::sync);
  at.file->sync();
  if (at.syncs_directory) at.disk->sync_directory();
  at.syncs_directory = false;
  return SQLITE_OK;
}
int p_file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(of(file).file->bytes().size());
  return SQLITE_OK;
}
int p_lock(sqlite3_file*, int) { return SQLITE_OK; }
int p_check_reserved_lock(sqlite3_file*, int* is_locked) {
  *is_locked = 0;
  return SQLITE_OK;
}
int p_file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int p_sector_size(sqlite3_file*) { return static_cast<int>(sector_size); }
// As of the usual file systems: a write that is torn harms no byte beside it.
int p_device(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
int p_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& regions = of(file).file->shared_memory;
  auto const wanted = static_cast<std::size_t>(region) + 1;
  *out = nullptr;
  if (regions.size() < wanted && extend == 0) return SQLITE_OK;
  while (regions.size() < wanted) {
    regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = regions[wanted - 1].get();
  return SQLITE_OK;
}
int p_shm_lock(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void p_shm_barrier(sqlite3_file*) {}
int p_shm_unmap(sqlite3_file* file, int remove) {
  if (remove != 0) of(file).file->shared_memory.clear();
  return SQLITE_OK;
}

// Version 2: with shared memory for WAL, without memory-mapped pages.
constexpr sqlite3_io_methods methods = {2,
                                        p_close,
                                        p_read,
                                        p_write,
                                        p_truncate,
                                        p_sync,
                                        p_file_size,
                                        p_lock,
                                        p_lock,
                                        p_check_reserved_lock,
                                        p_file_control,
                                        p_sector_size,
                                        p_device,
                                        p_shm_map,
                                        p_shm_lock,
                                        p_shm_barrier,
                                        p_shm_unmap,
                                        nullptr,
                                        nullptr};

int p_open(sqlite3_vfs*, char const* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* const opened = reinterpret_cast<power_file*>(file);
  opened->base.pMethods = nullptr;
  opened->open = new open_file;
  if (path == nullptr) {
    opened->open->file = std::make_shared<disk_file>();
  } else {
    place const at = place_of(path);
    opened->open->disk = at.disk;
    opened->open->file = at.disk->find(at.name);
    if (opened->open->file == nullptr) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) {
        delete opened->open;
        return SQLITE_CANTOPEN;
      }
      opened->open->file = at.disk->make(at.name);
      opened->open->syncs_directory = (flags & SQLITE_OPEN_MAIN_DB) == 0;
    }
  }
  if (out_flags != nullptr) *out_flags = flags;
  opened->base.pMethods = &methods;
  return SQLITE_OK;
}
int p_delete(sqlite3_vfs*, char const* path, int sync_directory) {
  place const at = place_of(path);
  if (at.disk->find(at.name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  at.disk->remove(at.name);
  report(at.disk, power_disk::call::remove);
  if (sync_directory != 0) at.disk->sync_directory();
  return SQLITE_OK;
}
int p_access(sqlite3_vfs*, char const* path, int, int* result) {
  place const at = place_of(path);
  auto const file = at.disk->find(at.name);
  // As SQLite's own: a file without a byte is none.
  *result = file != nullptr && !file->bytes().empty() ? 1 : 0;
  return SQLITE_OK;
}
int p_full_pathname(sqlite3_vfs*, char const* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

}  // extern "C"

}  // namespace

power_disk& mounted(std::string const& as) {
  static std::map<std::string, power_disk> disks;
  return disks[as];
}

void install_power_vfs() {
  if (sqlite3_vfs_find(power_vfs_name) != nullptr) return;
  install_clock_vfs();
  static sqlite3_vfs vfs = *sqlite3_vfs_find(clock_vfs_name);  // for time and libraries
  vfs.pNext = nullptr;
  vfs.zName = power_vfs_name;
  vfs.szOsFile = static_cast<int>(sizeof(power_file));
  vfs.xOpen = p_open;
  vfs.xDelete = p_delete;
  vfs.xAccess = p_access;
  vfs.xFullPathname = p_full_pathname;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
    throw std::runtime_error("SQLite refused the VFS topkpower");
  }
}

}  // namespace topk::test
