// Memory for as long as a block lives. In a namespace without a name: what is compiled for one instruction set
// must not be shared with code for another.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

template <class T> class Buffer {
public:
    explicit Buffer(std::ptrdiff_t size)
        : data_(static_cast<T *>(std::malloc(static_cast<std::size_t>(size > 0 ? size : 1) * sizeof(T)))) {
        if (!data_) throw std::bad_alloc();
    }
    ~Buffer() { std::free(data_); }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    operator T *() { return data_; }

private:
    T *data_;
};

}  // namespace
