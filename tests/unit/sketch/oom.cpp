#include "oom.hpp"

#include <cstdlib>
#include <limits>

namespace {

constexpr std::size_t usual_alignment = alignof(std::max_align_t);
constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
thread_local std::size_t left = never;
thread_local bool has_fired = false;

void* allocate(std::size_t byte_size, std::size_t alignment) {
  if (left != never && left-- == 0) {
    left = never;
    has_fired = true;
    throw std::bad_alloc{};
  }
  std::size_t const rounded = (byte_size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

void* allocate_or_null(std::size_t byte_size) noexcept {
  try {
    return allocate(byte_size, usual_alignment);
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

}  // namespace

// Every form, or a sanitizer's own would answer some of them.
void* operator new(std::size_t byte_size) { return allocate(byte_size, usual_alignment); }
void* operator new[](std::size_t byte_size) { return allocate(byte_size, usual_alignment); }
void* operator new(std::size_t byte_size, std::nothrow_t const&) noexcept {
  return allocate_or_null(byte_size);
}
void* operator new[](std::size_t byte_size, std::nothrow_t const&) noexcept {
  return allocate_or_null(byte_size);
}
void* operator new(std::size_t byte_size, std::align_val_t alignment) {
  return allocate(byte_size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t byte_size, std::align_val_t alignment) {
  return allocate(byte_size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::nothrow_t const&) noexcept { std::free(memory); }
void operator delete[](void* memory, std::nothrow_t const&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace topk::test {

void arm_oom(std::size_t successes) noexcept {
  left = successes;
  has_fired = false;
}
bool disarm_oom() noexcept {
  left = never;
  return has_fired;
}

}  // namespace topk::test
