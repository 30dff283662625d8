#include "function.h"

#ifdef GALLERY_VIEWER

#include <png.h>

LATE(LATE_PNG, int, png_image_write_to_file,
     (png_imagep image, const char *path, int convert, const void *pixels, png_int_32 stride, const void *colours),
     (image, path, convert, pixels, stride, colours))
LATE(LATE_PNG, void, png_image_free, (png_imagep image), (image))

#endif
