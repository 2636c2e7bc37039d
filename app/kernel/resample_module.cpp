// The resampler's part of the Python module: checks what it is given, and finds each output pixel's square.
#include "resample_module.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <cmath>
#include <string>
#include <vector>

#include "resample.h"

namespace nb = nanobind;
using namespace retexture;

namespace {

using Source = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 4>, nb::device::cpu>;
using Target = nb::ndarray<std::uint8_t, nb::shape<-1, -1, 4>, nb::device::cpu>;

constexpr double LARGEST_SCALE = 1000;  // sums of whole numbers stay exact

template <class Array> void check_pixels(const Array &array, const std::string &what) {
    if (array.stride(2) != 1 || (array.shape(1) > 1 && array.stride(1) != 4))
        throw nb::value_error((what + " must have contiguous rows").c_str());
}

// One axis: `count` output pixels from `offset`, of a source that holds `size` pixels from `start` of `whole`.
std::vector<Span> spans_of(std::size_t count, double scale, double offset, std::int64_t start, std::int64_t size,
                           std::int64_t whole, const char *axis) {
    if (!(scale >= 1 && scale <= LARGEST_SCALE))
        throw nb::value_error((std::string("scale_") + axis + " must be 1 to 1000").c_str());
    if (!(std::fabs(offset) <= 1e9))
        throw nb::value_error((std::string("offset_") + axis + " is too far away").c_str());
    const auto edge = [&](std::size_t i) {
        const double place = std::floor((offset + static_cast<double>(i)) * scale * UNIT + 0.5);
        const std::int64_t at = static_cast<std::int64_t>(place), end = whole * UNIT;
        return at < 0 ? 0 : at < end ? at : end;
    };
    std::vector<Span> spans(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t a = edge(i), b = edge(i + 1);
        if (a >= b) continue;
        const std::int64_t first = a >> UNIT_BITS, last = (b - 1) >> UNIT_BITS;
        if (first < start || last >= start + size)
            throw nb::value_error((std::string("the source does not reach over all of out along ") + axis).c_str());
        const std::int64_t stop = (first + 1) * UNIT;
        spans[i] = {static_cast<std::ptrdiff_t>(first - start), static_cast<std::ptrdiff_t>(last - first + 1),
                    static_cast<std::int32_t>((b < stop ? b : stop) - a), static_cast<std::int32_t>(b - last * UNIT)};
    }
    return spans;
}

void define(nb::module_ &module, const std::string &suffix, decltype(&baseline::area_resample) area_resample) {
    module.def(
        ("area_resample" + suffix).c_str(),
        [area_resample](const Source &source, const Target &out, double scale_x, double scale_y, double offset_x,
                        double offset_y, std::int64_t source_x, std::int64_t source_y,
                        std::optional<std::int64_t> width_px, std::optional<std::int64_t> height_px) {
            check_pixels(source, "source");
            check_pixels(out, "out");
            const std::int64_t height = static_cast<std::int64_t>(source.shape(0));
            const std::int64_t width = static_cast<std::int64_t>(source.shape(1));
            const std::vector<Span> columns = spans_of(out.shape(1), scale_x, offset_x, source_x, width,
                                                       width_px.value_or(source_x + width), "x");
            const std::vector<Span> rows = spans_of(out.shape(0), scale_y, offset_y, source_y, height,
                                                    height_px.value_or(source_y + height), "y");
            const Resampling work{source.data(),
                                  source.stride(0),
                                  out.data(),
                                  out.stride(0),
                                  static_cast<std::ptrdiff_t>(out.shape(0)),
                                  static_cast<std::ptrdiff_t>(out.shape(1)),
                                  rows.data(),
                                  columns.data()};
            nb::gil_scoped_release release;
            area_resample(work);
        },
        nb::arg("source").noconvert(), nb::arg("out").noconvert(), nb::arg("scale_x"), nb::arg("scale_y"),
        nb::arg("offset_x") = 0.0, nb::arg("offset_y") = 0.0, nb::kw_only(), nb::arg("source_x") = 0,
        nb::arg("source_y") = 0, nb::arg("width_px") = nb::none(), nb::arg("height_px") = nb::none(),
        "Average areas of BGRA8; see resample.area_resample.");
}

}  // namespace

void bind_resample(nb::module_ &module, [[maybe_unused]] bool has_avx2) {
    define(module, "_baseline", baseline::area_resample);
#if defined(KERNEL_HAS_AVX2)
    if (has_avx2) {
        define(module, "", avx2::area_resample);
        return;
    }
#endif
    define(module, "", baseline::area_resample);
}
