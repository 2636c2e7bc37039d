#pragma once

#include <nanobind/nanobind.h>

// Adds area_resample to the module, in the variant that this processor runs.
void bind_resample(nanobind::module_ &module, bool has_avx2);
