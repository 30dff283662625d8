/* The yardsticks of Tools/bench: raw UDP through GSO and GRO with no protocol at all, and one TCP connection.
 *
 *   wire udp-receive PORT GROUP|- FILE|-              until 300 ms pass without a datagram
 *   wire udp-send ADDRESS PORT BYTES SEGMENT FILE|-   trains of up to 44 segments, as fast as the kernel takes them
 *   wire tcp-receive PORT FILE|-                      until the connection ends
 *   wire tcp-send ADDRESS PORT BYTES CONTROL FILE|-   congestion control by name
 *   wire tcp-listen PORT COMMAND…                     becomes the command, with a connection as its standard input
 *   wire tcp-connect ADDRESS PORT COMMAND…            becomes the command, with a connection as its standard output
 *
 * Receivers print "BYTES SECONDS END": what arrived, from the first byte to the last, and the last one's time of day.
 * Without a FILE the bytes come from one buffer that stays in the cache, and are forgotten where they arrive. With one the
 * sender sends a mapped file (TCP: sendfile) again and again, and the receiver writes what arrives to fresh pages of its
 * own, a train a pwritev, where it would lie if nothing were lost: the limit of moving files, not of moving bytes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
  STREAM_BYTES = 256 << 10,
};

static char buffer[1 << 20];
static char messages[BATCH_MESSAGES][MESSAGE_STRIDE_BYTES];

static double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}
static double seconds_now(void) { return seconds_of(CLOCK_MONOTONIC); }

static int fail(const char *doing) {
  fprintf(stderr, "wire: %s: %s\n", doing, strerror(errno));
  return 1;
}

static void set_option(int s, int level, int option, int value) { setsockopt(s, level, option, &value, sizeof value); }

static void set_patience(int s, long microseconds) {
  struct timeval patience = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static struct sockaddr_in address_of(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (host) inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

/* A descriptor, -1 for "-", -2 with errno. */
static int open_output(const char *path) {
  if (!strcmp(path, "-")) return -1;
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  return file < 0 ? -2 : file;
}

static int print_received(long byte_count, double first, double last) {
  double age = seconds_now() - last;
  printf("%ld %.6f %.6f\n", byte_count, last - first, seconds_of(CLOCK_REALTIME) - age);
  return 0;
}

/* One batch of datagrams or trains, forgotten (file < 0) or written at `offset`. Bytes, or -1. */
static ssize_t receive_batch(int s, int file, long offset) {
  static struct mmsghdr headers[BATCH_MESSAGES];
  static struct iovec parts[BATCH_MESSAGES];
  /* Trains fill a write by themselves and should still be in the cache then; single datagrams are gathered. */
  static int batch = BATCH_MESSAGES;
  if (file < 0) return recv(s, buffer, sizeof buffer, 0);
  for (int i = 0; i < batch; i++) {
    parts[i] = (struct iovec){messages[i], 65536};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(s, headers, batch, MSG_WAITFORONE, NULL);
  if (count < 0) return -1;
  for (int i = 0; i < count; i++) parts[i].iov_len = headers[i].msg_len;
  batch = headers[0].msg_len > 16384 ? 4 : BATCH_MESSAGES;
  return pwritev(file, parts, count, offset);
}

static int udp_receive(const char *port, const char *group, const char *path) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), file = open_output(path);
  if (file == -2) return fail(path);
  struct sockaddr_in address = address_of(NULL, port);
  set_option(s, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_BYTES);
  set_option(s, IPPROTO_UDP, UDP_GRO_OPTION, 1);
  set_patience(s, 10000000);
  if (bind(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("bind");
  if (strcmp(group, "-")) {
    struct ip_mreqn membership = {.imr_multiaddr = address_of(group, port).sin_addr};
    if (setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) < 0) return fail("join");
  }
  double first = 0, last = 0;
  long byte_count = 0;
  for (ssize_t n; (n = receive_batch(s, file, byte_count)) >= 0; last = seconds_now(), byte_count += n) {
    if (first != 0) continue;
    first = seconds_now();
    set_patience(s, 300000);
  }
  if (errno != EAGAIN) return fail("receive");
  return print_received(byte_count, first, last);
}

/* The bytes to send: a mapped file, or one buffer. */
struct source {
  const char *bytes;
  long byte_count;
};

static int open_source(const char *path, struct source *source) {
  *source = (struct source){buffer, sizeof buffer};
  if (!strcmp(path, "-")) return 0;
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) return -1;
  source->byte_count = status.st_size;
  source->bytes = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, file, 0);
  return source->bytes == MAP_FAILED ? -1 : 0;
}

static int udp_send(const char *host, const char *port, long byte_count, int segment, const char *path) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = address_of(host, port);
  struct source source;
  if (open_source(path, &source) < 0) return fail(path);
  set_option(s, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_BYTES);
  set_option(s, IPPROTO_UDP, UDP_SEGMENT_OPTION, segment);
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");
  long train = segment * TRAIN_SEGMENTS > TRAIN_BYTES ? TRAIN_BYTES / segment * segment : segment * TRAIN_SEGMENTS;
  long offset = 0;
  for (long sent = 0; sent < byte_count; sent += train) {
    if (strcmp(path, "-")) offset = sent % source.byte_count;
    long rest = source.byte_count - offset < train ? source.byte_count - offset : train;
    if (send(s, source.bytes + offset, rest, 0) < 0 && errno != ECONNREFUSED && errno != ENOBUFS) return fail("send");
  }
  return 0;
}

static int write_all(int file, const char *bytes, ssize_t byte_count) {
  for (ssize_t n; byte_count > 0; bytes += n, byte_count -= n)
    if ((n = write(file, bytes, byte_count)) < 0) return -1;
  return 0;
}

/* The first connection to a port; -1 with errno. */
static int accept_one(const char *port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of(NULL, port);
  set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) return -1;
  int s = accept(listener, NULL, NULL);
  close(listener);
  return s;
}

static int become(char **command, int s, int standard) {
  if (dup2(s, standard) < 0) return fail("dup2");
  close(s);
  execvp(command[0], command);
  return fail(command[0]);
}

static int tcp_listen(const char *port, char **command) {
  int s = accept_one(port);
  return s < 0 ? fail("listen") : become(command, s, STDIN_FILENO);
}

static int tcp_connect(const char *host, const char *port, char **command) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of(host, port);
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");
  return become(command, s, STDOUT_FILENO);
}

static int tcp_receive(const char *port, const char *path) {
  int file = open_output(path);
  if (file == -2) return fail(path);
  int s = accept_one(port);
  if (s < 0) return fail("listen");
  double first = seconds_now();
  long byte_count = 0;
  ssize_t n;
  for (; (n = read(s, buffer, file < 0 ? sizeof buffer : STREAM_BYTES)) > 0; byte_count += n)
    if (file >= 0 && write_all(file, buffer, n) < 0) return fail(path);
  if (n < 0) return fail("read");
  return print_received(byte_count, first, seconds_now());
}

static int tcp_send(const char *host, const char *port, long byte_count, const char *control, const char *path) {
  int s = socket(AF_INET, SOCK_STREAM, 0), file = -1;
  struct sockaddr_in address = address_of(host, port);
  if (strcmp(path, "-") && (file = open(path, O_RDONLY)) < 0) return fail(path);
  if (setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, control, strlen(control)) < 0) return fail(control);
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");
  for (long sent = 0; sent < byte_count;) {
    long rest = byte_count - sent, piece = rest < (long)sizeof buffer ? rest : (long)sizeof buffer;
    ssize_t n = file < 0 ? write(s, buffer, piece) : sendfile(s, file, NULL, rest);
    if (n <= 0) return fail("send");
    sent += n;
  }
  return 0;
}

int main(int count, char **words) {
  const char *verb = count > 1 ? words[1] : "";
  if (count == 5 && !strcmp(verb, "udp-receive")) return udp_receive(words[2], words[3], words[4]);
  if (count == 4 && !strcmp(verb, "tcp-receive")) return tcp_receive(words[2], words[3]);
  if (count == 7 && !strcmp(verb, "udp-send"))
    return udp_send(words[2], words[3], atol(words[4]), atoi(words[5]), words[6]);
  if (count == 7 && !strcmp(verb, "tcp-send"))
    return tcp_send(words[2], words[3], atol(words[4]), words[5], words[6]);
  if (count >= 4 && !strcmp(verb, "tcp-listen")) return tcp_listen(words[2], words + 3);
  if (count >= 5 && !strcmp(verb, "tcp-connect")) return tcp_connect(words[2], words[3], words + 4);
  fprintf(stderr, "usage: see the head of Tools/bench.d/wire.c\n");
  return 2;
}
