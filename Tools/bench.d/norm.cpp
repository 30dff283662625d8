/* NORM (RFC 5740) through NRL's library: the peer of Tools/bench for which Debian has no command.
 *
 *   norm send ADDRESS PORT INTERFACE RATE RECEIVERS SEGMENT FILE   one file at RATE bits/s, 0: its congestion control;
 *                                                                  RECEIVERS nodes, 2, 3…, must acknowledge it; prints seconds
 *   norm receive ADDRESS PORT INTERFACE NODE FOLDER                one file, into FOLDER
 *
 * C++ only because normApi.h of Debian 12 is not C. 64 source symbols and up to 8 repair symbols a block, buffers as large
 * as the kernel grants, as NORM's own benchmarks have it. ADDRESS is a group, or the other side. */
#include <normApi.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>

static constexpr unsigned bufferBytes = 8u << 20, cacheBytes = 64u << 20;
static constexpr unsigned blockSymbols = 64, paritySymbols = 8;

static double secondsNow() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

static bool isGroup(const char *address) { return atoi(address) >= 224; }

static int fail(const char *what) {
  fprintf(stderr, "norm: %s failed\n", what);
  return 1;
}

static int send(NormInstanceHandle instance, char **words) {
  const char *address = words[0], *interface = words[2], *path = words[6];
  const double rate = atof(words[3]);
  const int receivers = atoi(words[4]);
  NormSessionHandle session = NormCreateSession(instance, address, atoi(words[1]), 1);
  if (session == NORM_SESSION_INVALID) return fail("session");
  NormSetMulticastInterface(session, interface);
  NormSetGrttEstimate(session, 0.001);
  NormSetGroupSize(session, receivers);
  // A unicast receiver answers the address from which we send: the one socket must be the one that listens.
  NormSetTxPort(session, atoi(words[1]));
  NormSetTxCacheBounds(session, cacheBytes, 1, 2048);
  if (rate > 0) NormSetTxRate(session, rate);
  else NormSetCongestionControl(session, true, true);
  for (int i = 0; i < receivers; i++) NormAddAckingNode(session, 2 + i);
  if (!NormStartSender(session, 1, bufferBytes, atoi(words[5]), blockSymbols, paritySymbols)) return fail("sender");
  NormSetTxSocketBuffer(session, bufferBytes);
  const double began = secondsNow();
  NormObjectHandle object = NormFileEnqueue(session, path, "one-file", 8);
  if (object == NORM_OBJECT_INVALID) return fail("file");
  NormSetWatermark(session, object, true);
  for (NormEvent event; NormGetNextEvent(instance, &event);) {
    if (event.type != NORM_TX_WATERMARK_COMPLETED) continue;
    if (NormGetAckingStatus(session) == NORM_ACK_SUCCESS) {
      printf("%.6f\n", secondsNow() - began);
      return 0;
    }
    NormResetWatermark(session);
  }
  return fail("event");
}

static int receive(NormInstanceHandle instance, char **words) {
  const char *address = words[0], *interface = words[2], *folder = words[4];
  NormSessionHandle session = NormCreateSession(instance, address, atoi(words[1]), atoi(words[3]));
  if (session == NORM_SESSION_INVALID) return fail("session");
  NormSetMulticastInterface(session, interface);
  NormSetCacheDirectory(instance, folder);
  NormSetRxCacheLimit(session, 2048);
  if (!isGroup(address)) NormSetDefaultUnicastNack(session, true);
  if (!NormStartReceiver(session, cacheBytes)) return fail("receiver");
  NormSetRxSocketBuffer(session, bufferBytes);
  char path[4096] = "";
  for (NormEvent event; NormGetNextEvent(instance, &event);) {
    if (event.type == NORM_RX_OBJECT_ABORTED) return fail("object");
    if (event.type != NORM_RX_OBJECT_COMPLETED) continue;
    NormFileGetName(event.object, path, sizeof path - 1);
    char wanted[4200];
    snprintf(wanted, sizeof wanted, "%s/one-file", folder);
    NormFileRename(event.object, wanted);
    // Stays until it is told to end: it has to acknowledge.
  }
  return 0;
}

int main(int count, char **words) {
  NormInstanceHandle instance = NormCreateInstance();
  if (count == 9 && !strcmp(words[1], "send")) return send(instance, words + 2);
  if (count == 7 && !strcmp(words[1], "receive")) return receive(instance, words + 2);
  fprintf(stderr, "usage: see the head of Tools/bench.d/norm.cpp\n");
  return 2;
}
