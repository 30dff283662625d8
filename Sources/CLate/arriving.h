#ifndef GALLERY_ARRIVING_H
#define GALLERY_ARRIVING_H

#include <stddef.h>
#include <stdint.h>

// A JPEG that libjpeg decodes while its bytes arrive, at an eighth to all of its size. TurboJPEG needs the whole file at once.
// A stream belongs to one thread at a time. late_missing(LATE_JPEG_STREAM) comes first.
typedef struct late_arriving late_arriving;

enum late_arriving_state {
  LATE_ARRIVING_WAITS,  // for more bytes
  LATE_ARRIVING_WHOLE,  // all rows are decoded, and nothing was wrong
  LATE_ARRIVING_BROKEN, // the file is damaged, or of a kind that is not decoded here
};

// `pixels` are width × height of the bytes B, G, R, 255; they stay the caller's and must outlive the stream. `eighths` is the
// scale, 1 to 8. NULL: no memory, or another version of libjpeg.
late_arriving *late_arriving_begin(uint32_t *pixels, int width, int height, int eighths);

// Decodes as far as the file's first `count` bytes allow. `count` never shrinks, and bytes once given never change.
enum late_arriving_state late_arriving_take(late_arriving *stream, const uint8_t *bytes, size_t count);

// Draws what the scans so far give, of an image with several. The rows that are decoded now, from the top; 0 when the pixels
// are those of the last call, -1 when the file is broken.
int late_arriving_rows(late_arriving *stream);

void late_arriving_end(late_arriving *stream);

#endif
