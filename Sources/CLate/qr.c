#include "function.h"

#include <qrencode.h>

LATE(LATE_QR, QRcode *, QRcode_encodeString8bit, (const char *text, int version, QRecLevel level), (text, version, level))
LATE(LATE_QR, void, QRcode_free, (QRcode *code), (code))
