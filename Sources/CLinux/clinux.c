#define _GNU_SOURCE
#include "clinux.h"

#include <malloc.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

const uint32_t clinux_readable = EPOLLIN;
const uint32_t clinux_writable = EPOLLOUT;
const uint32_t clinux_peer_finished = EPOLLRDHUP;
const uint32_t clinux_dead = EPOLLERR | EPOLLHUP;
const uint32_t clinux_edge = EPOLLET;
const uint32_t clinux_exclusive = EPOLLEXCLUSIVE;

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int epoll, int fd, uint32_t flags, uint64_t token) {
  struct epoll_event event = {.events = flags, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int clinux_epoll_remove(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0); }

int clinux_epoll_wait(int epoll, struct clinux_event *events, int timeout_milliseconds) {
  struct epoll_event ready[CLINUX_EVENTS_MAX];
  int count = epoll_wait(epoll, ready, CLINUX_EVENTS_MAX, timeout_milliseconds);
  for (int i = 0; i < count; i++) {
    events[i].token = ready[i].data.u64;
    events[i].flags = ready[i].events;
  }
  return count;
}

int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int clinux_accept(int listener, void *address, uint32_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int clinux_processor_count(void) {
  // Room for 8192 processors; the kernel refuses a mask that is too small.
  cpu_set_t set[8];
  if (sched_getaffinity(0, sizeof set, set)) return -1;
  return CPU_COUNT_S(sizeof set, set);
}

int clinux_return_blocks_from(int bytes) {
  return mallopt(M_MMAP_THRESHOLD, bytes);
}
