// What dabs.cpp offers, once for each instruction set it is compiled for, and what it is given: plain pointers
// and numbers, which the binding has checked. The specification is engine/dabs.py.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compose.h"

namespace retexture {

// As the rows of an array of doubles.
struct Dab {
    double x, y, radius, hardness, flow, ceiling;
};

struct Coverage {
    float *data;
    std::ptrdiff_t height, width, row;  // `row`: from one row to the next, in floats
    std::int64_t left, top;             // of the first pixel, in the dabs' coordinates
};

struct Painting {
    char *out;
    const char *base;
    const float *coverage;
    std::ptrdiff_t planes, height, width;
    std::ptrdiff_t out_plane, out_row, base_plane, base_row;  // bytes
    std::ptrdiff_t coverage_row;                              // floats
    Sample sample;
    float white;
    const float *value;      // one for each plane, or each but the last; in the sample's units
    std::ptrdiff_t values;   // how many; 0 erases
};

}  // namespace retexture

#define DECLARE_DABS(name)                                                                            \
    namespace name {                                                                                  \
    void stamp(const retexture::Coverage &coverage, const retexture::Dab *dabs, std::ptrdiff_t size); \
    void paint(const retexture::Painting &painting);                                                  \
    }

DECLARE_DABS(baseline)
DECLARE_DABS(avx2)
