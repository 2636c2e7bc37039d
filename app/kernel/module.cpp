// The Python module retexture.engine._kernel: picks the variant that this processor runs.
#include <nanobind/nanobind.h>

#include "compose.h"

#if defined(KERNEL_HAS_AVX2) && defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace {

bool has_avx2() {
#if !defined(KERNEL_HAS_AVX2)
    return false;
#elif defined(_MSC_VER)
    int leaf1[4], leaf7[4];
    __cpuidex(leaf1, 1, 0);
    __cpuidex(leaf7, 7, 0);
    const bool saved = (leaf1[2] >> 27 & 1) && (_xgetbv(0) & 6) == 6; // the system keeps YMM registers
    return saved && (leaf1[2] >> 29 & 1) /* F16C */ && (leaf7[1] >> 5 & 1) /* AVX2 */;
#else
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
#endif
}

const char *instruction_set() {
#if defined(KERNEL_HAS_AVX2)
    if (has_avx2()) return avx2::instruction_set();
#endif
    return baseline::instruction_set();
}

} // namespace

NB_MODULE(_kernel, module) {
    module.doc() = "The compiled engine.";
    module.def("instruction_set", &instruction_set, "The instructions that this processor runs the kernel with.");
}
