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
#include "wire.h"

#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { STREAM_BYTES = 256 << 10 };

static char buffer[1 << 20];

/* A descriptor, -1 for "-", -2 with errno. */
static int open_output(const char *path) {
  if (!strcmp(path, "-")) return -1;
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  return file < 0 ? -2 : file;
}

/* Some datagrams or trains, forgotten (file < 0) or written at `offset`. Bytes, or -1. */
static ssize_t receive_some(int s, int file, long offset) {
  struct iovec parts[BATCH_MESSAGES];
  if (file < 0) return recv(s, buffer, sizeof buffer, 0);
  int count = receive_batch(s, parts);
  return count < 0 ? -1 : pwritev(file, parts, count, offset);
}

static int udp_receive(const char *port, const char *group, const char *path) {
  int file = open_output(path);
  if (file == -2) return fail(path);
  int s = open_receiver(port, group);
  if (s < 0) return fail("bind or join");
  struct arrivals arrivals = {0};
  for (ssize_t n; (n = receive_some(s, file, arrivals.byte_count)) >= 0;) count_arrival(&arrivals, s, n);
  return errno == EAGAIN ? print_arrivals(arrivals) : fail("receive");
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
  struct source source;
  if (open_source(path, &source) < 0) return fail(path);
  int s = open_sender(host, port, segment);
  if (s < 0) return fail("connect");
  long train = train_segments(segment) * segment, offset = 0;
  for (long sent = 0; sent < byte_count; sent += train) {
    if (strcmp(path, "-")) offset = sent % source.byte_count;
    long rest = source.byte_count - offset < train ? source.byte_count - offset : train;
    if (send_train(s, source.bytes + offset, rest) < 0) return fail("send");
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
  struct arrivals arrivals = {.first = seconds_now()};
  ssize_t n;
  for (; (n = read(s, buffer, file < 0 ? sizeof buffer : STREAM_BYTES)) > 0; arrivals.byte_count += n)
    if (file >= 0 && write_all(file, buffer, n) < 0) return fail(path);
  if (n < 0) return fail("read");
  arrivals.last = seconds_now();
  return print_arrivals(arrivals);
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
