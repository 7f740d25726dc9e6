#include "csimdjson.h"

/* The error-code interface alone: the throwing one is not even declared. */
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <new>

using simdjson::dom::parser;

static_assert(simdjson::SIMDJSON_PADDING <= CSIMDJSON_PADDING, "simdjson reads further past the end than callers provide for");

struct csimdjson_parser {
  parser dom{};
  size_t depth_max;
  explicit csimdjson_parser(size_t depth_max) noexcept : depth_max(depth_max) {}
};

/* Smallest buffers: most results fit. From there they grow by doubling, so that slowly growing documents do not move them each time; beyond
 * `capacity_exact` documents are rare, and get what they need. */
static constexpr size_t capacity_min = 4096;
static constexpr size_t capacity_exact = 1 << 20;

static simdjson::error_code reserve(csimdjson_parser &self, size_t length) noexcept {
  if (length <= self.dom.capacity() && length <= self.dom.doc.capacity()) { return simdjson::SUCCESS; }
  size_t capacity = capacity_min;
  while (capacity < length && capacity < capacity_exact) { capacity *= 2; }
  if (capacity < length) { capacity = length; }
  if (capacity > self.dom.max_capacity()) { return simdjson::CAPACITY; }
  /* simdjson counts the document itself as a level. */
  const auto error = self.dom.allocate(capacity, self.depth_max + 1);
  return error ? error : self.dom.doc.allocate(capacity);
}

static bool is_shortage(simdjson::error_code error) noexcept {
  return error == simdjson::MEMALLOC || error == simdjson::CAPACITY;
}

extern "C" csimdjson_parser *csimdjson_create(size_t depth_max) noexcept {
  return new (std::nothrow) csimdjson_parser(depth_max);
}

extern "C" void csimdjson_free(csimdjson_parser *self) noexcept { delete self; }

extern "C" csimdjson_document csimdjson_parse(csimdjson_parser *self, const uint8_t *bytes, size_t length) noexcept {
  auto error = reserve(*self, length);
  if (!error) { error = self->dom.parse(bytes, length, false).error(); }
  if (simdjson_likely(!error)) {
    return {self->dom.doc.tape.get(), self->dom.doc.string_buf.get(), CSIMDJSON_OK};
  }
  /* A parser that failed to grow is half made: the next document starts from a new one. */
  if (is_shortage(error)) { self->dom = parser(); }
  return {nullptr, nullptr, is_shortage(error) ? CSIMDJSON_OUT_OF_MEMORY : CSIMDJSON_REFUSED};
}

extern "C" void csimdjson_shrink(csimdjson_parser *self, size_t capacity) noexcept {
  if (self->dom.capacity() > capacity) { self->dom = parser(); }
}
