#pragma once

#include <nanobind/nanobind.h>

// Adds median and surface_blur to the module, in the variant that this processor runs.
void bind_filters(nanobind::module_ &module, bool has_avx2);
