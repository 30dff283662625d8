/* What wire.c and chunk.c have in common: clocks, and UDP sockets that move trains of segments. */
#ifndef WIRE_H
#define WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
  SOCKET_BUFFER_BYTES = 8 << 20,
  TRAIN_SEGMENTS = 44,
  TRAIN_BYTES = 65507,
  UDP_SEGMENT_OPTION = 103,
  UDP_GRO_OPTION = 104,
  BATCH_MESSAGES = 64,
  /* Not a power of two: equal offsets into 64 KiB buffers would meet in the same lines of the cache. */
  MESSAGE_STRIDE_BYTES = 65536 + 1536,
  FIRST_PATIENCE_MICROSECONDS = 10000000,
  /* A silence as long as this is the end: nothing else tells a receiver without a protocol. */
  SILENCE_MICROSECONDS = 300000,
};

static inline double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}
static inline double seconds_now(void) { return seconds_of(CLOCK_MONOTONIC); }

static inline int fail(const char *doing) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, doing, strerror(errno));
  return 1;
}

static inline void set_option(int s, int level, int option, int value) {
  setsockopt(s, level, option, &value, sizeof value);
}

static inline void set_patience(int s, long microseconds) {
  struct timeval patience = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static inline struct sockaddr_in address_of(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (host) inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

/* A UDP socket for trains of `segment` bytes to one address or group; -1 with errno. */
static inline int open_sender(const char *host, const char *port, int segment) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = address_of(host, port);
  set_option(s, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_BYTES);
  set_option(s, IPPROTO_UDP, UDP_SEGMENT_OPTION, segment);
  return connect(s, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : s;
}

/* As many segments as the kernel takes in one train. */
static inline int train_segments(int segment) {
  return segment * TRAIN_SEGMENTS > TRAIN_BYTES ? TRAIN_BYTES / segment : TRAIN_SEGMENTS;
}

/* What the kernel refuses for lack of a listener or of room is lost, as on the way; everything else is an error, -1. */
static inline int send_train(int s, const char *bytes, long byte_count) {
  return send(s, bytes, byte_count, 0) < 0 && errno != ECONNREFUSED && errno != ENOBUFS ? -1 : 0;
}

/* A UDP socket on a port, in a group unless that is "-"; trains arrive whole. -1 with errno. */
static inline int open_receiver(const char *port, const char *group) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = address_of(NULL, port);
  set_option(s, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_BYTES);
  set_option(s, IPPROTO_UDP, UDP_GRO_OPTION, 1);
  set_patience(s, FIRST_PATIENCE_MICROSECONDS);
  if (bind(s, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  if (!strcmp(group, "-")) return s;
  struct ip_mreqn membership = {.imr_multiaddr = address_of(group, port).sin_addr};
  return setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) < 0 ? -1 : s;
}

/* One batch of datagrams or trains into buffers that the next batch uses again; their number, or -1 with errno. */
static inline int receive_batch(int s, struct iovec parts[BATCH_MESSAGES]) {
  static char messages[BATCH_MESSAGES][MESSAGE_STRIDE_BYTES];
  static struct mmsghdr headers[BATCH_MESSAGES];
  /* Trains fill a write by themselves and should still be in the cache then; single datagrams are gathered. */
  static int batch = BATCH_MESSAGES;
  for (int i = 0; i < batch; i++) {
    parts[i] = (struct iovec){messages[i], 65536};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(s, headers, batch, MSG_WAITFORONE, NULL);
  if (count < 0) return -1;
  for (int i = 0; i < count; i++) parts[i].iov_len = headers[i].msg_len;
  batch = headers[0].msg_len > 16384 ? 4 : BATCH_MESSAGES;
  return count;
}

/* What arrived, in seconds of the monotonic clock. */
struct arrivals {
  long byte_count;
  double first, last;
};

/* Counts what was received just now; the first time the socket learns that silence from now on is the end. */
static inline void count_arrival(struct arrivals *arrivals, int s, long byte_count) {
  arrivals->last = seconds_now();
  arrivals->byte_count += byte_count;
  if (arrivals->first != 0) return;
  arrivals->first = arrivals->last;
  set_patience(s, SILENCE_MICROSECONDS);
}

static inline int print_arrivals(struct arrivals arrivals) {
  double age = seconds_now() - arrivals.last;
  printf("%ld %.6f %.6f\n", arrivals.byte_count, arrivals.last - arrivals.first, seconds_of(CLOCK_REALTIME) - age);
  return 0;
}

#endif
