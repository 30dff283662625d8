#include "function.h"

#ifdef GALLERY_VIEWER

#include <lcms2.h>

#define COLOUR(result, name, parameters, arguments) LATE(LATE_COLOUR, result, name, parameters, arguments)

COLOUR(cmsHPROFILE, cmsOpenProfileFromMem, (const void *bytes, cmsUInt32Number count), (bytes, count))
COLOUR(cmsHPROFILE, cmsCreate_sRGBProfile, (void), ())
COLOUR(cmsBool, cmsCloseProfile, (cmsHPROFILE profile), (profile))
COLOUR(cmsColorSpaceSignature, cmsGetColorSpace, (cmsHPROFILE profile), (profile))
COLOUR(cmsHTRANSFORM, cmsCreateTransform,
       (cmsHPROFILE from, cmsUInt32Number from_format, cmsHPROFILE to, cmsUInt32Number to_format, cmsUInt32Number intent,
        cmsUInt32Number flags),
       (from, from_format, to, to_format, intent, flags))
LATE(LATE_COLOUR, void, cmsDoTransform, (cmsHTRANSFORM transform, const void *in, void *out, cmsUInt32Number count),
     (transform, in, out, count))
COLOUR(void, cmsDeleteTransform, (cmsHTRANSFORM transform), (transform))

#endif
