// Area-average downsampling of BGRA8. All sums are of whole numbers and exact, so their order does not matter.
// The specification is engine/resample.py.
#include "resample.h"

#include <cstring>

#include "buffer.h"

namespace {

using retexture::Resampling;
using retexture::Span;
using retexture::UNIT;

std::int32_t weight_of(const Span &span, std::ptrdiff_t i) {
    return i == 0 ? span.head : i == span.count - 1 ? span.tail : UNIT;
}

std::int64_t length_of(const Span &span) {
    if (span.count < 2) return span.count ? span.head : 0;
    return span.head + span.tail + static_cast<std::int64_t>(span.count - 2) * UNIT;
}

bool is_opaque(const std::uint8_t *row, std::ptrdiff_t width) {
    std::uint32_t all = 0xffffffffu;
    for (std::ptrdiff_t x = 0; x < width; ++x) {
        std::uint32_t pixel;
        std::memcpy(&pixel, row + 4 * x, 4);
        all &= pixel;
    }
    std::uint8_t bytes[4];
    std::memcpy(bytes, &all, 4);
    return bytes[3] == 255;
}

// Adds `count` rows, 1 to 4 at once, so that the sums are loaded and stored less often.
template <int COUNT>
void add_rows(std::int32_t *__restrict sums, const std::uint8_t *__restrict from, std::ptrdiff_t stride,
              const std::int32_t *weights, bool first, std::ptrdiff_t size) {
    std::int32_t weight[COUNT];
    for (int i = 0; i < COUNT; ++i) weight[i] = weights[i];
    const std::int32_t keep = first ? 0 : -1;
    for (std::ptrdiff_t x = 0; x < size; ++x) {
        std::int32_t sum = sums[x] & keep;
        for (int i = 0; i < COUNT; ++i) sum += weight[i] * from[i * stride + x];
        sums[x] = sum;
    }
}

struct Opaque {
    Buffer<std::int32_t> sums;

    explicit Opaque(std::ptrdiff_t width) : sums(4 * width) {}

    void add(const Resampling &work, const Span &row, std::ptrdiff_t left, std::ptrdiff_t width) {
        const std::uint8_t *from = work.source + row.first * work.source_row + 4 * left;
        for (std::ptrdiff_t i = 0; i < row.count; from += 4 * work.source_row, i += 4) {
            const std::ptrdiff_t rest = row.count - i;
            std::int32_t weights[4];
            for (int k = 0; k < 4; ++k) weights[k] = i + k < row.count ? weight_of(row, i + k) : 0;
            const auto step = rest > 3 ? add_rows<4> : rest > 2 ? add_rows<3> : rest > 1 ? add_rows<2> : add_rows<1>;
            step(sums, from, work.source_row, weights, i == 0, 4 * width);
        }
    }

    // Doubles hold these sums exactly: 255 x 2^24 x a million pixels is under 2^53.
    void write(std::uint8_t *out, const Span &column, std::ptrdiff_t left, std::int64_t height) {
        const std::int32_t *const from = sums + 4 * (column.first - left);
        double total[4] = {}, edge[4];
        const std::ptrdiff_t last = column.count - 1;
        const double head = column.head, tail = last ? column.tail : 0;
        for (int c = 0; c < 4; ++c) edge[c] = head * from[c] + tail * from[4 * last + c];
        for (std::ptrdiff_t x = 1; x < last; ++x)
            for (int c = 0; c < 4; ++c) total[c] += from[4 * x + c];
        const double area = static_cast<double>(height * length_of(column));
        std::int32_t result[4];
        for (int c = 0; c < 4; ++c) {
            const double sum = total[c] * UNIT + edge[c];
            result[c] = static_cast<std::int32_t>((2 * sum + area) / (2 * area));
        }
        for (int c = 0; c < 4; ++c) out[c] = static_cast<std::uint8_t>(result[c]);
    }
};

struct Transparent {
    Buffer<std::uint64_t> sums;

    explicit Transparent(std::ptrdiff_t width) : sums(4 * width) {}

    void add(const Resampling &work, const Span &row, std::ptrdiff_t left, std::ptrdiff_t width) {
        std::memset(sums, 0, static_cast<std::size_t>(width) * 32);
        for (std::ptrdiff_t i = 0; i < row.count; ++i) {
            const std::uint8_t *from = work.source + (row.first + i) * work.source_row + 4 * left;
            const std::uint32_t weight = static_cast<std::uint32_t>(weight_of(row, i));
            std::uint64_t *to = sums;
            for (std::ptrdiff_t x = 0; x < width; ++x, from += 4, to += 4) {
                const std::uint32_t alpha = from[3] * weight;
                for (int c = 0; c < 3; ++c) to[c] += alpha * from[c];
                to[3] += alpha;
            }
        }
    }

    void write(std::uint8_t *out, const Span &column, std::ptrdiff_t left, std::int64_t height) {
        const std::uint64_t *from = sums + 4 * (column.first - left);
        std::uint64_t total[4] = {};
        for (std::ptrdiff_t x = 0; x < column.count; ++x, from += 4) {
            const std::uint64_t weight = static_cast<std::uint64_t>(weight_of(column, x));
            for (int c = 0; c < 4; ++c) total[c] += weight * from[c];
        }
        const std::uint64_t area = static_cast<std::uint64_t>(height * length_of(column));
        for (int c = 0; c < 4; ++c) {
            const std::uint64_t whole = c < 3 ? total[3] : area;
            out[c] = whole ? static_cast<std::uint8_t>((2 * total[c] + whole) / (2 * whole)) : 0;
        }
    }
};

}  // namespace

namespace KERNEL_NAMESPACE {

void area_resample(const Resampling &work) {
    std::ptrdiff_t left = -1, right = 0;
    for (std::ptrdiff_t x = 0; x < work.out_width; ++x) {
        const Span &column = work.columns[x];
        if (!column.count) continue;
        if (left < 0) left = column.first;
        right = column.first + column.count;
    }
    const std::ptrdiff_t width = left < 0 ? 0 : right - left;
    Opaque opaque(width);
    Transparent transparent(width);
    for (std::ptrdiff_t y = 0; y < work.out_height; ++y) {
        const Span &row = work.rows[y];
        std::uint8_t *const out = work.out + y * work.out_row;
        if (!row.count || !width) {
            std::memset(out, 0, static_cast<std::size_t>(4 * work.out_width));
            continue;
        }
        bool solid = true;
        for (std::ptrdiff_t i = 0; solid && i < row.count; ++i)
            solid = is_opaque(work.source + (row.first + i) * work.source_row + 4 * left, width);
        const std::int64_t height = length_of(row);
        const auto reduce = [&](auto &sums) {
            sums.add(work, row, left, width);
            for (std::ptrdiff_t x = 0; x < work.out_width; ++x) {
                if (work.columns[x].count) sums.write(out + 4 * x, work.columns[x], left, height);
                else std::memset(out + 4 * x, 0, 4);
            }
        };
        if (solid) reduce(opaque);
        else reduce(transparent);
    }
}

}  // namespace KERNEL_NAMESPACE
