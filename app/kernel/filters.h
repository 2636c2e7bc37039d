// What filters.cpp offers, once for each instruction set it is compiled for. Planes are contiguous floats of
// height x width, edge pixels repeated outside; the binding has checked them.
#pragma once

#include <cstddef>

namespace retexture {

struct Window {
    const float *in;
    float *out;
    std::ptrdiff_t height, width;
    std::ptrdiff_t radius;  // the window's side is 2 radius + 1
};

}  // namespace retexture

#define DECLARE_FILTERS(name)                                              \
    namespace name {                                                       \
    void median(const retexture::Window &window);                          \
    void surface_blur(const retexture::Window &window, float span);        \
    }

DECLARE_FILTERS(baseline)
DECLARE_FILTERS(avx2)
