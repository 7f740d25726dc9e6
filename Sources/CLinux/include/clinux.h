// What the Swift module of glibc lacks: epoll, eventfd, accept4, the CPU affinity mask. Nothing here decides anything: every function is
// one system call, -1 with errno set when it fails.
#pragma once

#include <stdint.h>

struct clinux_event {
  uint64_t token;
  uint32_t flags;
};

enum {
  CLINUX_EVENTS_MAX = 256,
};

extern const uint32_t clinux_readable;      // EPOLLIN
extern const uint32_t clinux_writable;      // EPOLLOUT
extern const uint32_t clinux_peer_finished; // EPOLLRDHUP
extern const uint32_t clinux_dead;          // EPOLLERR | EPOLLHUP
extern const uint32_t clinux_edge;          // EPOLLET
extern const uint32_t clinux_exclusive;     // EPOLLEXCLUSIVE

int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int fd, uint32_t flags, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
// Waits for at most CLINUX_EVENTS_MAX events; a timeout of -1 waits for ever.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int timeout_milliseconds);

int clinux_eventfd(void);

// Non-blocking, close-on-exec. The peer's address goes to `address`, of `*length` bytes.
int clinux_accept(int listener, void *address, uint32_t *length);
int clinux_socket(int family);

// Has blocks of at least so many bytes returned to the system when they are freed. By itself malloc (mallopt(3), M_MMAP_THRESHOLD) raises
// that size with each that is freed, up to 32 MiB, and keeps the memory. 0 when it is not taken.
int clinux_return_blocks_from(int bytes);

// How many processors the process may run on.
int clinux_processor_count(void);
