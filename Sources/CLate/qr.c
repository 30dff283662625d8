#include "qr.h"

#include "function.h"

#ifdef GALLERY_KEYS

#include <qrencode.h>
#include <stddef.h>

LATE(LATE_QR, QRcode *, QRcode_encodeString8bit, (const char *text, int version, QRecLevel level), (text, version, level))
LATE(LATE_QR, void, QRcode_free, (QRcode *code), (code))

int late_qr_code(const char *text, uint8_t *modules) {
  // The smallest version that fits, with the lowest level of error correction.
  QRcode *code = late_missing(LATE_QR) ? NULL : QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
  if (!code) return 0;
  int width = code->data && code->width * code->width <= LATE_QR_MODULES ? code->width : 0;
  // The lowest bit of a module is its colour.
  for (int i = 0; i < width * width; i++) modules[i] = code->data[i] & 1;
  QRcode_free(code);
  return width;
}

#else

int late_qr_code(const char *text, uint8_t *modules) {
  (void)text, (void)modules;
  return 0;
}

#endif
