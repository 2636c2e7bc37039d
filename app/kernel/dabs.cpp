// Brush dabs: their coverage, and the paint that it lets through. The specification is engine/dabs.py.
//
// No templates of the standard library: the linker might share what is compiled for one instruction set with
// code for another.
#include "dabs.h"

#include <cmath>

#include "buffer.h"

namespace {

using retexture::Coverage;
using retexture::Dab;
using retexture::Painting;
using retexture::Sample;

double larger(double a, double b) { return a > b ? a : b; }
double smaller(double a, double b) { return a < b ? a : b; }

// A number as an index from 0 to `size`.
std::ptrdiff_t index_of(double value, std::ptrdiff_t size) {
    return static_cast<std::ptrdiff_t>(larger(0, smaller(value, static_cast<double>(size))));
}

void stamp_one(const Coverage &to, const Dab &dab, float *squares) {
    const double soft = larger((1 - dab.hardness) * dab.radius, 1);
    const double middle = (1 + dab.hardness) * dab.radius / 2;
    const double start = middle - soft / 2, outer = middle + soft / 2;
    const float inner = static_cast<float>(start), scale = static_cast<float>(1 / (outer - start));
    const float flow = static_cast<float>(dab.flow * smaller(1, 4 * dab.radius * dab.radius));
    const float ceiling = static_cast<float>(dab.ceiling);
    // Pixel centres closer than `outer`, and one more on each side for what rounding may do.
    const double x = dab.x - static_cast<double>(to.left), y = dab.y - static_cast<double>(to.top);
    const std::ptrdiff_t bottom = index_of(std::ceil(y + outer) + 1, to.height);
    const std::ptrdiff_t x0 = index_of(std::floor(x - outer) - 1, to.width);
    const std::ptrdiff_t x1 = index_of(std::ceil(x + outer) + 1, to.width);
    for (std::ptrdiff_t i = x0; i < x1; ++i) {
        const float dx = static_cast<float>(static_cast<double>(to.left + i) + 0.5 - dab.x);
        squares[i] = dx * dx;
    }
    for (std::ptrdiff_t j = index_of(std::floor(y - outer) - 1, to.height); j < bottom; ++j) {
        const float dy = static_cast<float>(static_cast<double>(to.top + j) + 0.5 - dab.y);
        const float square = dy * dy;
        // No pixel of the row lies further inside than half its chord.
        const double half = std::sqrt(larger(0, outer * outer - static_cast<double>(square))) + 1;
        const std::ptrdiff_t first = index_of(larger(std::floor(x - half) - 1, static_cast<double>(x0)), to.width);
        const std::ptrdiff_t last = index_of(smaller(std::ceil(x + half) + 1, static_cast<double>(x1)), to.width);
        float *const row = to.data + j * to.row;
        for (std::ptrdiff_t i = first; i < last; ++i) {
            const float distance = (std::sqrt(squares[i] + square) - inner) * scale;
            const float above = distance > 0.0f ? distance : 0.0f;
            const float t = above < 1.0f ? above : 1.0f;
            const float shape = 1.0f - t * t * (3.0f - 2.0f * t);
            const float amount = flow * (shape > 0.0f ? shape : 0.0f);
            const float rest = ceiling - row[i];
            row[i] += amount * (rest > 0.0f ? rest : 0.0f);
        }
    }
}

// The nearest whole number that T can hold; 0 for NaN.
template <class T> T rounded(float value) {
    const float white = static_cast<float>(static_cast<T>(-1));
    const float above = value > 0.0f ? value : 0.0f;
    return static_cast<T>(static_cast<std::int32_t>((above < white ? above : white) + 0.5f));
}
template <> float rounded<float>(float value) { return value; }

template <class T>
void mix(T *__restrict out, const T *__restrict base, float value, const float *__restrict amount,
         std::ptrdiff_t width) {
    for (std::ptrdiff_t i = 0; i < width; ++i) {
        const float from = static_cast<float>(base[i]);
        out[i] = rounded<T>(from + (value - from) * amount[i]);
    }
}

// How much of the new colour is in the result: what was there shows through by its own alpha alone.
template <class T>
void share(float *__restrict out, const T *__restrict alpha, const float *__restrict coverage, float white,
           std::ptrdiff_t width) {
    for (std::ptrdiff_t i = 0; i < width; ++i) {
        const float from = static_cast<float>(alpha[i]);
        const float total = from + (white - from) * coverage[i];
        const float part = coverage[i] * white / (total > 0.0f ? total : 1.0f);
        out[i] = part < 1.0f ? part : 1.0f;
    }
}

template <class T> void paint_planes(const Painting &work) {
    Buffer<float> shares(work.width);
    const std::ptrdiff_t last = work.planes - 1;
    for (std::ptrdiff_t y = 0; y < work.height; ++y) {
        const float *const coverage = work.coverage + y * work.coverage_row;
        const auto out = [&](std::ptrdiff_t plane) {
            return reinterpret_cast<T *>(work.out + plane * work.out_plane + y * work.out_row);
        };
        const auto base = [&](std::ptrdiff_t plane) {
            return reinterpret_cast<const T *>(work.base + plane * work.base_plane + y * work.base_row);
        };
        const bool over = work.values == last && last > 0;
        if (over) share(static_cast<float *>(shares), base(last), coverage, work.white, work.width);
        for (std::ptrdiff_t plane = 0; plane < work.values; ++plane)
            mix(out(plane), base(plane), work.value[plane], over ? shares : coverage, work.width);
        if (work.values == 0)
            for (std::ptrdiff_t plane = 0; plane < last; ++plane)
                for (std::ptrdiff_t i = 0; i < work.width; ++i) out(plane)[i] = base(plane)[i];
        if (work.values <= last) mix(out(last), base(last), over ? work.white : 0.0f, coverage, work.width);
    }
}

}  // namespace

namespace KERNEL_NAMESPACE {

void stamp(const Coverage &coverage, const Dab *dabs, std::ptrdiff_t size) {
    Buffer<float> squares(coverage.width);
    for (std::ptrdiff_t i = 0; i < size; ++i) stamp_one(coverage, dabs[i], squares);
}

void paint(const Painting &painting) {
    switch (painting.sample) {
        case Sample::u8: return paint_planes<std::uint8_t>(painting);
        case Sample::u16: return paint_planes<std::uint16_t>(painting);
        case Sample::f32: return paint_planes<float>(painting);
    }
}

}  // namespace KERNEL_NAMESPACE
