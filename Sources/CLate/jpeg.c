#include "function.h"

#ifdef GALLERY_VIEWER

#include <turbojpeg.h>

#define JPEG(result, name, parameters, arguments) LATE(LATE_JPEG, result, name, parameters, arguments)

JPEG(tjhandle, tjInitDecompress, (void), ())
JPEG(int, tjDecompressHeader3,
     (tjhandle handle, const unsigned char *bytes, unsigned long count, int *width, int *height, int *subsampling, int *space),
     (handle, bytes, count, width, height, subsampling, space))
JPEG(int, tjDecompress2,
     (tjhandle handle, const unsigned char *bytes, unsigned long count, unsigned char *pixels, int width, int pitch, int height,
      int format, int flags),
     (handle, bytes, count, pixels, width, pitch, height, format, flags))
JPEG(tjscalingfactor *, tjGetScalingFactors, (int *count), (count))
JPEG(int, tjDestroy, (tjhandle handle), (handle))
JPEG(char *, tjGetErrorStr2, (tjhandle handle), (handle))
JPEG(int, tjGetErrorCode, (tjhandle handle), (handle))

#endif
