// A disk in memory that loses power: what is not synced is kept, lost or torn.
//
// A write is on the disk once its file is synced; until then each of its sectors may be there, may
// not be, or may be half there; so may a file's size. A name that was made or removed is on
// the disk once its directory is synced, which SQLite does with the first sync of a journal and
// with a removal that asks for it; until then the latest of such changes may be undone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kit/random.hpp"

namespace topk::test {

inline constexpr std::size_t sector_size = 512;

class disk_file {
 public:
  [[nodiscard]] std::string const& bytes() const noexcept { return now_; }
  void write(std::size_t at, std::string_view bytes);
  void truncate(std::size_t size);
  void sync();

  // What a power cut leaves: everything written, nothing unsynced, or each sector by chance.
  enum class cut { all, nothing, chance };
  [[nodiscard]] std::shared_ptr<disk_file> after_cut(cut how, random_source& random) const;

  std::vector<std::unique_ptr<char[]>> shared_memory;  // of a write-ahead log's index

 private:
  struct change {
    std::size_t at;
    std::string bytes;
    bool truncates;  // to `at`
  };
  static void apply(std::string& to, change const& each);
  static void apply_by_chance(std::string& to, change const& each, random_source& random);

  std::string now_;
  std::string synced_;
  std::vector<change> since_;
};

class power_disk {
 public:
  using names = std::map<std::string, std::shared_ptr<disk_file>>;

  [[nodiscard]] std::shared_ptr<disk_file> find(std::string const& name) const;
  std::shared_ptr<disk_file> make(std::string const& name);
  void remove(std::string const& name);
  void sync_directory();
  // Everything is on the disk.
  void settle();

  [[nodiscard]] power_disk after_cut(disk_file::cut how, random_source& random) const;

  // Called after each write, truncation and removal and before each sync: where power may fail.
  enum class call { write, sync, truncate, remove };
  std::function<void(call)> on_call;

 private:
  names now_;
  names synced_;
  std::vector<names> since_;  // after each change; a name's file does not move
};

// The VFS "topkpower": a file /d/x is x on the disk that is mounted as "d". Locks are always
// granted: one connection to a file at a time.
inline constexpr char const* power_vfs_name = "topkpower";
void install_power_vfs();
[[nodiscard]] power_disk& mounted(std::string const& as);

}  // namespace topk::test
