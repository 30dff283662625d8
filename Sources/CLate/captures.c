#include "function.h"

#include <pcap/pcap.h>

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
