// What compose.cpp offers, once for each instruction set it is compiled for, and what it is given: plain
// pointers and numbers, which the binding has checked.
//
// Plain data only: the header is compiled for several instruction sets, so nothing in it may leave code that
// the linker could share between them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace retexture {

enum class Sample : std::uint8_t { u8, u16, f32 };

// One channel of a layer, or a mask: rows are `row_bytes` apart. A constant plane holds one sample a row.
struct Plane {
    const char *data = nullptr;
    std::ptrdiff_t row_bytes = 0;
    Sample sample = Sample::f32;
    bool constant = false;
};

// In the order of Photoshop's menu, as in modes.py.
enum class Mode : std::uint8_t {
    normal, dissolve, darken, multiply, color_burn, linear_burn, darker_color, lighten, screen, color_dodge,
    linear_dodge, lighter_color, overlay, soft_light, hard_light, vivid_light, linear_light, pin_light, hard_mix,
    difference, exclusion, subtract, divide, hue, saturation, color, luminosity,
};
constexpr int MODES = 27;

// A Blend-If slider: black pair, white pair, in 8-bit numbers.
struct Trapezoid {
    float black0, black1, white0, white1;
};

// The sliders of Gray, R, G, B; `used` is false where a slider spans the full range.
struct Sliders {
    Trapezoid ends[4];
    bool used[4];
    bool any;
};

struct Luminosity {
    enum class Kind : std::uint8_t { lights, darks, midtones, range } kind;
    int power;
    Trapezoid ends;
    bool inverted;
    float density;
};

struct Layer {
    Plane planes[3];
    Plane alpha;  // data is null where there is none
    const Plane *masks;
    std::size_t mask_count;
    const Luminosity *luminosity;
    std::size_t luminosity_count;
    Sliders this_layer, underlying;
    Mode mode;
    float opacity, fill;
    float fill_rest;       // 1 - fill
    bool scales_effect;    // one of the eight modes where fill scales the effect
    bool atop;
};

struct Output {
    char *data;
    std::ptrdiff_t row_bytes, plane_bytes;
    int planes;  // 3 or 4
    Sample sample;
    float white;  // the sample's
    bool bgra;  // interleaved bytes; row_bytes alone counts
};

struct Program {
    const Layer *layers;
    std::size_t layer_count;
    const Plane *backdrop;  // four planes of floats, or null
    Output out;
    std::ptrdiff_t width, height;
    std::int64_t x, y, step;  // Dissolve's pattern: first pixel and distance, in full-size pixels
    bool eight_bit;
};

}  // namespace retexture

#define DECLARE_VARIANT(name)                                  \
    namespace name {                                           \
    void compose(const retexture::Program &program);           \
    void copy_floor(const retexture::Program &program);        \
    }

DECLARE_VARIANT(baseline)
DECLARE_VARIANT(avx2)
