// Composes layers, a run of pixels at a time: each run goes through all the layers before it is stored.
//
// Compiled once for each instruction set; CMake gives the namespace.
#include "compose.h"

#include "tile.h"

namespace KERNEL_NAMESPACE {
namespace {

using Blender = void (*)(Tile &, const Layer &, Run *, const float *);

// `weight` of the way from a to b: of 255ths, to a whole number, in 8 bits.
template <class D> ALWAYS_INLINE float towards(float a, float b, float weight) {
    return D::whole_numbers ? D::round(a + (b - a) * weight * FROM_U8) : a + (b - a) * weight;
}

// Brings the picture's colour towards the blended one by `weight`, into `mixed`, which may be the tile's colour
// itself: each pixel is read before it is written.
template <class D, class Blend>
ALWAYS_INLINE void mix_into(Tile &t, Run *mixed, const float *__restrict weight, Blend blend) {
    const float *r = t.colour[0], *g = t.colour[1], *b = t.colour[2];
    const float *__restrict sr = t.source[0], *__restrict sg = t.source[1], *__restrict sb = t.source[2];
    float *to_r = mixed[0], *to_g = mixed[1], *to_b = mixed[2];
    const int padded = t.padded;
    INDEPENDENT_PIXELS
    for (int i = 0; i < padded; ++i) {
        const Rgb under = {r[i], g[i], b[i]};
        const Rgb over = blend(under, Rgb{sr[i], sg[i], sb[i]});
        to_r[i] = towards<D>(under.r, D::round(over.r), weight[i]);
        to_g[i] = towards<D>(under.g, D::round(over.g), weight[i]);
        to_b[i] = towards<D>(under.b, D::round(over.b), weight[i]);
    }
}

template <class D, float (*BLEND)(float, float)>
void separable(Tile &t, const Layer &, Run *mixed, const float *weight) {
    mix_into<D>(t, mixed, weight,
                [](Rgb b, Rgb s) { return Rgb{BLEND(b.r, s.r), BLEND(b.g, s.g), BLEND(b.b, s.b)}; });
}

template <class D, float (*BLEND)(float, float, float, float)>
void scaled(Tile &t, const Layer &layer, Run *mixed, const float *weight) {
    const float f = layer.fill, rest = layer.fill_rest;
    mix_into<D>(t, mixed, weight, [f, rest](Rgb b, Rgb s) {
        return Rgb{BLEND(b.r, s.r, f, rest), BLEND(b.g, s.g, f, rest), BLEND(b.b, s.b, f, rest)};
    });
}

template <class D, Rgb (*BLEND)(Rgb, Rgb)>
void joint(Tile &t, const Layer &, Run *mixed, const float *weight) {
    mix_into<D>(t, mixed, weight, [](Rgb b, Rgb s) { return BLEND(b, s); });
}

// In the order of retexture::Mode. Dissolve is Normal: its pattern acts on the coverage.
template <class D> constexpr Blender BLENDERS[retexture::MODES] = {
    separable<D, Separable<D>::normal>,      separable<D, Separable<D>::normal>,
    separable<D, Separable<D>::darken>,      separable<D, Separable<D>::multiply>,
    separable<D, Separable<D>::color_burn>,  separable<D, Separable<D>::linear_burn>,
    joint<D, Joint<D>::darker_color>,        separable<D, Separable<D>::lighten>,
    separable<D, Separable<D>::screen>,      separable<D, Separable<D>::color_dodge>,
    separable<D, Separable<D>::linear_dodge>, joint<D, Joint<D>::lighter_color>,
    separable<D, Separable<D>::overlay>,     separable<D, Separable<D>::soft_light>,
    separable<D, Separable<D>::hard_light>,  separable<D, Separable<D>::vivid_light>,
    separable<D, Separable<D>::linear_light>, separable<D, Separable<D>::pin_light>,
    separable<D, Separable<D>::hard_mix>,    separable<D, Separable<D>::difference>,
    separable<D, Separable<D>::exclusion>,   separable<D, Separable<D>::subtract>,
    separable<D, Separable<D>::divide>,      joint<D, Joint<D>::hue>,
    joint<D, Joint<D>::saturation>,          joint<D, Joint<D>::color>,
    joint<D, Joint<D>::luminosity>,
};

template <class D> Blender blender(const Layer &layer) {
    using retexture::Mode;
    if (layer.scales_effect && layer.fill < 1.0f) {
        switch (layer.mode) {
            case Mode::color_burn: return scaled<D, Scaled<D>::color_burn>;
            case Mode::linear_burn: return scaled<D, Scaled<D>::linear_burn>;
            case Mode::color_dodge: return scaled<D, Scaled<D>::color_dodge>;
            case Mode::linear_dodge: return scaled<D, Scaled<D>::linear_dodge>;
            case Mode::vivid_light: return scaled<D, Scaled<D>::vivid_light>;
            case Mode::linear_light: return scaled<D, Scaled<D>::linear_light>;
            case Mode::hard_mix: return scaled<D, Scaled<D>::hard_mix>;
            case Mode::difference: return scaled<D, Scaled<D>::difference>;
            default: break;
        }
    }
    return BLENDERS<D>[static_cast<int>(layer.mode)];
}

// Noise as engine/noise.py has it.
inline std::uint32_t mix_bits(std::uint32_t h) {
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13)) * 0xC2B2AE35u;
    return h ^ (h >> 16);
}

constexpr std::uint32_t DISSOLVE_SEED = 0x0D15501E;

// Turns coverage into Dissolve's pattern: a pixel is there, with `present`, or not.
void dissolve(Tile &t, const Program &p, float *__restrict weight, float to_unit, float present) {
    const auto y = static_cast<std::uint32_t>(t.row * p.step + p.y);
    const auto x = static_cast<std::uint32_t>(t.column * p.step + p.x);
    const auto step = static_cast<std::uint32_t>(p.step);
    const std::uint32_t row_hash = mix_bits(y * 0x9E3779B1u + mix_bits(DISSOLVE_SEED));
    for (int i = 0; i < t.padded; ++i) {
        const std::uint32_t h = mix_bits((x + static_cast<std::uint32_t>(i) * step) * 0x85EBCA77u + row_hash);
        const float threshold = static_cast<float>(static_cast<int>(h >> 8)) * 0x1p-24f;
        weight[i] = weight[i] * to_unit > threshold ? present : 0.0f;
    }
}

bool all_opaque(const Tile &t) {
    int opaque = 0;
    for (int i = 0; i < t.count; ++i) opaque += t.alpha[i] >= 1.0f;
    return opaque == t.count;
}

// Puts the layer over the picture by the coverage in t.weight, in reals.
void over_real(Tile &t, const Layer &layer, const Program &p, bool keeps_alpha) {
    scale(t.weight, layer.opacity, t.padded);
    float left = layer.fill;  // of the fill, what the weight does not hold yet
    if (!layer.scales_effect) {
        scale(t.weight, left, t.padded);
        left = 1.0f;
    }
    if (layer.mode == retexture::Mode::dissolve) dissolve(t, p, t.weight, 1.0f, 1.0f);
    blender<Real>(layer)(t, layer, keeps_alpha ? t.colour : t.mixed, t.weight);
    if (keeps_alpha) return;
    float *__restrict bare = t.factor, *__restrict alpha = t.alpha;
    for (int i = 0; i < t.padded; ++i) bare[i] = (1.0f - alpha[i]) * (t.weight[i] * left);
    for (int c = 0; c < 3; ++c) {
        float *__restrict colour = t.colour[c];
        const float *__restrict mixed = t.mixed[c], *__restrict source = t.source[c];
        for (int i = 0; i < t.padded; ++i) {
            const float covered = alpha[i] + bare[i];
            const float premultiplied = mixed[i] * alpha[i] + source[i] * bare[i];
            const float straight = premultiplied / (covered > 0.0f ? covered : 1.0f);
            colour[i] = alpha[i] >= 1.0f ? mixed[i] : straight;
        }
    }
    for (int i = 0; i < t.padded; ++i) alpha[i] = alpha[i] >= 1.0f ? 1.0f : alpha[i] + bare[i];
    t.opaque = all_opaque(t);
}

// x * of / 255, a whole number.
ALWAYS_INLINE float share(float x, float of) { return EightBit::round(x * of * FROM_U8); }

// The modes of Photoshop's first order of steps over transparency in 8 bits, SOURCE_FIRST in reference.py.
bool source_first(const Layer &layer) {
    if (layer.scales_effect) return layer.fill == 1.0f;
    return layer.mode == retexture::Mode::normal || layer.mode == retexture::Mode::dissolve;
}

// Joins the blended colour in t.mixed, the picture and the layer's own colour where the picture is transparent.
// t.weight holds the coverage over colour, t.nothing that over nothing, both in 255ths.
void over_transparency_8_bit(Tile &t, bool source_first) {
    float *__restrict alpha = t.alpha;
    const float *__restrict weight = t.weight, *__restrict nothing = t.nothing;
    for (int c = 0; c < 3; ++c) {
        float *__restrict colour = t.colour[c];
        const float *__restrict blended = t.mixed[c], *__restrict source = t.source[c];
        for (int i = 0; i < t.padded; ++i) {
            const float a = EightBit::round(alpha[i] * WHITE_U8);
            const float covered = a + nothing[i] - share(a, nothing[i]);
            const float whole = WHITE_U8 / (covered > 0.0f ? covered : 1.0f);
            const float own = towards<EightBit>(source[i], blended[i], a);
            const float mixed = towards<EightBit>(colour[i], blended[i], weight[i]);
            const float first = towards<EightBit>(colour[i], own, EightBit::round(nothing[i] * whole));
            const float second = towards<EightBit>(mixed, source[i], EightBit::round((covered - a) * whole));
            colour[i] = source_first ? first : second;
        }
    }
    for (int i = 0; i < t.padded; ++i) {
        const float a = EightBit::round(alpha[i] * WHITE_U8);
        alpha[i] = (a + nothing[i] - share(a, nothing[i])) * FROM_U8;
    }
    t.opaque = all_opaque(t);
}

// Puts the layer over the picture by the coverage in t.weight, in whole numbers.
void over_8_bit(Tile &t, const Layer &layer, const Program &p, bool keeps_alpha) {
    const float by_nothing = EightBit::round(layer.opacity * layer.fill * WHITE_U8);
    const float by_colour = layer.scales_effect ? EightBit::round(layer.opacity * WHITE_U8) : by_nothing;
    float *__restrict weight = t.weight, *__restrict nothing = t.nothing;
    for (int i = 0; i < t.padded; ++i) {
        const float coverage = EightBit::round(weight[i] * WHITE_U8);
        nothing[i] = share(coverage, by_nothing);
        weight[i] = share(coverage, by_colour);
    }
    if (layer.mode == retexture::Mode::dissolve) {
        dissolve(t, p, t.nothing, FROM_U8, WHITE_U8);
        std::memcpy(t.weight, t.nothing, sizeof(Run));
    }
    if (keeps_alpha) return blender<EightBit>(layer)(t, layer, t.colour, t.weight);
    fill(t.factor, WHITE_U8, t.padded);
    blender<EightBit>(layer)(t, layer, t.mixed, t.factor);
    over_transparency_8_bit(t, source_first(layer));
}

bool covers_all(const Layer &layer) {
    return !layer.alpha.data && !layer.mask_count && !layer.this_layer.any && !layer.luminosity_count &&
           !layer.atop && layer.mode != retexture::Mode::dissolve && layer.opacity == 1.0f && layer.fill == 1.0f;
}

template <class D> void start(Tile &t, const Program &p) {
    t.empty = !p.backdrop;
    t.opaque = false;
    if (t.empty) {
        for (Run &run : t.colour) fill(run, 0.0f, t.padded);
        fill(t.alpha, 0.0f, t.padded);
        return;
    }
    for (int c = 0; c < 3; ++c) load_domain<D>(t.colour[c], p.backdrop[c], t);
    load_unit(t.alpha, p.backdrop[3], t);
    if (D::whole_numbers)
        for (int i = 0; i < t.padded; ++i) t.alpha[i] = rounded_alpha<D>(t.alpha[i]);
    t.opaque = all_opaque(t);
}

template <class D> void put(Tile &t, const Layer &layer, const Program &p) {
    if (t.empty && covers_all(layer)) {
        for (int c = 0; c < 3; ++c) load_domain<D>(t.colour[c], layer.planes[c], t);
        fill(t.alpha, 1.0f, t.padded);
        t.opaque = true;
        t.empty = false;
        return;
    }
    t.empty = false;
    const bool masked = mask_weight(t, layer);
    const bool keeps_alpha = t.opaque || layer.atop;
    if (masked && keeps_alpha && all_zero(t.weight, t.count)) return;  // under a black mask nothing changes
    for (int c = 0; c < 3; ++c) load_domain<D>(t.source[c], layer.planes[c], t);
    coverage<D>(t, layer, masked);
    D::whole_numbers ? over_8_bit(t, layer, p, keeps_alpha) : over_real(t, layer, p, keeps_alpha);
}

// Calls `work` for every run of the picture, with the tile placed there.
template <class Work> void for_each_run(Tile &t, const Program &p, Work work) {
    const std::ptrdiff_t runs = (p.width + CAPACITY - 1) / CAPACITY;
    const std::ptrdiff_t even = runs ? (p.width + runs - 1) / runs : 0;
    const std::ptrdiff_t length = (even + LANES - 1) / LANES * LANES;
    for (t.row = 0; t.row < p.height; ++t.row) {
        for (t.column = 0; t.column < p.width; t.column += length) {
            const std::ptrdiff_t left = p.width - t.column;
            t.count = static_cast<int>(left < length ? left : length);
            t.padded = (t.count + LANES - 1) / LANES * LANES;
            const bool last = left <= length;
            t.next_row = last && t.row + 1 < p.height ? t.row + 1 : t.row;
            t.next_column = last ? 0 : t.column + length;
            work();
        }
    }
}

template <class D> void compose_in(const Program &p) {
    Tile t;
    std::memset(&t, 0, sizeof t);
    for_each_run(t, p, [&] {
        start<D>(t, p);
        for (std::size_t n = 0; n < p.layer_count; ++n) put<D>(t, p.layers[n], p);
        store<D>(t, p.out);
    });
}

}  // namespace

void compose(const Program &program) {
    program.eight_bit ? compose_in<EightBit>(program) : compose_in<Real>(program);
}

// The memory traffic of `compose` into BGRA8 and nothing else: reads every plane and mask, writes the picture.
void copy_floor(const Program &program) {
    Tile t;
    alignas(64) std::uint32_t seen[CAPACITY] = {};
    for_each_run(t, program, [&] {
        const auto read = [&](const Plane &plane) {
            const std::ptrdiff_t size = plane.sample == Sample::u8 ? 1 : plane.sample == Sample::u16 ? 2 : 4;
            const auto *words = reinterpret_cast<const std::uint32_t *>(at(plane, t.row, t.column));
            const std::ptrdiff_t count = plane.constant ? 0 : t.count * size / 4;
            for (std::ptrdiff_t i = 0; i < count; ++i) seen[i] ^= words[i];
        };
        for (std::size_t n = 0; n < program.layer_count; ++n) {
            const Layer &layer = program.layers[n];
            for (const Plane &plane : layer.planes) read(plane);
            if (layer.alpha.data) read(layer.alpha);
            for (std::size_t m = 0; m < layer.mask_count; ++m) read(layer.masks[m]);
        }
        std::memcpy(program.out.data + t.row * program.out.row_bytes + t.column * 4, seen,
                    static_cast<std::size_t>(t.count) * 4);
    });
}

}  // namespace KERNEL_NAMESPACE
