// Median and Surface Blur of one plane. The specification is engine/rank.py and engine/surface.py.
//
// No templates of the standard library: the linker might share what is compiled for one instruction set with
// code for another.
#include "filters.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "buffer.h"

namespace {

using retexture::Window;

std::ptrdiff_t clamp(std::ptrdiff_t value, std::ptrdiff_t size) {
    return value < 0 ? 0 : value < size ? value : size - 1;
}

// --- median -----------------------------------------------------------------------------------------
//
// Median filtering by sorting tiles (Suomela, Median Filtering is Equivalent to Sorting, 2014,
// arXiv:1406.1717): the samples of a tile and its surroundings are sorted once; the window is then a set of
// ranks, one bit each, and its median the middle bit. A step of the window flips the bits of two rows.

int bits_in(std::uint64_t word) {
    word -= word >> 1 & 0x5555555555555555;
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
    return static_cast<int>(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56);
}

// The position of a word's set bit number `n`, from 0.
int nth_bit(std::uint64_t word, int n) {
    for (; n; --n) word &= word - 1;
    return bits_in((word & (0 - word)) - 1);
}

// A float's bits as an integer that sorts like the float.
std::uint32_t sortable(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return bits ^ (bits >> 31 ? 0xffffffffu : 0x80000000u);
}

constexpr int DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS;

// Sorts pairs of a key (upper half) and an index by the key, least digit first. `from` and `to` swap roles;
// returns the one that holds the result.
std::uint64_t *radix_sort(std::uint64_t *from, std::uint64_t *to, std::ptrdiff_t size) {
    for (int shift = 32; shift < 64; shift += DIGIT_BITS) {
        std::uint32_t start[DIGITS] = {};
        const auto digit = [shift](std::uint64_t pair) { return pair >> shift & (DIGITS - 1); };
        for (std::ptrdiff_t i = 0; i < size; ++i) ++start[digit(from[i])];
        if (static_cast<std::ptrdiff_t>(start[digit(from[0])]) == size) continue;
        std::uint32_t sum = 0;
        for (std::uint32_t &count : start) {
            const std::uint32_t next = sum + count;
            count = sum;
            sum = next;
        }
        for (std::ptrdiff_t i = 0; i < size; ++i) to[start[digit(from[i])]++] = from[i];
        std::uint64_t *const swapped = from;
        from = to;
        to = swapped;
    }
    return from;
}

// The set of ranks in the window, and the word of its middle.
struct Ranks {
    std::uint64_t *words;
    std::ptrdiff_t pivot;  // the word where the median was found last
    std::ptrdiff_t below;  // bits set in the words before

    void flip(const std::uint32_t *row, std::ptrdiff_t count, std::ptrdiff_t change) {
        std::ptrdiff_t lower = 0;
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            const std::uint32_t rank = row[i];
            words[rank >> 6] ^= std::uint64_t{1} << (rank & 63);
            lower += static_cast<std::ptrdiff_t>(rank >> 6) < pivot;
        }
        below += lower * change;
    }

    // The same for a column.
    void flip_column(const std::uint32_t *top, std::ptrdiff_t stride, std::ptrdiff_t count, std::ptrdiff_t change) {
        for (std::ptrdiff_t i = 0; i < count; ++i) flip(top + i * stride, 1, change);
    }

    std::ptrdiff_t find(std::ptrdiff_t middle) {
        while (below > middle) below -= bits_in(words[--pivot]);
        for (int here; below + (here = bits_in(words[pivot])) <= middle; ++pivot) below += here;
        return pivot * 64 + nth_bit(words[pivot], static_cast<int>(middle - below));
    }
};

struct Scratch {
    Buffer<std::uint64_t> pairs, sorted, words;
    Buffer<std::uint32_t> ranks;
    Buffer<float> values;

    explicit Scratch(std::ptrdiff_t size)
        : pairs(size), sorted(size), words(size / 64 + 1), ranks(size), values(size) {}
};

void median_tile(const Window &window, Scratch &scratch, std::ptrdiff_t top, std::ptrdiff_t left,
                 std::ptrdiff_t height, std::ptrdiff_t width) {
    const std::ptrdiff_t radius = window.radius, side = 2 * radius + 1;
    const std::ptrdiff_t stride = width + 2 * radius, size = stride * (height + 2 * radius);
    std::uint64_t *pair = scratch.pairs;
    for (std::ptrdiff_t y = top - radius, index = 0; y < top + height + radius; ++y) {
        const float *row = window.in + clamp(y, window.height) * window.width;
        for (std::ptrdiff_t x = left - radius; x < left + width + radius; ++x, ++index)
            pair[index] = static_cast<std::uint64_t>(sortable(row[clamp(x, window.width)])) << 32 |
                          static_cast<std::uint64_t>(index);
    }
    const std::uint64_t *ordered = radix_sort(scratch.pairs, scratch.sorted, size);
    for (std::ptrdiff_t rank = 0; rank < size; ++rank) {
        const std::uint32_t index = static_cast<std::uint32_t>(ordered[rank]);
        const std::uint32_t key = static_cast<std::uint32_t>(ordered[rank] >> 32);
        const std::uint32_t bits = key ^ (key >> 31 ? 0x80000000u : 0xffffffffu);
        scratch.ranks[index] = static_cast<std::uint32_t>(rank);
        std::memcpy(&scratch.values[rank], &bits, 4);
    }

    std::memset(scratch.words, 0, static_cast<std::size_t>(size / 64 + 1) * 8);
    Ranks set{scratch.words, 0, 0};
    const std::uint32_t *const ranks = scratch.ranks;
    for (std::ptrdiff_t y = 0; y < side; ++y) set.flip(ranks + y * stride, side, 1);
    // Down one column of the tile and up the next: a step takes a row out of the window and puts one in.
    const std::ptrdiff_t middle = side * side / 2;
    for (std::ptrdiff_t x = 0, y = 0, step = 1;; ++x, step = -step) {
        float *const to = window.out + top * window.width + left + x;
        for (;; y += step) {
            to[y * window.width] = scratch.values[set.find(middle)];
            if (step > 0 ? y == height - 1 : y == 0) break;
            const std::ptrdiff_t out = step > 0 ? y : y + side - 1, in = step > 0 ? y + side : y - 1;
            set.flip(ranks + out * stride + x, side, -1);
            set.flip(ranks + in * stride + x, side, 1);
        }
        if (x == width - 1) break;
        set.flip_column(ranks + y * stride + x, stride, side, -1);
        set.flip_column(ranks + y * stride + x + side, stride, side, 1);
    }
}

// --- surface blur -----------------------------------------------------------------------------------

constexpr int RUN = 64, TAPS = 8;

struct Sums {
    alignas(64) float weights[RUN], sums[RUN];
};

// Adds `COUNT` neighbours of each pixel of a run, in order.
template <int COUNT> void add(const float *__restrict from, const float *__restrict centre, float span, Sums &row) {
    for (int x = 0; x < RUN; ++x) {
        float weights = row.weights[x], sums = row.sums[x];
        for (int tap = 0; tap < COUNT; ++tap) {
            const float difference = from[x + tap] - centre[x];
            const float weight = span - std::fabs(difference);
            const float positive = weight > 0.0f ? weight : 0.0f;
            weights += positive;
            sums += positive * difference;
        }
        row.weights[x] = weights;
        row.sums[x] = sums;
    }
}

}  // namespace

namespace KERNEL_NAMESPACE {

void median(const Window &window) {
    const std::ptrdiff_t tile = window.radius > 16 ? 4 * window.radius : 64;
    const std::ptrdiff_t largest = tile + 2 * window.radius;
    Scratch scratch(largest * largest);
    for (std::ptrdiff_t y = 0; y < window.height; y += tile)
        for (std::ptrdiff_t x = 0; x < window.width; x += tile) {
            const std::ptrdiff_t height = window.height - y < tile ? window.height - y : tile;
            const std::ptrdiff_t width = window.width - x < tile ? window.width - x : tile;
            median_tile(window, scratch, y, x, height, width);
        }
}

void surface_blur(const Window &window, float span) {
    const std::ptrdiff_t radius = window.radius, side = 2 * radius + 1;
    const std::ptrdiff_t stride = window.width + 2 * radius + RUN;  // the last run may pass the picture's end
    Buffer<float> padded(stride * (window.height + 2 * radius));
    for (std::ptrdiff_t y = 0; y < window.height + 2 * radius; ++y) {
        const float *row = window.in + clamp(y - radius, window.height) * window.width;
        for (std::ptrdiff_t x = 0; x < stride; ++x) padded[y * stride + x] = row[clamp(x - radius, window.width)];
    }
    for (std::ptrdiff_t y = 0; y < window.height; ++y)
        for (std::ptrdiff_t x = 0; x < window.width; x += RUN) {
            const float *const centre = padded + (y + radius) * stride + x + radius;
            Sums whole{};
            for (std::ptrdiff_t dy = 0; dy < side; ++dy) {
                const float *const from = padded + (y + dy) * stride + x;
                Sums row{};
                std::ptrdiff_t dx = 0;
                for (; dx + TAPS <= side; dx += TAPS) add<TAPS>(from + dx, centre, span, row);
                for (; dx < side; ++dx) add<1>(from + dx, centre, span, row);
                for (int i = 0; i < RUN; ++i) whole.weights[i] += row.weights[i];
                for (int i = 0; i < RUN; ++i) whole.sums[i] += row.sums[i];
            }
            const std::ptrdiff_t count = window.width - x < RUN ? window.width - x : RUN;
            float *const to = window.out + y * window.width + x;
            for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = centre[i] + whole.sums[i] / whole.weights[i];
        }
}

}  // namespace KERNEL_NAMESPACE
