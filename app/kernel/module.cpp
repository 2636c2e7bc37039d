// The Python module retexture.engine._kernel: checks what it is given, picks the variant that this processor
// runs, and lets go of the interpreter's lock while it works.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstring>
#include <string>
#include <vector>

#include "compose.h"
#include "dabs_module.h"
#include "filters_module.h"
#include "resample_module.h"

#if defined(KERNEL_HAS_AVX2) && defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace nb = nanobind;
using namespace retexture;

namespace {

using Input = nb::ndarray<nb::ro, nb::device::cpu>;
using Target = nb::ndarray<nb::device::cpu>;
using Compose = void (*)(const Program &);

[[noreturn]] void wrong_value(const std::string &message) { throw nb::value_error(message.c_str()); }
[[noreturn]] void wrong_type(const std::string &message) { throw nb::type_error(message.c_str()); }

// A program and all that its pointers point to.
struct Checked {
    Program program{};
    std::vector<Layer> layers;
    std::vector<std::vector<Plane>> masks;
    std::vector<std::vector<Luminosity>> luminosity;
    std::vector<Plane> backdrop;
    std::vector<Input> inputs;  // keeps the arrays alive
};

template <class Array> Sample sample_of(const Array &array, const std::string &what) {
    if (array.dtype() == nb::dtype<std::uint8_t>()) return Sample::u8;
    if (array.dtype() == nb::dtype<std::uint16_t>()) return Sample::u16;
    if (array.dtype() == nb::dtype<float>()) return Sample::f32;
    wrong_type(what + " must be of uint8, uint16 or float32");
}

std::ptrdiff_t size_of(Sample sample) { return sample == Sample::u8 ? 1 : sample == Sample::u16 ? 2 : 4; }

// A misaligned array would be read all the same on most processors, but the language does not promise it.
void check_aligned(const void *data, Sample sample, const std::string &what) {
    if (reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(size_of(sample)))
        wrong_value(what + " is not aligned to its samples");
}

template <class Array> Array array_of(nb::handle from, const std::string &what) {
    Array array;
    if (!nb::try_cast<Array>(from, array, false)) wrong_type(what + " must be an array");
    return array;
}

// One two-dimensional plane, or the plane `index` of a three-dimensional array.
Plane plane_of(const Input &array, std::size_t index, std::ptrdiff_t height, std::ptrdiff_t width,
               const std::string &what) {
    const std::size_t first = array.ndim() - 2;
    Plane plane;
    plane.sample = sample_of(array, what);
    const std::ptrdiff_t size = size_of(plane.sample);
    if (static_cast<std::ptrdiff_t>(array.shape(first)) != height ||
        static_cast<std::ptrdiff_t>(array.shape(first + 1)) != width)
        wrong_value(what + " has another height and width than out");
    plane.data = static_cast<const char *>(array.data());
    if (first) plane.data += static_cast<std::ptrdiff_t>(index) * array.stride(0) * size;
    plane.row_bytes = array.stride(first) * size;
    plane.constant = array.stride(first + 1) == 0;
    if (width > 1 && !plane.constant && array.stride(first + 1) != 1)
        wrong_value(what + " must have contiguous or constant rows");
    check_aligned(plane.data, plane.sample, what);
    return plane;
}

Plane plane_from(Checked &checked, nb::handle from, const std::string &what) {
    Input array = array_of<Input>(from, what);
    if (array.ndim() != 2) wrong_value(what + " must be two-dimensional");
    checked.inputs.push_back(array);
    return plane_of(array, 0, checked.program.height, checked.program.width, what);
}

double number_from(nb::handle from, const std::string &what) {
    double value = 0;
    if (!nb::try_cast<double>(from, value)) wrong_type(what + " must be a number");
    return value;
}

nb::tuple tuple_from(nb::handle from, std::size_t size, const std::string &what) {
    if (!nb::isinstance<nb::tuple>(from)) wrong_type(what + " must be a tuple");
    nb::tuple tuple = nb::borrow<nb::tuple>(from);
    if (size && tuple.size() != size) wrong_value(what + " must have " + std::to_string(size) + " items");
    return tuple;
}

std::string text_from(nb::handle from, const std::string &what) {
    if (!nb::isinstance<nb::str>(from)) wrong_type(what + " must be a string");
    return nb::borrow<nb::str>(from).c_str();
}

Mode mode_from(nb::handle from, const std::string &what) {
    static const char *const NAMES[MODES] = {
        "normal", "dissolve", "darken", "multiply", "color-burn", "linear-burn", "darker-color", "lighten", "screen",
        "color-dodge", "linear-dodge", "lighter-color", "overlay", "soft-light", "hard-light", "vivid-light",
        "linear-light", "pin-light", "hard-mix", "difference", "exclusion", "subtract", "divide", "hue", "saturation",
        "color", "luminosity"};
    const std::string name = text_from(from, what);
    for (int mode = 0; mode < MODES; ++mode)
        if (name == NAMES[mode]) return static_cast<Mode>(mode);
    wrong_value(what + " '" + name + "' is not a layer's blend mode");
}

bool scales_effect(Mode mode) {
    switch (mode) {
        case Mode::color_burn: case Mode::linear_burn: case Mode::color_dodge: case Mode::linear_dodge:
        case Mode::vivid_light: case Mode::linear_light: case Mode::hard_mix: case Mode::difference:
            return true;
        default:
            return false;
    }
}

Trapezoid trapezoid_from(nb::handle from, const std::string &what) {
    const nb::tuple ends = tuple_from(from, 4, what);
    float values[4];
    for (std::size_t i = 0; i < 4; ++i) values[i] = static_cast<float>(number_from(ends[i], what));
    return {values[0], values[1], values[2], values[3]};
}

Sliders sliders_from(nb::handle from, const std::string &what) {
    Sliders sliders{};
    if (from.is_none()) return sliders;
    const nb::tuple ends = tuple_from(from, 4, what);
    for (std::size_t i = 0; i < 4; ++i) {
        const Trapezoid slider = trapezoid_from(ends[i], what);
        sliders.ends[i] = slider;
        sliders.used[i] = slider.black0 != 0 || slider.black1 != 0 || slider.white0 != 255 || slider.white1 != 255;
        sliders.any = sliders.any || sliders.used[i];
    }
    return sliders;
}

Luminosity luminosity_from(nb::handle from, const std::string &what) {
    const nb::tuple op = tuple_from(from, 5, what);
    Luminosity result{};
    const std::string kind = text_from(op[0], what);
    if (kind == "lights") result.kind = Luminosity::Kind::lights;
    else if (kind == "darks") result.kind = Luminosity::Kind::darks;
    else if (kind == "midtones") result.kind = Luminosity::Kind::midtones;
    else if (kind == "range") result.kind = Luminosity::Kind::range;
    else wrong_value(what + " '" + kind + "' is not a kind of luminosity mask");
    if (!nb::try_cast<int>(op[1], result.power)) wrong_type(what + " must have a whole number as its power");
    result.ends = trapezoid_from(op[2], what);
    result.inverted = nb::cast<bool>(nb::bool_(nb::handle(op[3])));
    result.density = static_cast<float>(number_from(op[4], what));
    return result;
}

void add_layer(Checked &checked, nb::handle from) {
    const std::string name = "layer " + std::to_string(checked.layers.size());
    const nb::tuple op = tuple_from(from, 10, name);
    Layer layer{};
    const nb::tuple planes = tuple_from(op[0], 3, name + ": planes");
    for (std::size_t c = 0; c < 3; ++c) layer.planes[c] = plane_from(checked, planes[c], name + ": a plane");
    if (!op[1].is_none()) layer.alpha = plane_from(checked, op[1], name + ": alpha");
    std::vector<Plane> masks;
    for (nb::handle mask : tuple_from(op[2], 0, name + ": masks"))
        masks.push_back(plane_from(checked, mask, name + ": a mask"));
    layer.mode = mode_from(op[3], name + ": mode");
    layer.scales_effect = scales_effect(layer.mode);
    layer.opacity = static_cast<float>(number_from(op[4], name + ": opacity"));
    layer.fill = static_cast<float>(number_from(op[5], name + ": fill"));
    layer.fill_rest = 1.0f - layer.fill;
    layer.this_layer = sliders_from(op[6], name + ": this_layer");
    layer.underlying = sliders_from(op[7], name + ": underlying");
    std::vector<Luminosity> luminosity;
    for (nb::handle mask : tuple_from(op[8], 0, name + ": luminosity"))
        luminosity.push_back(luminosity_from(mask, name + ": luminosity"));
    layer.atop = nb::cast<bool>(nb::bool_(nb::handle(op[9])));
    checked.layers.push_back(layer);
    checked.masks.push_back(std::move(masks));
    checked.luminosity.push_back(std::move(luminosity));
}

void set_output(Program &program, const Target &out, bool bgra) {
    if (out.ndim() != 3) wrong_value("out must be three-dimensional");
    Output &to = program.out;
    to.sample = sample_of(out, "out");
    to.white = to.sample == Sample::u8 ? 255.0f : to.sample == Sample::u16 ? 65535.0f : 1.0f;
    to.bgra = bgra;
    to.data = static_cast<char *>(out.data());
    const std::ptrdiff_t size = size_of(to.sample);
    const std::size_t rows = bgra ? 0 : 1;
    program.height = static_cast<std::ptrdiff_t>(out.shape(rows));
    program.width = static_cast<std::ptrdiff_t>(out.shape(rows + 1));
    const bool several = program.width > 1 && program.height > 0;  // else the strides mean nothing
    to.row_bytes = out.stride(rows) * size;
    if (bgra) {
        if (to.sample != Sample::u8 || out.shape(2) != 4)
            wrong_value("out must be (height, width, 4) of uint8 for bgra");
        if (program.height > 0 && (out.stride(2) != 1 || (several && out.stride(1) != 4)))
            wrong_value("out must have contiguous rows");
        // The loop writes a pixel as one 32-bit word.
        if ((reinterpret_cast<std::uintptr_t>(to.data) | static_cast<std::uintptr_t>(to.row_bytes)) % 4)
            wrong_value("out must begin each row at a multiple of four bytes for bgra");
        to.planes = 4;
        return;
    }
    if (out.shape(0) != 3 && out.shape(0) != 4) wrong_value("out must have 3 or 4 planes");
    if (several && out.stride(2) != 1) wrong_value("out must have contiguous rows");
    to.planes = static_cast<int>(out.shape(0));
    to.plane_bytes = out.stride(0) * size;
    check_aligned(to.data, to.sample, "out");
}

// Reads what compose in reference.py documents.
void check(Checked &checked, nb::handle out, nb::sequence ops, nb::handle backdrop, int depth, nb::tuple origin,
           std::int64_t step, bool bgra) {
    Program &program = checked.program;
    set_output(program, array_of<Target>(out, "out (writable)"), bgra);
    if (depth != 8 && depth != 16 && depth != 32) wrong_value("depth must be 8, 16 or 32");
    program.eight_bit = depth == 8;
    program.step = step;
    if (origin.size() != 2 || !nb::try_cast<std::int64_t>(origin[0], program.x) ||
        !nb::try_cast<std::int64_t>(origin[1], program.y))
        wrong_type("origin must be two whole numbers");
    for (nb::handle op : ops) add_layer(checked, op);
    if (!backdrop.is_none()) {
        Input array = array_of<Input>(backdrop, "backdrop");
        if (array.ndim() != 3 || array.shape(0) != 4) wrong_value("backdrop must be (4, height, width)");
        if (array.dtype() != nb::dtype<float>()) wrong_type("backdrop must be of float32");
        for (std::size_t c = 0; c < 4; ++c)
            checked.backdrop.push_back(plane_of(array, c, program.height, program.width, "backdrop"));
        checked.inputs.push_back(array);
    }
    // Now that the vectors stay where they are.
    for (std::size_t n = 0; n < checked.layers.size(); ++n) {
        Layer &layer = checked.layers[n];
        layer.masks = checked.masks[n].data();
        layer.mask_count = checked.masks[n].size();
        layer.luminosity = checked.luminosity[n].data();
        layer.luminosity_count = checked.luminosity[n].size();
    }
    program.layers = checked.layers.data();
    program.layer_count = checked.layers.size();
    program.backdrop = checked.backdrop.empty() ? nullptr : checked.backdrop.data();
}

bool has_avx2() {
#if !defined(KERNEL_HAS_AVX2)
    return false;
#elif defined(_MSC_VER)
    int leaf1[4], leaf7[4];
    __cpuidex(leaf1, 1, 0);
    __cpuidex(leaf7, 7, 0);
    const bool saved = (leaf1[2] >> 27 & 1) && (_xgetbv(0) & 6) == 6;  // the system keeps YMM registers
    return saved && (leaf7[1] >> 5 & 1);
#else
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
#endif
}

struct Variant {
    const char *name;
    Compose compose, copy_floor;
};

Variant best_variant() {
#if defined(KERNEL_HAS_AVX2)
    if (has_avx2()) return {"avx2", avx2::compose, avx2::copy_floor};
#endif
#if defined(__aarch64__) || defined(_M_ARM64)
    return {"neon", baseline::compose, baseline::copy_floor};
#else
    return {"baseline", baseline::compose, baseline::copy_floor};
#endif
}

void define(nb::module_ &module, const char *name, Compose work, bool bgra_only, const char *doc) {
    module.def(
        name,
        [work, bgra_only](nb::handle out, nb::sequence ops, nb::handle backdrop, int depth, nb::tuple origin,
               std::int64_t step, bool bgra) {
            if (bgra_only && !bgra) wrong_value("bgra must be true");
            Checked checked;
            check(checked, out, ops, backdrop, depth, origin, step, bgra);
            nb::gil_scoped_release release;
            work(checked.program);
        },
        nb::arg("out"), nb::arg("ops"), nb::kw_only(), nb::arg("backdrop") = nb::none(), nb::arg("depth") = 16,
        nb::arg("origin") = nb::make_tuple(0, 0), nb::arg("step") = 1, nb::arg("bgra") = false, doc);
}

}  // namespace

NB_MODULE(_kernel, module) {
    const Variant best = best_variant();
    module.doc() = "The compiled compositing engine; retexture.engine.reference is its specification.";
    module.attr("variant") = best.name;
    define(module, "compose", best.compose, false, "Compose layers into `out`; see reference.compose.");
    define(module, "compose_baseline", baseline::compose, false,
           "The same with the instructions that every processor of the architecture has, for tests.");
    define(module, "copy_floor", best.copy_floor, true,
           "Read all that `compose` would read and write something of the size of its BGRA8, for benchmarks.");
    const bool has_avx2 = std::strcmp(best.name, "avx2") == 0;
    bind_dabs(module, has_avx2);
    bind_filters(module, has_avx2);
    bind_resample(module, has_avx2);
}
