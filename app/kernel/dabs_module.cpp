// The brush dabs' part of the Python module: checks what it is given.
#include "dabs_module.h"

#include <nanobind/ndarray.h>

#include <cmath>
#include <string>
#include <vector>

#include "dabs.h"

namespace nb = nanobind;
using namespace retexture;

namespace {

using CoverageArray = nb::ndarray<float, nb::ndim<2>, nb::device::cpu>;
using CoverageInput = nb::ndarray<const float, nb::ndim<2>, nb::device::cpu>;
using Dabs = nb::ndarray<const double, nb::shape<-1, 6>, nb::c_contig, nb::device::cpu>;
using Target = nb::ndarray<nb::ndim<3>, nb::device::cpu>;
using Input = nb::ndarray<nb::ro, nb::ndim<3>, nb::device::cpu>;

template <class Array> void check_rows(const Array &array, const std::string &what) {
    const std::size_t last = array.ndim() - 1;
    if (array.shape(last) > 1 && array.stride(last) != 1)
        throw nb::value_error((what + " must have contiguous rows").c_str());
}

template <class Array> bool is_of(const Array &array, Sample sample) {
    switch (sample) {
        case Sample::u8: return array.dtype() == nb::dtype<std::uint8_t>();
        case Sample::u16: return array.dtype() == nb::dtype<std::uint16_t>();
        case Sample::f32: return array.dtype() == nb::dtype<float>();
    }
    return false;
}

bool is_share(double value) { return value >= 0 && value <= 1; }  // false for NaN

void check_dab(const Dab &dab) {
    if (!(dab.radius >= 0 && std::isfinite(dab.radius))) throw nb::value_error("a dab's radius must be 0 or more");
    if (!(std::isfinite(dab.x) && std::isfinite(dab.y))) throw nb::value_error("a dab's centre must be finite");
    if (!(is_share(dab.hardness) && is_share(dab.flow) && is_share(dab.ceiling)))
        throw nb::value_error("a dab's hardness, flow and ceiling must be 0 to 1");
}

void define(nb::module_ &module, const std::string &suffix, decltype(&baseline::stamp) stamp,
            decltype(&baseline::paint) paint) {
    module.def(
        ("stamp" + suffix).c_str(),
        [stamp](const CoverageArray &coverage, const Dabs &dabs, std::int64_t left, std::int64_t top) {
            check_rows(coverage, "coverage");
            const Coverage to{coverage.data(), static_cast<std::ptrdiff_t>(coverage.shape(0)),
                              static_cast<std::ptrdiff_t>(coverage.shape(1)), coverage.stride(0), left, top};
            static_assert(sizeof(Dab) == 6 * sizeof(double), "an array's rows are read as dabs");
            const Dab *const first = reinterpret_cast<const Dab *>(dabs.data());
            for (std::size_t i = 0; i < dabs.shape(0); ++i) check_dab(first[i]);
            nb::gil_scoped_release release;
            stamp(to, first, static_cast<std::ptrdiff_t>(dabs.shape(0)));
        },
        nb::arg("coverage").noconvert(), nb::arg("dabs"), nb::arg("left") = 0, nb::arg("top") = 0,
        "Lay dabs on coverage; see dabs.stamp.");
    module.def(
        ("paint" + suffix).c_str(),
        [paint](const Target &out, const Input &base, const CoverageInput &coverage, const nb::object &value) {
            Painting work{};
            work.sample = is_of(out, Sample::u8) ? Sample::u8 : is_of(out, Sample::u16) ? Sample::u16 : Sample::f32;
            if (!is_of(out, work.sample) || !is_of(base, work.sample))
                throw nb::type_error("out and base must both be of uint8, uint16 or float32");
            for (std::size_t i = 0; i < 3; ++i)
                if (base.shape(i) != out.shape(i)) throw nb::value_error("base has another shape than out");
            if (coverage.shape(0) != out.shape(1) || coverage.shape(1) != out.shape(2))
                throw nb::value_error("coverage has another height and width than out");
            check_rows(out, "out");
            check_rows(base, "base");
            check_rows(coverage, "coverage");
            const std::ptrdiff_t size = work.sample == Sample::u8 ? 1 : work.sample == Sample::u16 ? 2 : 4;
            work.white = work.sample == Sample::u8 ? 255.0f : work.sample == Sample::u16 ? 65535.0f : 1.0f;
            std::vector<float> values;
            if (!value.is_none())
                for (nb::handle v : nb::cast<nb::tuple>(value)) {
                    const double share = nb::cast<double>(v);
                    if (!is_share(share)) throw nb::value_error("value must be 0 to 1");
                    values.push_back(static_cast<float>(share * static_cast<double>(work.white)));
                }
            work.planes = static_cast<std::ptrdiff_t>(out.shape(0));
            work.values = static_cast<std::ptrdiff_t>(values.size());
            if (work.planes < 1) throw nb::value_error("out has no planes");
            if (!value.is_none() && (work.values < 1 || work.values > work.planes || work.values < work.planes - 1))
                throw nb::value_error("value must have a number for each plane, or for each but the last");
            work.value = values.data();
            work.height = static_cast<std::ptrdiff_t>(out.shape(1));
            work.width = static_cast<std::ptrdiff_t>(out.shape(2));
            work.out = static_cast<char *>(out.data());
            work.out_plane = out.stride(0) * size;
            work.out_row = out.stride(1) * size;
            work.base = static_cast<const char *>(base.data());
            work.base_plane = base.stride(0) * size;
            work.base_row = base.stride(1) * size;
            work.coverage = coverage.data();
            work.coverage_row = coverage.stride(0);
            nb::gil_scoped_release release;
            paint(work);
        },
        nb::arg("out").noconvert(), nb::arg("base").noconvert(), nb::arg("coverage").noconvert(),
        nb::arg("value").none(), "Paint through coverage; see dabs.paint.");
}

}  // namespace

void bind_dabs(nb::module_ &module, [[maybe_unused]] bool has_avx2) {
    define(module, "_baseline", baseline::stamp, baseline::paint);
#if defined(KERNEL_HAS_AVX2)
    if (has_avx2) {
        define(module, "", avx2::stamp, avx2::paint);
        return;
    }
#endif
    define(module, "", baseline::stamp, baseline::paint);
}
