// The VFS of power_disk.hpp. Its files are on that disk, so none is opened in the VFS below.
#include <sqlite3.h>

#include <cstring>

#include "kit/forwarding_vfs.hpp"
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

struct power_file : forwarding_file {
  std::shared_ptr<disk_file> data;
  power_disk* disk = nullptr;    // none: a temporary file, which no cut concerns
  bool syncs_directory = false;  // a new journal's first sync makes its name last, too

  void report(power_disk::call what) const {
    if (disk != nullptr && disk->on_call) disk->on_call(what);
  }

  int close() { return SQLITE_OK; }
  int read(void* out, int size, sqlite3_int64 from) {
    std::string const& bytes = data->bytes();
    auto const at = static_cast<std::size_t>(from);
    auto const wanted = static_cast<std::size_t>(size);
    std::size_t const got = at >= bytes.size() ? 0 : std::min(wanted, bytes.size() - at);
    if (got > 0) std::memcpy(out, bytes.data() + at, got);
    if (got == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
  }
  int write(void const* from, int size, sqlite3_int64 at) {
    data->write(static_cast<std::size_t>(at),
                {static_cast<char const*>(from), static_cast<std::size_t>(size)});
    report(power_disk::call::write);
    return SQLITE_OK;
  }
  int truncate(sqlite3_int64 size) {
    data->truncate(static_cast<std::size_t>(size));
    report(power_disk::call::truncate);
    return SQLITE_OK;
  }
  int sync(int) {
    report(power_disk::call::sync);
    data->sync();
    if (syncs_directory) disk->sync_directory();
    syncs_directory = false;
    return SQLITE_OK;
  }
  int file_size(sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(data->bytes().size());
    return SQLITE_OK;
  }
  int lock(int) { return SQLITE_OK; }
  int unlock(int) { return SQLITE_OK; }
  int check_reserved_lock(int* is_locked) {
    *is_locked = 0;
    return SQLITE_OK;
  }
  int control(int, void*) { return SQLITE_NOTFOUND; }
  int sector_size() { return static_cast<int>(topk::test::sector_size); }
  // As the usual file systems do: a torn write harms no byte next to it.
  int device() { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
  int shm_map(int region, int size, int extend, void volatile** out) {
    auto& regions = data->shared_memory;
    auto const wanted = static_cast<std::size_t>(region) + 1;
    *out = nullptr;
    if (regions.size() < wanted && extend == 0) return SQLITE_OK;
    while (regions.size() < wanted) {
      regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *out = regions[wanted - 1].get();
    return SQLITE_OK;
  }
  int shm_lock(int, int, int) { return SQLITE_OK; }
  void shm_barrier() {}
  int shm_unmap(int remove) {
    if (remove != 0) data->shared_memory.clear();
    return SQLITE_OK;
  }
};

struct power_vfs : clock_vfs {
  using file = power_file;

  int open(char const* path, power_file& opened, int flags, int* out_flags) {
    if (path == nullptr) {
      opened.data = std::make_shared<disk_file>();
    } else {
      place const at = place_of(path);
      opened.disk = at.disk;
      opened.data = at.disk->find(at.name);
      if (opened.data == nullptr) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        opened.data = at.disk->make(at.name);
        opened.syncs_directory = (flags & SQLITE_OPEN_MAIN_DB) == 0;
      }
    }
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  int remove(char const* path, int sync_directory) {
    place const at = place_of(path);
    if (at.disk->find(at.name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
    at.disk->remove(at.name);
    if (at.disk->on_call) at.disk->on_call(power_disk::call::remove);
    if (sync_directory != 0) at.disk->sync_directory();
    return SQLITE_OK;
  }
  // As in SQLite's own VFS, an empty file does not exist.
  int access(char const* path, int, int* result) {
    place const at = place_of(path);
    auto const found = at.disk->find(at.name);
    *result = found != nullptr && !found->bytes().empty() ? 1 : 0;
    return SQLITE_OK;
  }
  int full_pathname(char const* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
};

}  // namespace

power_disk& mounted(std::string const& as) {
  static std::map<std::string, power_disk> disks;
  return disks[as];
}

void install_power_vfs() { install_vfs<power_vfs>(power_vfs_name); }

}  // namespace topk::test
