#ifndef GALLERY_QR_H
#define GALLERY_QR_H

#include <stdint.h>

// The largest QR code has 177 modules a side.
enum { LATE_QR_MODULES = 177 * 177 };

// Writes the modules of the QR code of `text`, row by row, 1 for dark, and returns how many a row has. 0: libqrencode is not
// there, or the text is too long. `modules` has room for LATE_QR_MODULES.
int late_qr_code(const char *text, uint8_t *modules);

#endif
