// What compose.cpp offers, once for each instruction set it is compiled for.
#pragma once

#define DECLARE_VARIANT(name)                                                                      \
    namespace name {                                                                               \
    const char *instruction_set();                                                                 \
    }

DECLARE_VARIANT(baseline)
DECLARE_VARIANT(avx2)
