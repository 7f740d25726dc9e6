/* simdjson's DOM parser behind plain C: it fills a tape, and the caller walks it (simdjson, doc/tape.md).
 *
 * No C++ exception leaves these functions, and nothing here is called per value. A parser is for one thread at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define CSIMDJSON_NOEXCEPT noexcept
#else
#define CSIMDJSON_NOEXCEPT
#endif

/* Bytes that must be readable behind a document's end. */
enum { CSIMDJSON_PADDING = 64 };

/* How a document was taken. */
enum csimdjson_status {
  CSIMDJSON_OK = 0,
  /* Not JSON as simdjson takes it; integers beyond 64 bits are refused too, though RFC 8259 has them. */
  CSIMDJSON_REFUSED = 1,
  CSIMDJSON_OUT_OF_MEMORY = 2,
};

typedef struct csimdjson_parser csimdjson_parser;

/* A parsed document: valid until the parser is used again, shrunk or freed; both pointers are null unless the status is OK.
 * `strings` has at least 8 readable bytes behind the last string. */
typedef struct {
  const uint64_t *tape;
  const uint8_t *strings;
  int32_t status;
} csimdjson_document;

/* A parser that refuses containers nested deeper than `depth_max`, but for an empty innermost one. Null when out of memory. */
csimdjson_parser *csimdjson_create(size_t depth_max) CSIMDJSON_NOEXCEPT;
void csimdjson_free(csimdjson_parser *parser) CSIMDJSON_NOEXCEPT;

/* Parses `length` bytes, behind which CSIMDJSON_PADDING more can be read. Buffers grow and are kept. */
csimdjson_document csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t length) CSIMDJSON_NOEXCEPT;

/* Gives the buffers back, if they are made for documents of more than `capacity` bytes. */
void csimdjson_shrink(csimdjson_parser *parser, size_t capacity) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif
