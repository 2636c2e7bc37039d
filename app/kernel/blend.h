// Photoshop's blend modes, one expression each for both domains. The specification is engine/blend.py: the same
// formulas in the same order of operations, so that both give the same floats. Sources are named there.
//
// Everything here is branch-free per pixel, so that the loops over it become vector code.
#pragma once

#include <cmath>

// The compilers' own measure leaves the longer formulas as calls, and loops with calls stay scalar.
#if defined(_MSC_VER)
#define ALWAYS_INLINE __forceinline
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
#endif

// Before a loop that writes where it has read: each pixel depends on no other.
#if defined(__clang__)
#define INDEPENDENT_PIXELS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(_MSC_VER)
#define INDEPENDENT_PIXELS __pragma(loop(ivdep))
#else
#define INDEPENDENT_PIXELS _Pragma("GCC ivdep")
#endif

namespace {

ALWAYS_INLINE float smaller(float a, float b) { return a < b ? a : b; }
ALWAYS_INLINE float larger(float a, float b) { return a > b ? a : b; }
ALWAYS_INLINE float clamp(float x, float one) { return smaller(larger(x, 0.0f), one); }

ALWAYS_INLINE float floor_of(float x) {
#if defined(__SSE4_1__) || defined(__aarch64__) || defined(_MSC_VER)
    return std::floor(x);
#else
    // SSE2 has no rounding instruction. Floats beyond 2^23 are whole numbers already.
    const bool whole = std::fabs(x) >= 8388608.0f;
    const float inside = whole ? 0.0f : x;
    const float cut = static_cast<float>(static_cast<int>(inside));
    return whole ? x : cut - (cut > inside ? 1.0f : 0.0f);
#endif
}

// Whole numbers 0-255, rounded after each product; the upper half starts at 128.
struct EightBit {
    static constexpr bool whole_numbers = true;
    static constexpr float one = 255.0f, half = 128.0f;
    ALWAYS_INLINE static float round(float x) { return floor_of(x + 0.5f); }
};

// Reals, white 1.
struct Real {
    static constexpr bool whole_numbers = false;
    static constexpr float one = 1.0f, half = 0.5f;
    ALWAYS_INLINE static float round(float x) { return x; }
};

struct Rgb {
    float r, g, b;
};

ALWAYS_INLINE float luma(Rgb c) { return c.r * 0.30f + c.g * 0.59f + c.b * 0.11f; }
ALWAYS_INLINE float lowest(Rgb c) { return smaller(smaller(c.r, c.g), c.b); }
ALWAYS_INLINE float highest(Rgb c) { return larger(larger(c.r, c.g), c.b); }
ALWAYS_INLINE float divided(float a, float b) { return a / (b == 0.0f ? 1.0f : b); }

template <class D> ALWAYS_INLINE float product(float b, float s) { return D::round(b * s / D::one); }
template <class D> ALWAYS_INLINE float screened(float b, float s) { return b + s - product<D>(b, s); }

template <class D> ALWAYS_INLINE float burned(float b, float s) {
    const float inner = D::one - smaller(D::round(divided((D::one - b) * D::one, s)), D::one);
    return b >= D::one ? D::one : s <= 0.0f ? 0.0f : inner;
}

template <class D> ALWAYS_INLINE float dodged(float b, float s) {
    const float inner = smaller(D::round(divided(b * D::one, D::one - s)), D::one);
    return b <= 0.0f ? 0.0f : s >= D::one ? D::one : inner;
}

// The lower and the upper half of the range, stretched to the whole range.
template <class D> ALWAYS_INLINE float lower_half(float s) { return D::round(s * D::one / D::half); }
template <class D> ALWAYS_INLINE float upper_half(float s) { return D::round((s - D::half) * D::one / (D::one - D::half)); }

template <class D> ALWAYS_INLINE float vivid(float b, float s) {
    const float dark = burned<D>(b, lower_half<D>(s)), light = dodged<D>(b, upper_half<D>(s));
    return s <= 0.0f ? 0.0f : s >= D::one ? D::one : s < D::half ? dark : light;
}

template <class D> ALWAYS_INLINE float softened(float b, float s) {
    const float x = b / D::one;
    const float curve = x <= 0.25f ? ((16.0f * x - 12.0f) * x + 4.0f) * x : std::sqrt(larger(x, 0.0f));
    const float dark = b + (2.0f * s - D::one) / D::one * D::round(b * (D::one - b) / D::one);
    const float light = b + (2.0f * s - 2.0f * D::half) / D::one * (D::round(curve * D::one) - b);
    return s < D::half ? dark : light;
}

template <class D> ALWAYS_INLINE float hard_mixed(float b, float s) {
    const float total = b + s;
    return (total > D::one) | ((total == D::one) & (b >= D::half)) ? D::one : 0.0f;
}

template <class D> ALWAYS_INLINE float divide_mode(float b, float s) {
    const float by_zero = b <= 0.0f ? 0.0f : D::one;
    const float inner = smaller(D::round(divided(b * D::one, s)), D::one);
    return s <= 0.0f ? by_zero : inner;
}

// Separable modes, a channel at a time: backdrop, source.
template <class D> struct Separable {
    ALWAYS_INLINE static float normal(float, float s) { return s; }
    ALWAYS_INLINE static float darken(float b, float s) { return smaller(b, s); }
    ALWAYS_INLINE static float multiply(float b, float s) { return product<D>(b, s); }
    ALWAYS_INLINE static float color_burn(float b, float s) { return burned<D>(b, s); }
    ALWAYS_INLINE static float linear_burn(float b, float s) { return clamp(b + s - D::one, D::one); }
    ALWAYS_INLINE static float lighten(float b, float s) { return larger(b, s); }
    ALWAYS_INLINE static float screen(float b, float s) { return screened<D>(b, s); }
    ALWAYS_INLINE static float color_dodge(float b, float s) { return dodged<D>(b, s); }
    ALWAYS_INLINE static float linear_dodge(float b, float s) { return clamp(b + s, D::one); }
    ALWAYS_INLINE static float overlay(float b, float s) {
        return b < D::half ? D::round(2.0f * b * s / D::one) : screened<D>(s, 2.0f * b - D::one);
    }
    ALWAYS_INLINE static float soft_light(float b, float s) { return softened<D>(b, s); }
    ALWAYS_INLINE static float hard_light(float b, float s) {
        return s < D::half ? D::round(2.0f * b * s / D::one) : screened<D>(b, 2.0f * s - 2.0f * D::half);
    }
    ALWAYS_INLINE static float vivid_light(float b, float s) { return vivid<D>(b, s); }
    ALWAYS_INLINE static float linear_light(float b, float s) { return clamp(b + (2.0f * s - 2.0f * D::half), D::one); }
    ALWAYS_INLINE static float pin_light(float b, float s) {
        return s < D::half ? smaller(b, lower_half<D>(s)) : larger(b, upper_half<D>(s));
    }
    ALWAYS_INLINE static float hard_mix(float b, float s) { return hard_mixed<D>(b, s); }
    ALWAYS_INLINE static float difference(float b, float s) { return std::fabs(b - s); }
    ALWAYS_INLINE static float exclusion(float b, float s) { return b + s - 2.0f * product<D>(b, s); }
    ALWAYS_INLINE static float subtract(float b, float s) { return clamp(b - s, D::one); }
    ALWAYS_INLINE static float divide(float b, float s) { return divide_mode<D>(b, s); }
};

// The eight modes where a fill `f` under 1 scales the effect before it is clipped; `rest` is 1 - f.
template <class D> struct Scaled {
    ALWAYS_INLINE static float color_burn(float b, float s, float f, float) {
        return burned<D>(b, D::round(D::one - f * (D::one - s)));
    }
    ALWAYS_INLINE static float linear_burn(float b, float s, float f, float) { return clamp(b - f * (D::one - s), D::one); }
    ALWAYS_INLINE static float color_dodge(float b, float s, float f, float) { return dodged<D>(b, D::round(f * s)); }
    ALWAYS_INLINE static float linear_dodge(float b, float s, float f, float) { return clamp(b + f * s, D::one); }
    ALWAYS_INLINE static float vivid_light(float b, float s, float f, float) {
        return vivid<D>(b, D::round(D::half + f * (s - D::half)));
    }
    ALWAYS_INLINE static float linear_light(float b, float s, float f, float) {
        return clamp(b + f * (2.0f * s - 2.0f * D::half), D::one);
    }
    ALWAYS_INLINE static float hard_mix(float b, float s, float f, float rest) {
        return clamp((b - f * (D::one - s)) / rest, D::one);
    }
    ALWAYS_INLINE static float difference(float b, float s, float f, float) { return std::fabs(b - f * s); }
};

// The luma that the joint modes compare and keep: in 8 bits of weights in 16384ths, a whole number.
template <class D> ALWAYS_INLINE float light(Rgb c) {
    if (!D::whole_numbers) return luma(c);
    const float sum16384 = c.r * 4915.0f + c.g * 9667.0f + c.b * 1802.0f;
    return D::round(sum16384 * (1.0f / 16384.0f));
}

// A channel pulled towards the grey `target`, by as much as brings a distance `reach` to `room`.
template <class D> ALWAYS_INLINE float pulled(float x, float target, float room, float reach) {
    if (!D::whole_numbers) return target + (x - target) * divided(room, reach);
    const float ratio = floor_of(divided(room * 256.0f, reach));
    return target - floor_of((target - x) * ratio * (1.0f / 256.0f));
}

// W3C SetLum and ClipColor.
template <class D> ALWAYS_INLINE Rgb with_luma(Rgb c, float target) {
    const float shift = target - light<D>(c);
    c = {c.r + shift, c.g + shift, c.b + shift};
    const float low = lowest(c);
    const bool under = low < 0.0f;
    c = {under ? pulled<D>(c.r, target, target, target - low) : c.r,
         under ? pulled<D>(c.g, target, target, target - low) : c.g,
         under ? pulled<D>(c.b, target, target, target - low) : c.b};
    const float high = highest(c);
    const bool over = high > D::one;
    return {over ? pulled<D>(c.r, target, D::one - target, high - target) : c.r,
            over ? pulled<D>(c.g, target, D::one - target, high - target) : c.g,
            over ? pulled<D>(c.b, target, D::one - target, high - target) : c.b};
}

// W3C SetSat.
template <class D> ALWAYS_INLINE Rgb with_spread(Rgb c, float target) {
    const float low = lowest(c), spread = highest(c) - low;
    const bool coloured = spread > 0.0f;
    return {coloured ? D::round(divided((c.r - low) * target, spread)) : 0.0f,
            coloured ? D::round(divided((c.g - low) * target, spread)) : 0.0f,
            coloured ? D::round(divided((c.b - low) * target, spread)) : 0.0f};
}

ALWAYS_INLINE Rgb either(bool first, Rgb a, Rgb b) {
    return {first ? a.r : b.r, first ? a.g : b.g, first ? a.b : b.b};
}

// Modes that look at the three channels together: backdrop, source.
template <class D> struct Joint {
    ALWAYS_INLINE static Rgb darker_color(Rgb b, Rgb s) { return either(light<D>(s) < light<D>(b), s, b); }
    ALWAYS_INLINE static Rgb lighter_color(Rgb b, Rgb s) { return either(light<D>(s) > light<D>(b), s, b); }
    ALWAYS_INLINE static Rgb hue(Rgb b, Rgb s) { return with_luma<D>(with_spread<D>(s, highest(b) - lowest(b)), light<D>(b)); }
    ALWAYS_INLINE static Rgb saturation(Rgb b, Rgb s) { return with_luma<D>(with_spread<D>(b, highest(s) - lowest(s)), light<D>(b)); }
    ALWAYS_INLINE static Rgb color(Rgb b, Rgb s) { return with_luma<D>(s, light<D>(b)); }
    ALWAYS_INLINE static Rgb luminosity(Rgb b, Rgb s) { return with_luma<D>(b, light<D>(s)); }
};

}  // namespace
