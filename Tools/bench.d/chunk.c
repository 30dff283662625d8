/* A yardstick of Tools/bench: gallery's work for each chunk, and none of its protocol.
 *
 *   chunk receive PORT GROUP|- SEGMENT FILE         until 300 ms pass without a datagram
 *   chunk send ADDRESS PORT TURNS SEGMENT FILE      the file again and again, as fast as the kernel takes it
 *
 * The sender reads a train's payloads between its headers, computes a CRC32 over each and sends the train: no rate, no
 * repair. The receiver verifies each chunk and writes it to its place in a file; what is corrupt it forgets. Chunk indexes
 * count on through the turns, so that each turn is written to fresh pages, as one transfer is. The receiver prints
 * "BYTES SECONDS END" as wire does; its bytes are payload. SEGMENT is header and payload, as in a packet. */
#define _GNU_SOURCE
#include <isa-l/crc.h>
#include <stdint.h>

#include "wire.h"

enum {
  /* Size and places as in gallery's data datagrams (Specs/chunked-udp.md §4.3); the other words stay zero. */
  HEADER_BYTES = 32,
  CHECKSUM_WORD = 16 / 4,
  INDEX_WORD = 20 / 4,
  /* The kernel takes no more parts in one write. */
  RUN_CHUNKS = 1024,
};

/* The CRC32 goes on from the index, so that a wrong index is as corrupt as a wrong payload. */
static uint32_t checksum_of(uint32_t index, const char *payload, long byte_count) {
  uint32_t checksum = crc32_gzip_refl(index, (const unsigned char *)payload, byte_count);
#if defined(__x86_64__)
  /* As in Sources/CISAL: ISA-L leaves bits in the upper halves of the registers, and SSE is slow until they are cleared. */
  if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper");
#endif
  return checksum;
}

/* Fills the payloads of a train from one place of the file. Bytes of payload, 0 at the file's end, -1 with errno. */
static ssize_t read_train(int file, long offset, char *train, int segment) {
  struct iovec parts[TRAIN_SEGMENTS];
  int count = train_segments(segment);
  for (int i = 0; i < count; i++)
    parts[i] = (struct iovec){train + i * segment + HEADER_BYTES, segment - HEADER_BYTES};
  return preadv(file, parts, count, offset);
}

/* Writes the headers of a train's chunks, which are numbered from `index`. The number of chunks; the last may be short. */
static int write_headers(char *train, int segment, ssize_t payload_bytes, uint32_t index) {
  int count = 0, whole = segment - HEADER_BYTES;
  for (ssize_t rest = payload_bytes; rest > 0; rest -= whole, train += segment, index++, count++) {
    uint32_t checksum = checksum_of(index, train + HEADER_BYTES, rest < whole ? rest : whole);
    uint32_t header[HEADER_BYTES / 4] = {[CHECKSUM_WORD] = htonl(checksum), [INDEX_WORD] = htonl(index)};
    memcpy(train, header, sizeof header);
  }
  return count;
}

static int send_file(const char *host, const char *port, int turns, int segment, const char *path) {
  static char train[TRAIN_BYTES];
  int file = open(path, O_RDONLY);
  if (file < 0) return fail(path);
  int s = open_sender(host, port, segment);
  if (s < 0) return fail("connect");
  uint32_t index = 0;
  ssize_t n;
  for (int turn = 0; turn < turns; turn++) {
    for (long offset = 0; (n = read_train(file, offset, train, segment)) > 0; offset += n) {
      int count = write_headers(train, segment, n, index);
      if (send_train(s, train, count * HEADER_BYTES + n) < 0) return fail("send");
      index += count;
    }
    if (n < 0) return fail(path);
  }
  return 0;
}

/* Chunks that follow each other in the file, on their way into it. */
struct run {
  long offset, byte_count;
  int count;
  struct iovec parts[RUN_CHUNKS];
};

/* Writes the run and begins another at `offset`; -1 with errno. */
static int write_run(struct run *run, int file, long offset) {
  ssize_t n = run->count == 0 ? 0 : pwritev(file, run->parts, run->count, run->offset);
  run->offset = offset, run->byte_count = 0, run->count = 0;
  return n < 0 ? -1 : 0;
}

/* Adds the chunk in a segment to the run when it is whole. Its bytes of payload, 0 for a corrupt one; -1 with errno. */
static long keep_chunk(struct run *run, int file, char *segment, long byte_count, long whole) {
  uint32_t header[HEADER_BYTES / 4];
  if (byte_count <= HEADER_BYTES) return 0;
  memcpy(header, segment, sizeof header);
  char *payload = segment + HEADER_BYTES;
  uint32_t index = ntohl(header[INDEX_WORD]);
  long payload_bytes = byte_count - HEADER_BYTES, offset = index * whole;
  if (checksum_of(index, payload, payload_bytes) != ntohl(header[CHECKSUM_WORD])) return 0;
  if (offset != run->offset + run->byte_count || run->count == RUN_CHUNKS)
    if (write_run(run, file, offset) < 0) return -1;
  run->parts[run->count++] = (struct iovec){payload, payload_bytes};
  run->byte_count += payload_bytes;
  return payload_bytes;
}

/* Keeps the chunks of one message: segments of one size, of which only the last may be short. Bytes, or -1 with errno. */
static long keep_message(struct run *run, int file, struct iovec message, int segment) {
  long kept = 0, size = message.iov_len;
  for (long at = 0; at < size; at += segment) {
    long rest = size - at < segment ? size - at : segment;
    long n = keep_chunk(run, file, (char *)message.iov_base + at, rest, segment - HEADER_BYTES);
    if (n < 0) return -1;
    kept += n;
  }
  return kept;
}

static int receive_file(const char *port, const char *group, int segment, const char *path) {
  static struct run run;
  struct iovec messages[BATCH_MESSAGES];
  struct arrivals arrivals = {0};
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return fail(path);
  int s = open_receiver(port, group);
  if (s < 0) return fail("bind or join");
  for (int count; (count = receive_batch(s, messages)) >= 0;) {
    long kept = 0;
    for (int i = 0; i < count; i++) {
      long n = keep_message(&run, file, messages[i], segment);
      if (n < 0) return fail(path);
      kept += n;
    }
    /* The next batch needs the buffers that the run points into. */
    if (write_run(&run, file, 0) < 0) return fail(path);
    count_arrival(&arrivals, s, kept);
  }
  return errno == EAGAIN ? print_arrivals(arrivals) : fail("receive");
}

int main(int count, char **words) {
  const char *verb = count > 1 ? words[1] : "";
  int segment = count >= 6 ? atoi(words[count - 2]) : 0;
  if (segment > HEADER_BYTES && segment <= TRAIN_BYTES) {
    if (count == 6 && !strcmp(verb, "receive")) return receive_file(words[2], words[3], segment, words[5]);
    if (count == 7 && !strcmp(verb, "send")) return send_file(words[2], words[3], atoi(words[4]), segment, words[6]);
  }
  fprintf(stderr, "usage: see the head of Tools/bench.d/chunk.c\n");
  return 2;
}
