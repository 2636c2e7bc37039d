// A run of pixels of one row, small enough that all its buffers stay in the first-level cache, with the loads
// into it, the stores out of it and the layer's coverage over it.
//
// The specification is engine/reference.py; operations are in the same order. All loops run over a count that
// is a multiple of LANES: the surplus is computed on stale numbers and never stored.
#pragma once

#include <cstring>

#include "blend.h"
#include "compose.h"

namespace {

using retexture::Layer;
using retexture::Luminosity;
using retexture::Output;
using retexture::Plane;
using retexture::Program;
using retexture::Sample;
using retexture::Sliders;
using retexture::Trapezoid;

constexpr int CAPACITY = 256;  // measured: 128 to 384 do, 512 overflows a cache of 32 KB with what is prefetched
constexpr int LANES = 16;

constexpr float WHITE_U8 = 255.0f;
constexpr float FROM_U8 = static_cast<float>(1.0 / 255), FROM_U16 = static_cast<float>(1.0 / 65535);

// Half a 16-bit step in 8-bit numbers, as RANGE_SLACK in reference.py.
constexpr float SLACK = static_cast<float>(255.0 / 65535 / 2);

using Run = float[CAPACITY];

struct Tile {
    alignas(64) Run colour[3];  // the picture so far, in the domain
    alignas(64) Run alpha;
    alignas(64) Run source[3];  // the layer, in the domain
    alignas(64) Run weight;     // the layer's coverage
    alignas(64) Run factor;     // scratch
    alignas(64) Run mixed[3];
    alignas(64) Run nothing;    // in 8 bits the coverage over nothing
    std::ptrdiff_t row, column;
    std::ptrdiff_t next_row, next_column;  // where the next run begins
    int count;   // pixels
    int padded;  // count up to a multiple of LANES
    bool opaque;  // alpha is 1 throughout
    bool empty;   // nothing has been composed yet over nothing
};

inline const char *at(const Plane &plane, std::ptrdiff_t row, std::ptrdiff_t column) {
    const std::ptrdiff_t size = plane.sample == Sample::u8 ? 1 : plane.sample == Sample::u16 ? 2 : 4;
    return plane.data + row * plane.row_bytes + (plane.constant ? 0 : column * size);
}

// Asks for the samples that the next run will read, which the processor's own prefetch does not foresee: it loses
// the trail between so many planes.
inline void prefetch(const Plane &plane, const Tile &t) {
#if defined(__GNUC__)
    if (plane.constant) return;
    const std::ptrdiff_t size = plane.sample == Sample::u8 ? 1 : plane.sample == Sample::u16 ? 2 : 4;
    const char *from = at(plane, t.next_row, t.next_column);
    for (std::ptrdiff_t byte = 0; byte < t.count * size; byte += 64) __builtin_prefetch(from + byte);
#endif
}

inline void fill(float *__restrict to, float value, int padded) {
    for (int i = 0; i < padded; ++i) to[i] = value;
}

// Writes convert(sample) of a plane's run, where convert takes a float of the sample's own range.
template <class T, class Convert>
void convert_run(float *__restrict to, const char *from, bool constant, int count, int padded, Convert convert) {
    const T *__restrict samples = reinterpret_cast<const T *>(from);
    if (constant) {
        fill(to, convert(static_cast<float>(samples[0])), padded);
        return;
    }
    for (int i = 0; i < count; ++i) to[i] = convert(static_cast<float>(samples[i]));
}

// Reads samples as 0-1.
inline void load_unit(float *to, const Plane &plane, const Tile &t) {
    prefetch(plane, t);
    const char *from = at(plane, t.row, t.column);
    switch (plane.sample) {
        case Sample::u8:
            return convert_run<std::uint8_t>(to, from, plane.constant, t.count, t.padded,
                                             [](float x) { return x * FROM_U8; });
        case Sample::u16:
            return convert_run<std::uint16_t>(to, from, plane.constant, t.count, t.padded,
                                              [](float x) { return x * FROM_U16; });
        case Sample::f32:
            return convert_run<float>(to, from, plane.constant, t.count, t.padded, [](float x) { return x; });
    }
}

// Reads samples in the domain.
template <class D> void load_domain(float *to, const Plane &plane, const Tile &t) {
    if (!D::whole_numbers) return load_unit(to, plane, t);
    prefetch(plane, t);
    const char *from = at(plane, t.row, t.column);
    switch (plane.sample) {
        case Sample::u8:
            return convert_run<std::uint8_t>(to, from, plane.constant, t.count, t.padded, [](float x) { return x; });
        case Sample::u16:
            return convert_run<std::uint16_t>(to, from, plane.constant, t.count, t.padded,
                                              [](float x) { return D::round(x * FROM_U16 * WHITE_U8); });
        case Sample::f32:
            return convert_run<float>(to, from, plane.constant, t.count, t.padded,
                                      [](float x) { return D::round(x * WHITE_U8); });
    }
}

template <class D> float rounded_alpha(float alpha) {
    return D::whole_numbers ? D::round(alpha * WHITE_U8) * FROM_U8 : alpha;
}

// Calls join(i, weight) with a slider's weight for value(i), in 8-bit numbers.
template <bool RISES, bool FALLS, class Value, class Join>
void trapezoid_run(const Trapezoid &ends, int padded, Value value, Join join) {
    const float b0 = ends.black0, w1 = ends.white1;
    const float inside_from = b0 - SLACK, inside_to = w1 + SLACK;
    const float rise = RISES ? 1.0f / (ends.black1 - b0) : 0.0f, fall = FALLS ? 1.0f / (w1 - ends.white0) : 0.0f;
    for (int i = 0; i < padded; ++i) {
        const float v = value(i);
        const float up = RISES ? clamp((v - b0) * rise, 1.0f) : v >= inside_from ? 1.0f : 0.0f;
        const float down = FALLS ? clamp((w1 - v) * fall, 1.0f) : v <= inside_to ? 1.0f : 0.0f;
        join(i, up * down);
    }
}

template <class Value, class Join>
void trapezoid(const Trapezoid &ends, int padded, Value value, Join join) {
    const bool rises = ends.black1 > ends.black0, falls = ends.white1 > ends.white0;
    if (rises && falls) return trapezoid_run<true, true>(ends, padded, value, join);
    if (rises) return trapezoid_run<true, false>(ends, padded, value, join);
    if (falls) return trapezoid_run<false, true>(ends, padded, value, join);
    trapezoid_run<false, false>(ends, padded, value, join);
}

// Calls join(i, weight) with the slider's weight for `rgb`: slider 0 is Gray, then R, G, B.
template <class D, class Join>
void slider(int which, const Run *rgb, const Trapezoid &ends, int padded, Join join) {
    constexpr float scale = 255.0f / D::one;
    if (which == 0) {
        const float *__restrict r = rgb[0], *__restrict g = rgb[1], *__restrict b = rgb[2];
        return trapezoid(ends, padded, [=](int i) { return luma({r[i], g[i], b[i]}) * scale; }, join);
    }
    const float *__restrict channel = rgb[which - 1];
    trapezoid(ends, padded, [=](int i) { return channel[i] * scale; }, join);
}

// Calls join(i, weight) with the product of the sliders' weights for `rgb`; t.factor is scratch.
template <class D, class Join> void blend_if(Tile &t, const Run *rgb, const Sliders &sliders, Join join) {
    int used = 0, last = 0;
    for (int which = 0; which < 4; ++which)
        if (sliders.used[which]) ++used, last = which;
    if (used == 1) return slider<D>(last, rgb, sliders.ends[last], t.padded, join);
    float *__restrict factor = t.factor;
    fill(factor, 1.0f, t.padded);
    for (int which = 0; which < 4; ++which)
        if (sliders.used[which])
            slider<D>(which, rgb, sliders.ends[which], t.padded, [=](int i, float w) { factor[i] = factor[i] * w; });
    for (int i = 0; i < t.padded; ++i) join(i, factor[i]);
}

// Leaves a luminosity mask's weight in t.factor; t.mixed is scratch.
template <class D> void luminosity(Tile &t, const Luminosity &op) {
    float *__restrict light = t.mixed[0], *__restrict weight = t.factor;
    const float *__restrict r = t.colour[0], *__restrict g = t.colour[1], *__restrict b = t.colour[2];
    for (int i = 0; i < t.padded; ++i) light[i] = luma({r[i], g[i], b[i]}) * static_cast<float>(1.0 / D::one);
    if (op.kind == Luminosity::Kind::range) {
        trapezoid(op.ends, t.padded, [=](int i) { return light[i] * 255.0f; }, [=](int i, float w) { weight[i] = w; });
    } else {
        for (int i = 0; i < t.padded; ++i) {
            const float l = light[i];
            const float base = op.kind == Luminosity::Kind::lights  ? l
                               : op.kind == Luminosity::Kind::darks ? 1.0f - l
                                                                    : 4.0f * l * (1.0f - l);
            light[i] = weight[i] = clamp(base, 1.0f);
        }
        for (int n = 1; n < op.power; ++n)
            for (int i = 0; i < t.padded; ++i) weight[i] = weight[i] * light[i];
    }
    if (op.inverted)
        for (int i = 0; i < t.padded; ++i) weight[i] = 1.0f - weight[i];
    for (int i = 0; i < t.padded; ++i) weight[i] = 1.0f - op.density * (1.0f - weight[i]);
}

inline void multiply(float *__restrict to, const float *__restrict by, int padded) {
    for (int i = 0; i < padded; ++i) to[i] = to[i] * by[i];
}

inline void scale(float *__restrict to, float by, int padded) {
    if (by == 1.0f) return;
    for (int i = 0; i < padded; ++i) to[i] = to[i] * by;
}

// Leaves the product of alpha and masks in t.weight; false where the layer has none of them.
inline bool mask_weight(Tile &t, const Layer &layer) {
    bool any = false;
    const auto mask_by = [&](const Plane &mask) {
        load_unit(any ? t.factor : t.weight, mask, t);
        if (any) multiply(t.weight, t.factor, t.padded);
        any = true;
    };
    if (layer.alpha.data) mask_by(layer.alpha);
    for (std::size_t m = 0; m < layer.mask_count; ++m) mask_by(layer.masks[m]);
    return any;
}

inline bool all_zero(const float *weight, int count) {
    int zeros = 0;
    for (int i = 0; i < count; ++i) zeros += weight[i] == 0.0f;
    return zeros == count;
}

// Leaves the coverage in t.weight: what mask_weight left there, Blend-If, luminosity masks.
template <class D> void coverage(Tile &t, const Layer &layer, bool masked) {
    float *__restrict weight = t.weight;
    const float *__restrict alpha = t.alpha;
    if (!masked) fill(weight, 1.0f, t.padded);
    if (layer.this_layer.any)
        blend_if<D>(t, t.source, layer.this_layer, [=](int i, float w) { weight[i] = weight[i] * w; });
    if (layer.underlying.any)
        blend_if<D>(t, t.colour, layer.underlying,
                    [=](int i, float w) { weight[i] = weight[i] * (1.0f + alpha[i] * (w - 1.0f)); });
    for (std::size_t m = 0; m < layer.luminosity_count; ++m) {
        luminosity<D>(t, layer.luminosity[m]);
        multiply(t.weight, t.factor, t.padded);
    }
}

// A whole number 0..white of `x` times `to_unit`, clipped to 0-1 and rounded half up. `white` comes from memory:
// where compilers know it, they make branches of the clipping, and the loop stays scalar.
ALWAYS_INLINE int whole_of(float x, float to_unit, float white) {
    return static_cast<int>(clamp(x * to_unit, 1.0f) * white + 0.5f);
}

template <class T>
void store_whole(T *__restrict to, const float *__restrict from, float to_unit, float white, int count) {
    for (int i = 0; i < count; ++i) to[i] = static_cast<T>(whole_of(from[i], to_unit, white));
}

// Interleaves blue, green, red, alpha, the lowest byte first.
template <bool OPAQUE> ALWAYS_INLINE void store_bgra(std::uint32_t *__restrict to, const Tile &t, float to_unit, float white) {
    const float *__restrict r = t.colour[0], *__restrict g = t.colour[1], *__restrict b = t.colour[2],
                *__restrict a = t.alpha;
    for (int i = 0; i < t.count; ++i)
        to[i] = static_cast<std::uint32_t>(whole_of(b[i], to_unit, white) | whole_of(g[i], to_unit, white) << 8 |
                                           whole_of(r[i], to_unit, white) << 16) |
                (OPAQUE ? 0xFFu : static_cast<std::uint32_t>(whole_of(a[i], 1.0f, white))) << 24;
}

template <class D> void store(const Tile &t, const Output &out) {
    constexpr float to_unit = static_cast<float>(1.0 / D::one);
    char *row = out.data + t.row * out.row_bytes;
    if (out.bgra) {
        std::uint32_t *to = reinterpret_cast<std::uint32_t *>(row) + t.column;
        t.opaque ? store_bgra<true>(to, t, to_unit, out.white) : store_bgra<false>(to, t, to_unit, out.white);
        return;
    }
    for (int plane = 0; plane < out.planes; ++plane) {
        char *to = row + plane * out.plane_bytes;
        const float *from = plane < 3 ? t.colour[plane] : t.alpha;
        const float unit = plane < 3 ? to_unit : 1.0f;
        switch (out.sample) {
            case Sample::u8:
                store_whole(reinterpret_cast<std::uint8_t *>(to) + t.column, from, unit, out.white, t.count);
                break;
            case Sample::u16:
                store_whole(reinterpret_cast<std::uint16_t *>(to) + t.column, from, unit, out.white, t.count);
                break;
            case Sample::f32: {
                float *__restrict floats = reinterpret_cast<float *>(to) + t.column;
                for (int i = 0; i < t.count; ++i) floats[i] = from[i] * unit;
                break;
            }
        }
    }
}

}  // namespace
