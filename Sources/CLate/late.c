#include "function.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct library {
  const char *names[2]; // Debian's, and that of a system with another version or with the headers
  const char *package;  // Debian's
  const char *trait;    // of the package gallery, when it was built without: then nothing calls the library
  void *handle;
  char reason[256];
};

#ifdef GALLERY_VIEWER
#define without_viewer NULL
#else
#define without_viewer "Viewer"
#endif
#ifdef GALLERY_CAPTURE
#define without_captures NULL
#else
#define without_captures "Capture"
#endif
#ifdef GALLERY_KEYS
#define without_keys NULL
#else
#define without_keys "Keys"
#endif

static struct library libraries[] = {
    [LATE_WINDOW] = {{"libSDL2-2.0.so.0", "libSDL2.so"}, "libsdl2-2.0-0", without_viewer},
    [LATE_FONTS] = {{"libSDL2_ttf-2.0.so.0", "libSDL2_ttf.so"}, "libsdl2-ttf-2.0-0", without_viewer},
    [LATE_JPEG] = {{"libturbojpeg.so.0", "libturbojpeg.so"}, "libturbojpeg0", without_viewer},
    [LATE_PNG] = {{"libpng16.so.16", "libpng.so"}, "libpng16-16", without_viewer},
    [LATE_CAPTURES] = {{"libpcap.so.0.8", "libpcap.so.1"}, "libpcap0.8", without_captures},
    [LATE_KEYS] = {{"libgcrypt.so.20", "libgcrypt.so"}, "libgcrypt20", without_keys},
    [LATE_IPSEC] = {{"libIPSec_MB.so.1", "libIPSec_MB.so"}, "libipsec-mb1", without_keys},
    [LATE_COLOUR] = {{"liblcms2.so.2", "liblcms2.so"}, "liblcms2-2", without_viewer},
    [LATE_JPEG_STREAM] = {{"libjpeg.so.62", "libjpeg.so.62.3.0"}, "libjpeg62-turbo", without_viewer},
    [LATE_QR] = {{"libqrencode.so.4", "libqrencode.so"}, "libqrencode4", without_keys},
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// With the lock.
static void load(struct library *library) {
  if (library->trait) {
    snprintf(library->reason, sizeof library->reason, "this program was built without %s: build it with the trait %s",
             library->package, library->trait);
    return;
  }
  for (int i = 0; i < 2 && !library->handle; i++) library->handle = dlopen(library->names[i], RTLD_LAZY | RTLD_LOCAL);
  if (!library->handle)
    snprintf(library->reason, sizeof library->reason, "there is no %s on this host: apt-get install %s", library->names[0],
             library->package);
}

const char *late_missing(enum late_library number) {
  struct library *library = &libraries[number];
  pthread_mutex_lock(&lock);
  if (!library->handle) load(library);
  pthread_mutex_unlock(&lock);
  return library->handle ? NULL : library->reason;
}

void *late_function(enum late_library number, const char *name) {
  const char *missing = late_missing(number);
  void *function = missing ? NULL : dlsym(libraries[number].handle, name);
  if (function) return function;
  // Every way here asks late_missing first, so this is a library of the right name without the function.
  fprintf(stderr, "gallery: %s has no %s\n", libraries[number].names[0], name);
  _Exit(2);
}
