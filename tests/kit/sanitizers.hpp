// Which sanitizer the tests are built with: g++ shows it by a macro, clang++ by a feature.
//
// TOPK_ADDRESS_SANITIZED, TOPK_THREAD_SANITIZED: 1 or 0. Every step takes some ten times as long
// with one. A lean build defines the first: there only the library has it (TOPK_LEAN_BUILD).
#pragma once

#if defined(TOPK_ADDRESS_SANITIZED)
#elif defined(__SANITIZE_ADDRESS__)
#define TOPK_ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TOPK_ADDRESS_SANITIZED 1
#endif
#endif
#if !defined(TOPK_ADDRESS_SANITIZED)
#define TOPK_ADDRESS_SANITIZED 0
#endif

#if defined(__SANITIZE_THREAD__)
#define TOPK_THREAD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TOPK_THREAD_SANITIZED 1
#endif
#endif
#if !defined(TOPK_THREAD_SANITIZED)
#define TOPK_THREAD_SANITIZED 0
#endif

namespace topk::test {

inline constexpr bool is_sanitized = TOPK_ADDRESS_SANITIZED != 0 || TOPK_THREAD_SANITIZED != 0;

}  // namespace topk::test
