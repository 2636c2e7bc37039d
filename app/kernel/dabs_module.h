#pragma once

#include <nanobind/nanobind.h>

// Adds stamp and paint to the module, in the variant that this processor runs.
void bind_dabs(nanobind::module_ &module, bool has_avx2);
