// What resample.cpp offers, once for each instruction set it is compiled for. The specification is
// engine/resample.py; the binding has checked what is given.
#pragma once

#include <cstddef>
#include <cstdint>

namespace retexture {

// The part of one output pixel's square along one axis: `count` source pixels from `first`, counted in the source
// array. The first weighs `head`, the last `tail` (if there are two), the others UNIT.
struct Span {
    std::ptrdiff_t first, count;
    std::int32_t head, tail;
};
constexpr int UNIT_BITS = 12;
constexpr std::int32_t UNIT = 1 << UNIT_BITS;

struct Resampling {
    const std::uint8_t *source;
    std::ptrdiff_t source_row;  // bytes
    std::uint8_t *out;
    std::ptrdiff_t out_row, out_height, out_width;
    const Span *rows, *columns;
};

}  // namespace retexture

#define DECLARE_RESAMPLE(name)                               \
    namespace name {                                         \
    void area_resample(const retexture::Resampling &work);   \
    }

DECLARE_RESAMPLE(baseline)
DECLARE_RESAMPLE(avx2)
