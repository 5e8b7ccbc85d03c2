// Options of AddressSanitizer in every test executable.
#include "kit/sanitizers.hpp"

#if TOPK_ADDRESS_SANITIZED
// Runtimes before GCC 14 and LLVM 17 take any block of thread-local storage that lies at a certain
// place in its page for one of glibc 2.19, read a size from before it, and crash as they look for
// leaks: github.com/google/sanitizers, issue 1322. This leaves out storage of that kind alone.
extern "C" char const* __asan_default_options();
extern "C" char const* __asan_default_options() { return "intercept_tls_get_addr=0"; }
#endif
