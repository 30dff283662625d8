#ifndef GALLERY_CAPTURES_H
#define GALLERY_CAPTURES_H

#include <stdint.h>
#include <stdio.h>

// Capture files, by libpcap. late_missing(LATE_CAPTURES) must have returned NULL before any of these is called.

typedef struct late_capture_writer late_capture_writer;
typedef struct late_capture_reader late_capture_reader;

// A new capture of raw IP packets with time stamps in nanoseconds. NULL: errno says why not. `longest`: bytes of a packet.
late_capture_writer *late_capture_create(const char *path, int longest);

// One packet; the time since 1970. 0, or the errno of the file that cannot be written; -1 when it has none.
int late_capture_write(late_capture_writer *writer, int64_t seconds, int64_t nanoseconds, const uint8_t *bytes, uint32_t count);

// Writes the buffered bytes and closes the file. The result as above.
int late_capture_finish(late_capture_writer *writer);

enum { LATE_REASON_BYTES = 256 };

// Reads the header of `file`, which is closed with the reader, or at once when it is no capture: then the result is NULL, and
// `reason` is one line of at most LATE_REASON_BYTES with the final zero.
late_capture_reader *late_capture_open(FILE *file, char *reason);

// A number of pcap_datalink(3PCAP): the header in front of each IP packet.
int late_capture_link_type(late_capture_reader *reader);

enum late_capture_step { LATE_CAPTURE_PACKET, LATE_CAPTURE_END, LATE_CAPTURE_BROKEN };

// The next packet: its bytes, which are valid until the next call, how many were kept, and how many it had on the wire.
enum late_capture_step late_capture_next(late_capture_reader *reader, const uint8_t **bytes, uint32_t *kept, uint32_t *whole);

// Why the capture is broken, in libpcap's words.
const char *late_capture_reason(late_capture_reader *reader);

void late_capture_close(late_capture_reader *reader);

#endif
