#include <lcms2.h>

// Formats of pixels, which Little CMS defines by macros that Swift cannot read. Each has 4 bytes.
// B, G, R, and one that is left alone.
static const cmsUInt32Number lcms_bgrx = TYPE_BGRA_8;
// A grey value, and three that are left alone.
static const cmsUInt32Number lcms_grey_xxx = COLORSPACE_SH(PT_GRAY) | EXTRA_SH(3) | CHANNELS_SH(1) | BYTES_SH(1);
// C, M, Y, K as Adobe writes them: 255 is no ink.
static const cmsUInt32Number lcms_cmyk_inverted = TYPE_CMYK_8_REV;
