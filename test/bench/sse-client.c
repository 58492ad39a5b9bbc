/* Opens many event streams and counts the events that arrive on them.
 *
 *   sse-client PORT COUNT...           opens as many streams, prints "open" once all have sent their first bytes,
 *                                      and waits for a line before it opens the next COUNT
 *   stdin:  a number of events         prints "<events> <monotonic ns of the last one>" when as many have come,
 *                                      or after 60 s without
 *
 * One thread on epoll and no parsing: the measured server must be the slower side. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define MARK "\ndata:"
#define CARRY (sizeof MARK - 2)
#define CONTROL UINT32_MAX

struct stream {
  int fd;
  size_t carried;
  char carry[CARRY];
};

static uint64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int dial(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  static const char request[] = "GET /events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
  if (write(fd, request, sizeof request - 1) != sizeof request - 1) fail("request");
  return fd;
}

/* Events in what one read brings; a mark that two reads share is found by what was carried over. */
static unsigned take(struct stream *stream, char *buffer, size_t capacity) {
  memcpy(buffer, stream->carry, stream->carried);
  ssize_t count = read(stream->fd, buffer + stream->carried, capacity - stream->carried);
  if (count <= 0) return 0;
  size_t size = stream->carried + (size_t)count;
  unsigned events = 0;
  for (char *at = buffer; (at = memmem(at, size - (size_t)(at - buffer), MARK, sizeof MARK - 1)) != NULL; at++) events++;
  stream->carried = size < CARRY ? size : CARRY;
  memcpy(stream->carry, buffer + size - stream->carried, stream->carried);
  return events;
}

/* Opens streams number `from` to `to`, and reads the head and the first block of each, so that the server is known to
 * have it in its list. */
static void open_streams(struct stream *streams, uint32_t from, uint32_t to, int port, int events_fd) {
  char buffer[1 << 14];
  for (uint32_t index = from; index < to; index++) {
    streams[index].fd = dial(port);
    if (read(streams[index].fd, buffer, sizeof buffer) < 12 || strncmp(buffer, "HTTP/1.1 200", 12) != 0) fail("response");
    fcntl(streams[index].fd, F_SETFL, O_NONBLOCK);
    struct epoll_event interest = {.events = EPOLLIN, .data.u32 = index};
    epoll_ctl(events_fd, EPOLL_CTL_ADD, streams[index].fd, &interest);
  }
  puts("open");
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  static char buffer[1 << 18];
  int events_fd = epoll_create1(0);
  struct stream *streams = NULL;
  uint32_t connections = 0;
  for (int step = 2; step < argc; step++) {
    if (step > 2 && read(STDIN_FILENO, buffer, 1) != 1) return 0;
    uint32_t to = connections + (uint32_t)atoi(argv[step]);
    streams = realloc(streams, to * sizeof *streams);
    memset(streams + connections, 0, (to - connections) * sizeof *streams);
    open_streams(streams, connections, to, atoi(argv[1]), events_fd);
    connections = to;
  }
  struct epoll_event control = {.events = EPOLLIN, .data.u32 = CONTROL};
  epoll_ctl(events_fd, EPOLL_CTL_ADD, STDIN_FILENO, &control);

  uint64_t wanted = 0, seen = 0, last = 0;
  for (;;) {
    struct epoll_event ready[512];
    int count = epoll_wait(events_fd, ready, 512, 1000);
    for (int index = 0; index < count; index++) {
      if (ready[index].data.u32 == CONTROL) {
        ssize_t size = read(STDIN_FILENO, buffer, 31);
        if (size <= 0) return 0;
        buffer[size] = 0;
        wanted = strtoull(buffer, NULL, 10);
        seen = 0;
        last = monotonic_ns();
        puts("ready");
        fflush(stdout);
        continue;
      }
      unsigned events = take(&streams[ready[index].data.u32], buffer, sizeof buffer);
      if (events == 0) continue;
      seen += events;
      last = monotonic_ns();
    }
    if (wanted > 0 && (seen >= wanted || monotonic_ns() - last > 60000000000u)) {
      printf("%llu %llu\n", (unsigned long long)seen, (unsigned long long)last);
      fflush(stdout);
      wanted = 0;
    }
  }
}
