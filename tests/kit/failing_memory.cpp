#include "kit/failing_memory.hpp"

#include <sqlite3.h>

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace {

topk::test::fault our_fault;
topk::test::fault sqlite_fault;
long our_live = 0;
long our_bytes = 0;
long our_peak = 0;
long sqlite_live = 0;
sqlite3_mem_methods usual{};

void* allocate_or_null(std::size_t byte_size, std::size_t alignment) noexcept {
  if (our_fault.fires()) return nullptr;
  std::size_t const rounded = (byte_size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory != nullptr) {
    ++our_live;
    our_bytes += static_cast<long>(malloc_usable_size(memory));
    our_peak = std::max(our_peak, our_bytes);
  }
  return memory;
}

void* allocate(std::size_t byte_size, std::size_t alignment = alignof(std::max_align_t)) {
  void* const memory = allocate_or_null(byte_size, alignment);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  --our_live;
  our_bytes -= static_cast<long>(malloc_usable_size(memory));
  std::free(memory);
}

extern "C" {

void* x_malloc(int byte_size) {
  if (sqlite_fault.fires()) return nullptr;
  void* const memory = usual.xMalloc(byte_size);
  if (memory != nullptr) ++sqlite_live;
  return memory;
}
void* x_realloc(void* memory, int byte_size) {
  return sqlite_fault.fires() ? nullptr : usual.xRealloc(memory, byte_size);
}
void x_free(void* memory) {
  if (memory != nullptr) --sqlite_live;
  usual.xFree(memory);
}

}  // extern "C"

}  // namespace

// Every form, or a sanitizer would answer some of them with its own.
void* operator new(std::size_t byte_size) { return allocate(byte_size); }
void* operator new[](std::size_t byte_size) { return allocate(byte_size); }
void* operator new(std::size_t byte_size, std::nothrow_t const&) noexcept {
  return allocate_or_null(byte_size, alignof(std::max_align_t));
}
void* operator new[](std::size_t byte_size, std::nothrow_t const&) noexcept {
  return allocate_or_null(byte_size, alignof(std::max_align_t));
}
void* operator new(std::size_t byte_size, std::align_val_t alignment) {
  return allocate(byte_size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t byte_size, std::align_val_t alignment) {
  return allocate(byte_size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::nothrow_t const&) noexcept { release(memory); }
void operator delete[](void* memory, std::nothrow_t const&) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace topk::test {

fault& our_memory() noexcept { return our_fault; }
fault& sqlite_memory() noexcept { return sqlite_fault; }
long our_live_allocations() noexcept { return our_live; }
long sqlite_live_allocations() noexcept { return sqlite_live; }
long our_live_bytes() noexcept { return our_bytes; }
long our_peak_bytes() noexcept { return our_peak; }
void restart_our_peak() noexcept { our_peak = our_bytes; }

void install_failing_memory() {
  if (usual.xMalloc != nullptr) return;
  // Lookaside and pages in bulk would hide allocations from the fault.
  bool ok = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
  ok = ok && sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0) == SQLITE_OK;
  ok = ok && sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual) == SQLITE_OK;
  sqlite3_mem_methods failing = usual;
  failing.xMalloc = x_malloc;
  failing.xRealloc = x_realloc;
  failing.xFree = x_free;
  ok = ok && sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK;
  if (!ok) throw std::runtime_error("SQLite was in use before its allocator could be replaced");
}

}  // namespace topk::test
