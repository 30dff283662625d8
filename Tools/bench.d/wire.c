/* The two yardsticks of Tools/bench: raw UDP through GSO and GRO with no protocol at all, and one TCP connection.
 *
 *   wire udp-receive PORT                     counts until 300 ms pass without a datagram; prints bytes and seconds
 *   wire udp-send ADDRESS PORT BYTES SEGMENT  trains of up to 44 segments, as fast as the kernel takes them
 *   wire tcp-receive PORT                     counts until the connection ends; prints bytes and seconds
 *   wire tcp-send ADDRESS PORT BYTES CONTROL  bytes from memory, congestion control by name
 *
 * Both receivers discard what they get: no file is written, so the yardsticks are flattered, gallery is not. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 8 << 20, TRAIN_SEGMENTS = 44, UDP_SEGMENT_OPTION = 103, UDP_GRO_OPTION = 104 };

static char buffer[1 << 20];

static double seconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int fail(const char *doing) {
  fprintf(stderr, "wire: %s: %s\n", doing, strerror(errno));
  return 1;
}

static struct sockaddr_in address_of(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (host) inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

static int udp_receive(const char *port) {
  int one = 1, size = BUFFER_BYTES, s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = address_of(NULL, port);
  struct timeval patience = {.tv_sec = 10};
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(s, IPPROTO_UDP, UDP_GRO_OPTION, &one, sizeof one);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (bind(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("bind");
  double first = 0, last = 0;
  long byte_count = 0;
  for (ssize_t n; (n = recv(s, buffer, sizeof buffer, 0)) >= 0; last = seconds_now(), byte_count += n) {
    if (first != 0) continue;
    first = seconds_now();
    patience = (struct timeval){.tv_usec = 300000};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  printf("%ld %.6f\n", byte_count, last - first);
  return 0;
}

static int udp_send(const char *host, const char *port, long byte_count, int segment) {
  int size = BUFFER_BYTES, s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = address_of(host, port);
  setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt(s, IPPROTO_UDP, UDP_SEGMENT_OPTION, &segment, sizeof segment);
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");
  int train = segment * TRAIN_SEGMENTS > 65507 ? 65507 / segment * segment : segment * TRAIN_SEGMENTS;
  for (long sent = 0; sent < byte_count; sent += train)
    if (send(s, buffer, train, 0) < 0 && errno != ECONNREFUSED && errno != ENOBUFS) return fail("send");
  return 0;
}

static int tcp_receive(const char *port) {
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of(NULL, port);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) return fail("bind");
  int s = accept(listener, NULL, NULL);
  double first = seconds_now();
  long byte_count = 0;
  for (ssize_t n; (n = read(s, buffer, sizeof buffer)) > 0;) byte_count += n;
  printf("%ld %.6f\n", byte_count, seconds_now() - first);
  return 0;
}

static int tcp_send(const char *host, const char *port, long byte_count, const char *control) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of(host, port);
  if (setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, control, strlen(control)) < 0) return fail(control);
  if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");
  for (long sent = 0; sent < byte_count;) {
    long rest = byte_count - sent < (long)sizeof buffer ? byte_count - sent : (long)sizeof buffer;
    ssize_t n = write(s, buffer, rest);
    if (n <= 0) return fail("write");
    sent += n;
  }
  return 0;
}

int main(int count, char **words) {
  if (count == 3 && !strcmp(words[1], "udp-receive")) return udp_receive(words[2]);
  if (count == 3 && !strcmp(words[1], "tcp-receive")) return tcp_receive(words[2]);
  if (count == 6 && !strcmp(words[1], "udp-send"))
    return udp_send(words[2], words[3], atol(words[4]), atoi(words[5]));
  if (count == 6 && !strcmp(words[1], "tcp-send")) return tcp_send(words[2], words[3], atol(words[4]), words[5]);
  fprintf(stderr, "usage: see the head of Tools/bench.d/wire.c\n");
  return 2;
}
