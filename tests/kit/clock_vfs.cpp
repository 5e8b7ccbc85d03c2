#include "clock_vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <stdexcept>

namespace topk::test {
namespace {

// SQLite counts milliseconds from noon of 4714-11-24 BC; this is 1970-01-01 there.
constexpr std::int64_t julian_epoch_ms = 210'866'760'000'000;
constexpr double ms_of_day = 86'400'000.0;

std::atomic<std::int64_t> current_ms{1'800'000'000'000};

sqlite3_vfs* base_of(sqlite3_vfs* vfs) noexcept { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

extern "C" {

// The opened file gets the base's own methods, so nothing of ours is on the way of a page.
int x_open(sqlite3_vfs* vfs, char const* name, sqlite3_file* file, int flags, int* out_flags) {
  return base_of(vfs)->xOpen(base_of(vfs), name, file, flags, out_flags);
}
int x_delete(sqlite3_vfs* vfs, char const* name, int sync_directory) {
  return base_of(vfs)->xDelete(base_of(vfs), name, sync_directory);
}
int x_access(sqlite3_vfs* vfs, char const* name, int flags, int* result) {
  return base_of(vfs)->xAccess(base_of(vfs), name, flags, result);
}
int x_full_pathname(sqlite3_vfs* vfs, char const* name, int size, char* out) {
  return base_of(vfs)->xFullPathname(base_of(vfs), name, size, out);
}
void* x_dl_open(sqlite3_vfs* vfs, char const* name) {
  return base_of(vfs)->xDlOpen(base_of(vfs), name);
}
void x_dl_error(sqlite3_vfs* vfs, int size, char* message) {
  base_of(vfs)->xDlError(base_of(vfs), size, message);
}
using dl_symbol = void (*)();
dl_symbol x_dl_sym(sqlite3_vfs* vfs, void* library, char const* symbol) {
  return base_of(vfs)->xDlSym(base_of(vfs), library, symbol);
}
void x_dl_close(sqlite3_vfs* vfs, void* library) { base_of(vfs)->xDlClose(base_of(vfs), library); }
int x_randomness(sqlite3_vfs* vfs, int size, char* out) {
  return base_of(vfs)->xRandomness(base_of(vfs), size, out);
}
int x_sleep(sqlite3_vfs* vfs, int microseconds) {
  return base_of(vfs)->xSleep(base_of(vfs), microseconds);
}
int x_get_last_error(sqlite3_vfs* vfs, int size, char* out) {
  return base_of(vfs)->xGetLastError(base_of(vfs), size, out);
}

int x_current_time(sqlite3_vfs*, double* julian_day) {
  *julian_day = static_cast<double>(clock_ms() + julian_epoch_ms) / ms_of_day;
  return SQLITE_OK;
}
int x_current_time_int64(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  *julian_ms = clock_ms() + julian_epoch_ms;
  return SQLITE_OK;
}

}  // extern "C"

sqlite3_vfs make_vfs(sqlite3_vfs* base) noexcept {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;  // version 3 adds system calls, which nothing here needs
  vfs.szOsFile = base->szOsFile;
  vfs.mxPathname = base->mxPathname;
  vfs.zName = clock_vfs_name;
  vfs.pAppData = base;
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_pathname;
  vfs.xDlOpen = x_dl_open;
  vfs.xDlError = x_dl_error;
  vfs.xDlSym = x_dl_sym;
  vfs.xDlClose = x_dl_close;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_current_time;
  vfs.xGetLastError = x_get_last_error;
  vfs.xCurrentTimeInt64 = x_current_time_int64;
  return vfs;
}

}  // namespace

void install_clock_vfs() {
  if (sqlite3_vfs_find(clock_vfs_name) != nullptr) return;
  sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
  if (base == nullptr) throw std::runtime_error("SQLite has no default VFS");
  static sqlite3_vfs vfs = make_vfs(base);
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
    throw std::runtime_error("SQLite refused the VFS topkclock");
  }
}

void set_clock_ms(std::int64_t unix_milliseconds) noexcept { current_ms = unix_milliseconds; }
std::int64_t clock_ms() noexcept { return current_ms; }

}  // namespace topk::test
