// Compiled once for each instruction set; CMake gives the namespace.
#include "compose.h"

namespace KERNEL_NAMESPACE {

const char *instruction_set() {
#if defined(__AVX2__)
    return "AVX2";
#elif defined(__ARM_NEON) || defined(_M_ARM64)
    return "NEON";
#elif defined(__x86_64__) || defined(_M_X64)
    return "SSE2";
#else
    return "baseline";
#endif
}

} // namespace KERNEL_NAMESPACE
