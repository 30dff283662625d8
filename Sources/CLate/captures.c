#include "captures.h"

#include "function.h"

#ifdef GALLERY_CAPTURE

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#define PCAP(result, name, parameters, arguments) LATE(LATE_CAPTURES, result, name, parameters, arguments)

PCAP(pcap_t *, pcap_fopen_offline, (FILE *file, char *reason), (file, reason))
PCAP(int, pcap_datalink, (pcap_t *handle), (handle))
PCAP(int, pcap_next_ex, (pcap_t *handle, struct pcap_pkthdr **header, const u_char **bytes), (handle, header, bytes))
PCAP(char *, pcap_geterr, (pcap_t *handle), (handle))
PCAP(void, pcap_close, (pcap_t *handle), (handle))
PCAP(pcap_t *, pcap_open_dead_with_tstamp_precision, (int type, int length, u_int precision), (type, length, precision))
PCAP(pcap_dumper_t *, pcap_dump_open, (pcap_t *handle, const char *path), (handle, path))
PCAP(void, pcap_dump, (u_char *dumper, const struct pcap_pkthdr *header, const u_char *bytes), (dumper, header, bytes))
PCAP(FILE *, pcap_dump_file, (pcap_dumper_t *dumper), (dumper))
PCAP(int, pcap_dump_flush, (pcap_dumper_t *dumper), (dumper))
PCAP(void, pcap_dump_close, (pcap_dumper_t *dumper), (dumper))

struct late_capture_writer {
  pcap_t *handle;
  pcap_dumper_t *dumper;
};

// DLT_RAW on Linux: a packet begins with its IPv4 or IPv6 header.
static const int raw_ip = 12;

late_capture_writer *late_capture_create(const char *path, int longest) {
  late_capture_writer *writer = malloc(sizeof *writer);
  if (!writer) return NULL;
  writer->handle = pcap_open_dead_with_tstamp_precision(raw_ip, longest, PCAP_TSTAMP_PRECISION_NANO);
  writer->dumper = writer->handle ? pcap_dump_open(writer->handle, path) : NULL;
  if (writer->dumper) return writer;
  int reason = writer->handle ? errno : ENOMEM;
  if (writer->handle) pcap_close(writer->handle);
  free(writer);
  errno = reason;
  return NULL;
}

static int file_error(void) { return errno ? errno : -1; }

int late_capture_write(late_capture_writer *writer, int64_t seconds, int64_t nanoseconds, const uint8_t *bytes, uint32_t count) {
  struct pcap_pkthdr record = {.caplen = count, .len = count};
  record.ts.tv_sec = seconds;
  record.ts.tv_usec = nanoseconds; // as the precision says
  pcap_dump((u_char *)writer->dumper, &record, bytes);
  // pcap_dump reports nothing; its file does.
  return ferror(pcap_dump_file(writer->dumper)) ? file_error() : 0;
}

int late_capture_finish(late_capture_writer *writer) {
  int code = pcap_dump_flush(writer->dumper) ? file_error() : 0;
  pcap_dump_close(writer->dumper);
  pcap_close(writer->handle);
  free(writer);
  return code;
}

// A reader is libpcap's own.
late_capture_reader *late_capture_open(FILE *file, char *reason) {
  _Static_assert(PCAP_ERRBUF_SIZE <= LATE_REASON_BYTES, "libpcap's reasons fit");
  late_capture_reader *reader = (late_capture_reader *)pcap_fopen_offline(file, reason);
  if (!reader) fclose(file);
  return reader;
}

int late_capture_link_type(late_capture_reader *reader) { return pcap_datalink((pcap_t *)reader); }

enum late_capture_step late_capture_next(late_capture_reader *reader, const uint8_t **bytes, uint32_t *kept, uint32_t *whole) {
  struct pcap_pkthdr *header = NULL;
  int code = pcap_next_ex((pcap_t *)reader, &header, bytes);
  if (code == PCAP_ERROR_BREAK) return LATE_CAPTURE_END;
  if (code != 1 || !header) return LATE_CAPTURE_BROKEN;
  *kept = header->caplen;
  *whole = header->len;
  return LATE_CAPTURE_PACKET;
}

const char *late_capture_reason(late_capture_reader *reader) {
  const char *reason = pcap_geterr((pcap_t *)reader);
  return reason ? reason : "no reason given";
}

void late_capture_close(late_capture_reader *reader) { pcap_close((pcap_t *)reader); }

#else // late_missing says so first, so nobody comes here

#include <errno.h>

late_capture_writer *late_capture_create(const char *path, int longest) {
  (void)path, (void)longest;
  errno = ENOSYS;
  return NULL;
}
int late_capture_write(late_capture_writer *writer, int64_t seconds, int64_t nanoseconds, const uint8_t *bytes, uint32_t count) {
  (void)writer, (void)seconds, (void)nanoseconds, (void)bytes, (void)count;
  return ENOSYS;
}
int late_capture_finish(late_capture_writer *writer) {
  (void)writer;
  return ENOSYS;
}
late_capture_reader *late_capture_open(FILE *file, char *reason) {
  reason[0] = 0;
  fclose(file);
  return NULL;
}
int late_capture_link_type(late_capture_reader *reader) {
  (void)reader;
  return -1;
}
enum late_capture_step late_capture_next(late_capture_reader *reader, const uint8_t **bytes, uint32_t *kept, uint32_t *whole) {
  (void)reader, (void)bytes, (void)kept, (void)whole;
  return LATE_CAPTURE_BROKEN;
}
const char *late_capture_reason(late_capture_reader *reader) {
  (void)reader;
  return "";
}
void late_capture_close(late_capture_reader *reader) { (void)reader; }

#endif
