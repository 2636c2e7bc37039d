// The filters' part of the Python module: checks what they are given and makes their results.
#include "filters_module.h"

#include <nanobind/ndarray.h>

#include <string>

#include "filters.h"

namespace nb = nanobind;
using retexture::Window;

namespace {

using Planes = nb::ndarray<const float, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Result = nb::ndarray<nb::numpy, float, nb::ndim<3>>;

constexpr std::ptrdiff_t LARGEST_RADIUS = 1000;  // ranks are 32-bit numbers

template <class Work> Result each_plane(const Planes &planes, std::ptrdiff_t radius, Work work) {
    if (radius < 0 || radius > LARGEST_RADIUS) throw nb::value_error("radius must be 0 to 1000");
    const std::size_t plane = planes.shape(1) * planes.shape(2);
    float *const out = new float[planes.size() + 1];
    nb::capsule owner(out, [](void *data) noexcept { delete[] static_cast<float *>(data); });
    {
        nb::gil_scoped_release release;
        for (std::size_t c = 0; plane && c < planes.shape(0); ++c)
            work(Window{planes.data() + c * plane, out + c * plane, static_cast<std::ptrdiff_t>(planes.shape(1)),
                        static_cast<std::ptrdiff_t>(planes.shape(2)), radius});
    }
    return Result(out, {planes.shape(0), planes.shape(1), planes.shape(2)}, owner);
}

template <class Median, class SurfaceBlur>
void define(nb::module_ &module, const char *suffix, Median median, SurfaceBlur surface_blur) {
    const std::string end(suffix);
    module.def(
        ("median" + end).c_str(),
        [median](const Planes &planes, std::ptrdiff_t radius) { return each_plane(planes, radius, median); },
        nb::arg("planes"), nb::arg("radius"), "Median of square windows; see rank.median.");
    module.def(
        ("surface_blur" + end).c_str(),
        [surface_blur](const Planes &planes, std::ptrdiff_t radius, float span) {
            if (!(span > 0)) throw nb::value_error("span must be over 0");
            return each_plane(planes, radius, [=](const Window &window) { surface_blur(window, span); });
        },
        nb::arg("planes"), nb::arg("radius"), nb::arg("span"),
        "Weighted mean of square windows; see surface.surface_blur.");
}

}  // namespace

void bind_filters(nb::module_ &module, [[maybe_unused]] bool has_avx2) {
    define(module, "_baseline", baseline::median, baseline::surface_blur);
#if defined(KERNEL_HAS_AVX2)
    if (has_avx2) {
        define(module, "", avx2::median, avx2::surface_blur);
        return;
    }
#endif
    define(module, "", baseline::median, baseline::surface_blur);
}
